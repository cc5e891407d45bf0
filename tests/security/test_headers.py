"""Every answer carries the policy: pages, errors, redirects, files; and no answer with a person in it is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from eventnet import create_app, db
from eventnet.config import ROOT, Settings
from eventnet.web import headers
from tests.clients import Client
from tests.security import doors, probes
from tests.security.world import World

pytestmark = pytest.mark.sqlite

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin", "Strict-Transport-Security": "max-age=31536000",
}
# Frames of our own: a mail as it will be sent, which has its styles inside and may nothing else.
FRAMED = {"summaries_admin.preview_mail"}


def answers(world: World) -> Iterator[tuple[str, str, TestResponse]]:
    """(endpoint, what was asked, answer) of every rule as three people, of errors of each kind, and of all files."""
    for rule in doors.RULES:
        path = doors.address(rule, doors.known_values(world, rule))
        for who in dict.fromkeys(("nobody", *probes.insider(probes.audience(world, rule), "mixer"))):
            for method in doors.methods(rule):
                with doors.rehearsal():
                    yield rule.endpoint, f"{method} {path} by {who}", doors.knock(world, who, method, path)
    client = world.client("ada")
    yield "", "404", client.get("/nowhere/at/all")
    yield "", "405", client.put("/e/mixer/card")
    yield "", "403", client.post("/e/mixer/card")
    yield "", "308", client.get("/admin")
    yield "", "421", client.get("/", environ_overrides={"HTTP_HOST": "evil.example"})
    yield "", "413", client.post("/e/mixer/card", data=b"x" * (17 * 2**20), content_type="application/octet-stream")
    yield "", "415", client.post("/api/v1/encounters", data="x", headers={"X-CSRF-Token": client.csrf()})
    for path in sorted((ROOT / "static").rglob("*")):
        if path.is_file():
            name = path.relative_to(ROOT).as_posix()
            yield "static", name, client.get(f"/{name}")
    yield "static", "no such file", client.get("/static/nothing.js")


def directives(policy: str) -> dict[str, list[str]]:
    return {words[0]: words[1:] for part in policy.split(";") if (words := part.split())}


def problems(endpoint: str, asked: str, answer: TestResponse) -> Iterator[str]:
    for name, value in EVERYWHERE.items():
        if answer.headers.getlist(name) != [value] and not (asked == "421" and name.startswith("Strict")):
            yield f"{asked}: {name} is {answer.headers.getlist(name)}"
    if "camera=(self)" not in answer.headers.get("Permissions-Policy", ""):
        yield f"{asked}: Permissions-Policy is {answer.headers.get('Permissions-Policy')}"
    policies = answer.headers.getlist("Content-Security-Policy")
    if len(policies) != 1:
        yield f"{asked}: {len(policies)} content policies"
        return
    said = directives(policies[0])
    scripts = said.get("script-src", said.get("default-src", ["*"]))
    if not set(scripts) <= {"'self'", "'none'"} and not asked.endswith("contacts/decoder.js"):
        yield f"{asked}: scripts from {scripts}"
    if asked.endswith("contacts/decoder.js") and scripts != ["'self'", "'wasm-unsafe-eval'"]:
        yield f"{asked}: the decoder may {scripts}"
    if "'unsafe-inline'" in policies[0] and endpoint not in FRAMED:
        yield f"{asked}: unsafe-inline"
    if re.search(r"'unsafe-eval'|\*|https?:", policies[0]):
        yield f"{asked}: {policies[0]}"
    if not asked.endswith("contacts/decoder.js") and not {"base-uri", "form-action", "frame-ancestors"} <= said.keys():
        yield f"{asked}: the policy lacks base-uri, form-action or frame-ancestors"
    if endpoint != "static" and not asked.startswith("OPTIONS") and asked != "421":
        kept = answer.headers.get("Cache-Control", "")
        if kept != "no-store":
            yield f"{asked}: Cache-Control is {kept!r}"
        if answer.headers.get("X-Robots-Tag") != "noindex" or "Cookie" not in answer.headers.get("Vary", ""):
            yield f"{asked}: may be indexed or shared between people"
    for cookie in answer.headers.getlist("Set-Cookie"):
        if not re.match(r"__Host-", cookie) or not all(
                word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/")) or "Domain=" in cookie:
            yield f"{asked}: cookie {cookie.partition('=')[0]} is too loose"
    if "Server" in answer.headers or "X-Powered-By" in answer.headers:
        yield f"{asked}: says what it runs on"


def test_every_answer_carries_the_policy(world: World) -> None:
    found, count = [], 0
    for endpoint, asked, answer in answers(world):
        count += 1
        found += problems(endpoint, asked, answer)
    assert found == []
    assert count > 700


def test_header_check_sees_a_loose_policy(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: without the header each answer is reported, and with a loose one as well."""
    monkeypatch.setattr(headers, "POLICY", headers.POLICY + "; script-src 'self' 'unsafe-inline'")
    answer = world.client().get("/")
    assert [line for line in problems("home.start", "GET /", answer) if "unsafe-inline" in line] != []


def test_cookies_on_http_have_plain_names(settings: Settings) -> None:
    """Browsers drop `__Host-` and Secure cookies on http, which is for loopback alone."""
    app = create_app(replace(settings, base_url="http://localhost:8000"))
    app.test_client_class = Client
    try:
        client = app.test_client()
        answer = client.get("/admin/sign-in")
        names = [cookie.partition("=")[0] for cookie in answer.headers.getlist("Set-Cookie")]
        assert names == ["eventnet-visitor"]
        assert "Secure" not in answer.headers["Set-Cookie"]
        assert "Strict-Transport-Security" not in answer.headers
    finally:
        db.database().dispose()
