"""Response headers: content security, referrer, permissions, caching."""

from __future__ import annotations

from flask import Flask, g, request
from werkzeug.wrappers import Response

from eventnet.config import Settings
from eventnet.web import cookies

POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; worker-src 'self'; child-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# A worker that the network loads takes the policy of its own response: only the decoder may compile wasm.
DECODER = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'"
DECODER_PATH = "/contacts/decoder.js"
FOREVER = "public, max-age=31536000, immutable"
HARDENED = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Permissions-Policy", "camera=(self), microphone=(), geolocation=(), payment=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    # By this a phone tells our answer from that of a captive portal.
    ("X-Eventnet", "1"),
]


def install(app: Flask) -> None:
    settings: Settings = app.extensions["settings"]
    always = HARDENED.copy()
    if settings.is_https and not settings.demo:
        always.append(("Strict-Transport-Security", "max-age=31536000"))

    @app.after_request
    def write(response: Response) -> Response:
        cookies.write(response)
        headers = response.headers
        is_static = request.endpoint == "static"
        is_decoder = is_static and request.path.endswith(DECODER_PATH)
        headers.setdefault("Content-Security-Policy", DECODER if is_decoder else POLICY)
        headers.extend(always)
        if is_static:
            headers["Cache-Control"] = FOREVER if g.get("is_asset_kept") else "no-cache"
        elif not g.get("cacheable"):
            headers["Cache-Control"] = "no-store"
            headers["Vary"] = "Cookie"
            headers["X-Robots-Tag"] = "noindex"
        return response
