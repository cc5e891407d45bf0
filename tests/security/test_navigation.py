"""Where a sign-in may lead: eighty ways to leave the site, on every page that takes `next`, read as browsers do."""

from __future__ import annotations

import inspect
import re
from html import unescape
from types import ModuleType
from urllib.parse import quote, urljoin, urlsplit

import pytest
from werkzeug.routing import Rule

from eventnet.web.destinations import safe_next
from tests.security import doors
from tests.security.world import World

pytestmark = pytest.mark.sqlite
HOST = "ev.example"
EVIL = "evil.example"
VECTORS = (
    f"//{EVIL}", f"///{EVIL}", f"////{EVIL}", f"/////{EVIL}/", f"/\\{EVIL}", f"\\/{EVIL}", f"\\\\{EVIL}", f"/\\/{EVIL}",
    f"/\\\\{EVIL}", f"\\{EVIL}", f"//\\{EVIL}", f"/ /{EVIL}", f"/\t/{EVIL}", f"/\n/{EVIL}", f"/\r/{EVIL}",
    f"/\r\n/{EVIL}", f"\t//{EVIL}", f"\n//{EVIL}", f" //{EVIL}", f"\x00//{EVIL}", f"\x0b//{EVIL}", f"\x1f//{EVIL}",
    f"/\x00/{EVIL}", f"/\x0b/{EVIL}", f"/\x7f/{EVIL}", f"/\u200b/{EVIL}", f"/\u00ad/{EVIL}", f"/\ufeff/{EVIL}",
    f"\u2028//{EVIL}", f"/\u2029/{EVIL}", f"\u3000//{EVIL}", f"／／{EVIL}", f"/／{EVIL}", f"∕∕{EVIL}", f"⁄⁄{EVIL}",
    f"https:{EVIL}", f"https:/{EVIL}", f"https://{EVIL}", f"https:///{EVIL}", f"HTTPS://{EVIL}", f"hTTp://{EVIL}",
    f"http:\\\\{EVIL}", f"https:\\{EVIL}", f"ht\ntps://{EVIL}", f"ftp://{EVIL}", f"ws://{EVIL}", f"//{EVIL}:443",
    f"//{EVIL}?{HOST}", f"//{EVIL}#{HOST}", f"//{HOST}@{EVIL}", f"//{HOST}:x@{EVIL}", f"https://{HOST}@{EVIL}",
    f"https://{HOST}%40{EVIL}", f"https://{HOST}.{EVIL}", f"//{HOST}.{EVIL}", f"//{HOST}%00.{EVIL}",
    f"//{HOST}\\@{EVIL}", f"//{HOST}%5c@{EVIL}", f"//[::1]@{EVIL}", "//[::1", "//2130706433", "//0x7f000001",
    "//127.1", "//①②⑦.0.0.1", "//ｅvil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)",
    "\x01javascript:alert(1)", "javascript://%0aalert(1)", "/javascript:alert(1)//\\\\evil.example",
    "data:text/html,<script>alert(1)</script>", "vbscript:msgbox(1)", "blob:https://evil.example/1",
    "file:///etc/passwd", "mailto:a@evil.example", "tel:+1", "intent://evil.example#Intent;scheme=https;end",
    "view-source:https://evil.example",
    f"/%2f{EVIL}", f"/%2F%2F{EVIL}", f"%2f%2f{EVIL}", f"/%5c{EVIL}", f"/%5C%5C{EVIL}", f"/%09/{EVIL}",
    f"/%0d%0a/{EVIL}",
    f"/%0d%0aLocation:%20https://{EVIL}", f"/\r\nLocation: https://{EVIL}", "/\r\nSet-Cookie: a=b", f"/..//{EVIL}",
    f"/.//{EVIL}", f"/../..//{EVIL}", f"/./\\{EVIL}", f"/e/../..//{EVIL}", f"/%2e%2e//{EVIL}", f"/%2e//{EVIL}",
    f"/;//{EVIL}", f"/?//{EVIL}", f"/#//{EVIL}", f"?next=//{EVIL}", f"#//{EVIL}", f";//{EVIL}", f"@{EVIL}", f":{EVIL}",
    f".{EVIL}", f"..//{EVIL}", "", " ", "/" + "a" * 5000, f"/{'../' * 400}/{EVIL}", f"/e/mixer/card//{EVIL}",
    f"/admin/sign-out//{EVIL}", "/<script>alert(1)</script>", '/"><script>alert(1)</script>', f"/{{{{7*7}}}}//{EVIL}",
)


