"""Health: is the process alive, is it ready to serve, and its numbers for a monitor."""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import Any

from alembic.script import ScriptDirectory
from flask import Blueprint, jsonify, request
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from werkzeug.wrappers import Response

from eventnet import clock, config, db
from eventnet.errors import NotFound
from eventnet.web import cookies
from eventnet.words import gettext as _

bp = Blueprint("health", __name__)
MIGRATIONS = config.ROOT / "eventnet" / "migrations"


@bp.get("/healthz")
def alive() -> Response:
    """The process answers; says nothing about the database."""
    return jsonify({"status": "alive"})


@bp.get("/readyz")
def ready() -> Response:
    """200 when the database answers and is migrated to this version; the worker is told, not demanded."""
    problem = database_problem()
    body: dict[str, Any] = {"status": "ready" if not problem else "not ready"}
    if problem:
        body["problem"] = problem
    else:
        beat = last_beat()
        body["worker_beat_seconds_ago"] = None if beat is None else int((clock.now() - beat).total_seconds())
    answer = jsonify(body)
    answer.status_code = 503 if problem else 200
    return answer


@bp.get("/metrics")
def metrics() -> Response:
    """Numbers in Prometheus' text format, for whoever has the key; without a key there is no such page."""
    key = cookies.settings().metrics_key
    given = request.headers.get("Authorization", "")
    if not key or not hmac.compare_digest(given.encode(), f"Bearer {key}".encode()):
        raise NotFound
    registry = CollectorRegistry()
    registry.register(_Numbers())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def database_problem() -> str:
    """A sentence about what keeps the database from serving; empty when nothing does."""
    try:
        found = set(db.session.scalars(text("SELECT version_num FROM alembic_version")).all())
    except DatabaseError:
        return _("The database cannot be reached, or is empty. Check EVENTNET_DATABASE_URL, then run: "
                 "eventnet db upgrade")
    heads = set(ScriptDirectory(str(MIGRATIONS)).get_heads())
    return "" if found == heads else _("The database is of another version. Run: eventnet db upgrade")


def last_beat() -> datetime | None:
    """When a worker last showed that it lives; None when none ever did."""
    beat = text("SELECT last_beat_at FROM timetable WHERE name = 'worker'").columns(last_beat_at=db.UtcDateTime())
    found: datetime | None = db.session.scalar(beat)
    return found


class _Numbers(Collector):
    """Read from the database at each scrape: all processes answer the same."""

    def collect(self) -> list[Metric]:
        mails = GaugeMetricFamily("eventnet_mails", "Mails by state", labels=["state"])
        for state, number in db.session.execute(text("SELECT state, count(*) FROM mails GROUP BY state ORDER BY 1")):
            mails.add_metric([state], number)
        rows = GaugeMetricFamily("eventnet_rows", "Rows by table", labels=["table"])
        for table in ("events", "attendees", "encounters", "scans"):
            rows.add_metric([table], db.session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)  # noqa: S608
        beat = last_beat()
        age = (clock.now() - beat).total_seconds() if beat else float("nan")
        worker = GaugeMetricFamily("eventnet_worker_beat_seconds", "Seconds since a worker last showed life", value=age)
        return [mails, rows, worker]
