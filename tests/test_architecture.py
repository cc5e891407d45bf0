"""The layout as a test: slices in order, edges speak HTTP and never SQL, pure modules neither, names mirror."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from eventnet import clock, db, migrations, tables
from eventnet.attendees.models import Attendee
from eventnet.audit import log
from eventnet.audit.models import AuditEntry
from eventnet.cards.models import Grant
from eventnet.events.models import Event
from tests.factories import make_attendee, make_event, make_organizer

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "eventnet"

# The reading order of the code: each slice imports only what stands before it.
SLICES = (
    "audit", "outbox", "accounts", "events", "attendees", "badges", "cards", "encounters", "contacts",
    "suggestions", "summaries", "lifecycle", "overview",
)
GROUND = ("config", "clock", "errors", "words", "db", "links", "web", "terminal")
ROOF = ("serving", "tables", "migrations", "routes", "jobs", "doctor", "cli", "demo", "__init__")
EDGES = ("pages", "public", "admin", "desk", "api", "commands", "mail_links", "own_browsers", "boundaries",
         "trying")
FORBIDDEN_NAMES = ("utils", "helpers", "common", "core", "base", "misc", "manager", "service", "handler")


def modules() -> Iterator[tuple[str, Path]]:
    """Every module with its name below eventnet: ("encounters.recording", path)."""
    for path in sorted(PACKAGE.rglob("*.py")):
        if "versions" in path.parts:
            continue
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        yield name.removesuffix(".__init__"), path


def imports(path: Path) -> set[str]:
    """Modules that a file imports, with names below eventnet written as in `modules`."""
    found: set[str] = set()
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            node.body.clear()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def ours(path: Path) -> set[str]:
    """Our own modules that a file imports: {"outbox.planning", …}."""
    known = {name for name, _ in modules()}
    below = {name.removeprefix("eventnet.") for name in imports(path) if name.startswith("eventnet.")}
    return {name for name in below if name in known}


def place(name: str) -> int:
    top = name.split(".")[0]
    if top in GROUND:
        return 0
    if top in SLICES:
        return 1 + SLICES.index(top)
    return 100


def test_every_folder_is_a_slice_or_known() -> None:
    tops = {name.split(".")[0] or "__init__" for name, _ in modules()}
    assert tops <= {*SLICES, *GROUND, *ROOF}, "a new top-level module needs its place in SLICES, GROUND or ROOF"


def test_slices_import_only_earlier_ones() -> None:
    wrong = [
        f"{name} imports {other}" for name, path in modules() for other in ours(path)
        if place(other) > place(name)
    ]
    assert wrong == []


def test_import_graph_has_no_circle() -> None:
    graph = {name: ours(path) - {name} for name, path in modules()}
    # `from eventnet import db` names the package; its __init__ imports lazily, inside create_app.
    graph.pop("__init__", None)
    while graph:
        leaves = [name for name, needs in graph.items() if not needs & graph.keys()]
        assert leaves, f"a circle among {sorted(graph)}"
        for name in leaves:
            del graph[name]


def test_edges_never_speak_sql() -> None:
    wrong = [
        f"{name} imports {other}" for name, path in modules() if name.rpartition(".")[2] in EDGES
        for other in imports(path) if other.split(".")[0] == "sqlalchemy"
    ]
    assert wrong == []


def test_logic_never_imports_flask() -> None:
    http = {*EDGES, "access", "forms"}
    wrong = [
        name for name, path in modules()
        if name.split(".")[0] in SLICES and name.rpartition(".")[2] not in http
        and any(other.split(".")[0] == "flask" for other in imports(path))
    ]
    assert wrong == []


def test_edges_use_of_db_only_transactions() -> None:
    allowed = {"transaction", "reading"}
    wrong = []
    for name, path in modules():
        if name.rpartition(".")[2] in EDGES and name.split(".")[0] in SLICES:
            used = set(re.findall(r"\bdb\.(\w+)", path.read_text("utf-8")))
            wrong += [f"{name} uses db.{word}" for word in used - allowed]
    assert wrong == []


def test_modules_begin_with_one_sentence() -> None:
    missing = [name for name, path in modules() if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]
    assert missing == []


def test_modules_have_names_that_say_something() -> None:
    assert [name for name, _ in modules() if name.rpartition(".")[2] in FORBIDDEN_NAMES] == []


@pytest.mark.parametrize("mirror", ["templates", "static", "tests"])
def test_folders_mirror_the_package(mirror: str) -> None:
    extra = {"templates": {"layouts", "demo"}, "static": {"layouts", "lib", "demo"},
             "tests": {"demo", "stories", "browser", "bench", "web", "security", "__pycache__"}}[mirror]
    folders = {path.name for path in (ROOT / mirror).iterdir() if path.is_dir()}
    assert folders <= {*SLICES, *extra}


def test_tables_and_migrations_agree(database: db.Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with database.writer.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), tables.metadata)
    assert differences == []


def test_migrations_have_one_head() -> None:
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert len(script.get_heads()) == 1


def test_migrations_go_down_and_up_again(database: db.Database) -> None:
    migrations.downgrade(database, "base")
    migrations.upgrade(database)
    with database.writer.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM attendees").scalar() == 0


def test_migrations_keep_the_rows_on_the_way_down_and_up(database: db.Database) -> None:
    with db.transaction():
        event = make_event(owner=make_organizer())
        ada, grace = (make_attendee(event, name, shared=["email"]) for name in ("Ada Lovelace", "Grace Hopper"))
        log.write("attendee.added", "command line", event.id)
        db.session.add(Grant(event_id=event.id, giver_id=ada.id, receiver_id=grace.id, fields=["name"],
                             wording="2026-11", given_at=clock.now()))
    migrations.downgrade(database, "0001")
    migrations.upgrade(database)
    with db.transaction():
        assert {attendee.badge_name for attendee in db.session.query(Attendee)} == {"Ada Lovelace", "Grace Hopper"}
        assert db.session.query(Grant).one().fields == ["name"]
        assert db.session.query(AuditEntry).one().act == "attendee.added"
        assert db.session.query(Event).one().slug == "mixer"
    if database.is_sqlite:
        with database.writer.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_tables_of_an_event_point_by_event_and_id() -> None:
    """A row of one event cannot point into another: foreign keys to attendees name the event as well."""
    wrong = [
        f"{table.name}: {constraint.column_keys}" for table in tables.metadata.sorted_tables
        for constraint in table.foreign_key_constraints
        if constraint.referred_table.name in ("attendees", "programme_items")
        and "event_id" not in constraint.column_keys
    ]
    assert wrong == []


def committed() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def test_templates_have_no_inline_script_or_style() -> None:
    inline = re.compile(r"<script(?![^>]*\bsrc=)|\son\w+=\"|\sstyle=\"|<style", re.IGNORECASE)
    wrong = [
        path for path in committed()
        if path.startswith("templates/") and "/mail" not in path and path.endswith(".html")
        and inline.search((ROOT / path).read_text("utf-8"))
    ]
    assert wrong == []


def test_pages_load_nothing_from_elsewhere() -> None:
    loads = re.compile(r"""(?:src|href|action)=["']https?://|@import|url\(["']?https?://|from ["']https?://""")
    wrong = [
        path for path in committed()
        if path.startswith(("templates/", "static/")) and path.endswith((".html", ".css", ".js"))
        and loads.search((ROOT / path).read_text("utf-8"))
    ]
    assert wrong == []


def test_lock_files_name_no_registry() -> None:
    locks = [path for path in committed() if path.endswith((".lock", "package-lock.json", ".npmrc"))]
    registry = re.compile(r"https?://[^\s\"]*(pypi|npmjs|registry)")
    wrong = [path for path in locks if registry.search((ROOT / path).read_text("utf-8"))]
    assert wrong == []
    assert len(locks) >= 3