def as_browsers_read(location: str, base: str = f"https://{HOST}/e/mixer/sign-in") -> tuple[str, str]:
    """(scheme, host) where a browser goes: the WHATWG rules that differ from RFC 3986, then the usual joining."""
    text = location.strip("".join(map(chr, range(0x21))))
    text = re.sub("[\t\n\r]", "", text)
    head, mark, tail = text.partition("?")
    if not re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", head) or re.match(r"(?i)(https?|ftp|wss?|file):", head):
        head = head.replace("\\", "/")
    special = re.match(r"(?i)(https?|ftp|wss?):/*", head)
    if special:
        head = f"{special[1]}://{head[special.end():]}"
    elif re.match("/{2,}", head):
        head = "//" + head.lstrip("/")
    try:
        parts = urlsplit(urljoin(base, head + mark + tail))
    except ValueError:
        return "broken", ""
    return parts.scheme, (parts.hostname or "")


def lands_here(location: str) -> bool:
    scheme, host = as_browsers_read(location)
    return (scheme, host) == ("https", HOST) and not re.search(r"[\r\n]", location)


def test_browser_rules_know_the_classics() -> None:
    """Negative control of the reader itself."""
    for text in (f"//{EVIL}", f"/\\{EVIL}", f"/\t/{EVIL}", f"https:{EVIL}", f"\\\\{EVIL}", "javascript:alert(1)"):
        assert not lands_here(text), text
    assert lands_here("/e/mixer/people?q=1")


def test_there_are_eighty_vectors() -> None:
    assert len(set(VECTORS)) == len(VECTORS) >= 80


@pytest.mark.parametrize("text", VECTORS, ids=range(len(VECTORS)))
def test_destination_stays_on_this_host(text: str) -> None:
    assert lands_here(safe_next(text, "/e/mixer/")), safe_next(text, "/e/mixer/")


def destinations(page: str, location: str) -> list[str]:
    """Everything in an answer that could lead on: the redirect, and what the page's own fields and links carry."""
    found = [location] if location else []
    found += [unescape(text) for text in re.findall(r'name="next"[^>]*value="([^"]*)"', page)]
    found += [unescape(text) for text in re.findall(r'(?:href|action|formaction)="([^"]*)"', page)]
    return [text for text in found if not text.startswith(("data:image/", "mailto:", "#"))]


def test_no_page_that_takes_next_leaves_the_site(world: World) -> None:
    """Every rule without an object, asked and posted with the classics and every sixteenth of the rest as `next`."""
    away = []
    rules = [rule for rule in doors.RULES if rule.arguments <= {"slug"} and not rule.rule.startswith("/api/")]
    takers = [rule for rule in rules if _takes_next(world, rule)]
    assert {"sign_in.ask", "accounts.sign_in"} <= {rule.endpoint for rule in takers}
    for rule in takers:
        path = doors.address(rule, doors.known_values(world, rule))
        for at, text in enumerate(VECTORS[:4] + VECTORS[4::16]):
            for who in (("nobody", "ada", "olga")[at % 3],) if at > 3 else ("nobody", "ada", "olga"):
                for method in sorted({"GET", "POST"} & set(doors.methods(rule))):
                    asked = f"{path}?next={quote(text, safe='', errors='replace')}"
                    typed = {"data": {"next": text, "email": "a@b.example"}} if method == "POST" else {}
                    with doors.rehearsal():
                        answer = doors.knock(world, who, method, asked, **typed)
                    away += [f"{method} {path} next={text!r} by {who}: {to!r}"
                             for to in destinations(answer.data.decode("utf-8",
                             "replace"), answer.headers.get("Location", ""))
                             if not lands_here(to)]
    assert away == []


def _takes_next(world: World, rule: Rule) -> bool:
    """Whether the page carries `next` on, or its handler reads it."""
    module = inspect.getmodule(world.app.view_functions[rule.endpoint])
    assert isinstance(module, ModuleType)
    return "next" in inspect.getsource(module)


def test_sign_in_with_an_evil_next_leads_home(world: World) -> None:
    """The whole way round: sign in for real with an evil `next`, and see where the browser lands."""
    for text in VECTORS[:40]:
        client = world.client("ada")
        answer = client.get(f"/e/mixer/sign-in?next={quote(text, safe='', errors='replace')}")
        assert answer.status_code != 303 or lands_here(answer.headers["Location"]), (text, answer.headers["Location"])


def test_host_header_of_others_is_not_believed(world: World) -> None:
    """No answer carries the host somebody wrote into the request."""
    client = world.app.test_client()
    wrong = []
    for path in ("/", "/e/mixer/sign-in", "/admin/sign-in", "/e/mixer/card", "/admin/", "/nowhere", "/admin"):
        for host in (EVIL, f"{HOST}@{EVIL}", f"{HOST}.{EVIL}", f"{EVIL}:443"):
            answer = client.get(path, headers={"Host": host}, base_url=None, environ_overrides={"HTTP_HOST": host})
            text = "\n".join(map(str, answer.headers.items())) + answer.get_data(as_text=True)
            if EVIL in text:
                wrong.append(f"{path} with Host {host}: {answer.status_code}")
    assert wrong == []
