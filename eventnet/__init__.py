"""eventnet: accounts organize events; attendees wear badges and show cards; a scanned badge is an encounter.

Encounters fill contacts and feed suggestions; summaries tell it all by mail; the overview shows how it goes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from eventnet.config import Settings

__version__ = "0.1.0"


def create_app(settings: Settings | None = None) -> Flask:
    """The web application. Reads the environment when no settings are given; raises SettingsError."""
    from eventnet import clock, config, db, routes
    from eventnet.accounts import access
    from eventnet.web import audiences, csrf, errors, floods, headers, hosts, proxies, requests, templating

    settings = settings or config.load()
    app = Flask(__name__, static_folder=str(config.ROOT / "static"), template_folder=str(config.ROOT / "templates"))
    app.config.update(SECRET_KEY=settings.secret_key, MAX_CONTENT_LENGTH=16 * 2**20, MAX_FORM_MEMORY_SIZE=2**20)
    app.config.update(
        SESSION_COOKIE_NAME=settings.cookie_name("eventnet-flash"), SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_HTTPONLY=True,
    )
    app.extensions["settings"] = settings
    if settings.demo:
        clock.follow(settings.var / "clock-shift")
    floods.install(app)
    requests.install(app, db.connect(settings.database_url))
    proxies.install(app, settings.trusted_proxies)
    csrf.install(app)
    audiences.install(app, routes.site(settings))
    access.demand_step_up(app, routes.STEP_UP)
    headers.install(app)
    errors.install(app)
    templating.install(app)
    hosts.install(app)
    return app
