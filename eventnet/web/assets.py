"""Addresses of static files that change with their contents, so that browsers may keep each of them forever."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from flask import Flask, g, request, url_for
from werkzeug.wrappers import Response

VERSIONED = "v/"


def install(app: Flask) -> Callable[[str], str]:
    """Serve /static/v/<version>/… beside /static/…; returns `asset(path)`, the address of a file.

    A script's address carries the version of all scripts in its path and not behind a question mark: what a module
    imports by a relative name is then of the same version, also where an old page meets a new server.
    """
    folder = Path(app.static_folder or "")
    serve = app.view_functions["static"]

    @lru_cache(maxsize=512)
    def version(path: str, _changed: int) -> str:
        return hashlib.sha256((folder / path).read_bytes()).hexdigest()[:10]

    def asset(path: str) -> str:
        file = folder / path
        if path.endswith((".js", ".wasm")):
            return url_for("static", filename=f"{VERSIONED}{scripts_version(folder)}/{path}")
        if not file.is_file():
            return url_for("static", filename=path)
        return url_for("static", filename=path, v=version(path, file.stat().st_mtime_ns))

    def static(filename: str) -> Response:
        g.is_asset_kept = "v" in request.args
        if filename.startswith(VERSIONED):
            asked, _slash, filename = filename.removeprefix(VERSIONED).partition("/")
            # A page of another version gets today's file, but must not keep it under yesterday's name.
            g.is_asset_kept = asked == scripts_version(folder)
        return serve(filename=filename)  # type: ignore[return-value]

    app.view_functions["static"] = static
    return asset


@lru_cache(maxsize=8)
def scripts_version(folder: Path) -> str:
    """The version of all scripts together, and of what they load; read once in a process."""
    found = hashlib.sha256()
    for path in sorted(path for pattern in ("*.js", "*.wasm") for path in folder.rglob(pattern)):
        found.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:10]
