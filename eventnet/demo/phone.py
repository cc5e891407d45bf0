"""A browser for the demo: cookies, forms and JSON over a kept-alive connection, as a phone would send them."""

from __future__ import annotations

import http.client
import json
import re
import secrets
import ssl
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urlsplit

_CSRF = re.compile(r'name="csrf_token" value="([^"]+)"|name="csrf-token" content="([^"]+)"')
_AGENTS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1 Version/19.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 16; Pixel 10) AppleWebKit/537.36 Chrome/142.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0",
)


class Trouble(Exception):
    """The program answered otherwise than the evening expects."""


class Phone:
    """One browser with its own cookie jar, talking to `base_url`."""

    def __init__(self, base_url: str, context: ssl.SSLContext | None, number: int = 0) -> None:
        parts = urlsplit(base_url)
        self._base, self._host, self._port = base_url, parts.hostname or "", parts.port
        self._context = context
        self._cookies: dict[str, str] = {}
        self._agent = _AGENTS[number % len(_AGENTS)]
        self._connection: http.client.HTTPConnection | None = None
        self._csrf = ""
        self.address = ""

    def open(self, address: str) -> str:
        """GET a page, following redirects; returns its text."""
        return self._exchange("GET", address)[1].decode()

    def download(self, address: str) -> bytes:
        return self._exchange("GET", address)[1]

    def fill(self, page: str, fields: dict[str, Any], *, to: str = "",
             file: tuple[str, str, bytes] | None = None) -> str:
        """Open `page`, fill in its form and send it; what `fields` does not name stays as the page has it.

        `to` is the form's own address where the page has several forms. Returns the page that follows.
        """
        form = _form(self.open(page), to)
        values = {**form.values, **fields}
        if file is None:
            body, kind = urlencode(values, doseq=True).encode(), "application/x-www-form-urlencoded"
        else:
            body, kind = _multipart(values, file)
        return self._exchange("POST", form.action or page, body, kind)[1].decode()

    def press(self, address: str, fields: dict[str, Any] | None = None) -> str:
        """POST a form of the page that is open now."""
        body = urlencode({"csrf_token": self._csrf, **(fields or {})}, doseq=True).encode()
        return self._exchange("POST", address, body, "application/x-www-form-urlencoded")[1].decode()

    def take(self, address: str, fields: dict[str, Any]) -> bytes:
        """POST a form of the page that is open now, and get a file for it."""
        body = urlencode({"csrf_token": self._csrf, **fields}, doseq=True).encode()
        return self._exchange("POST", address, body, "application/x-www-form-urlencoded")[1]

    def send(self, address: str, value: Any) -> Any:
        """POST JSON with the CSRF header, as the scanner page does; returns the JSON answer."""
        _, body = self._exchange("POST", address, json.dumps(value).encode(), "application/json")
        return json.loads(body)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _exchange(self, method: str, address: str, body: bytes | None = None, kind: str = "") -> tuple[int, bytes]:
        for _ in range(6):
            path = address.removeprefix(self._base)
            headers = {"User-Agent": self._agent, "Accept-Language": "en"}
            if self._cookies:
                headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
            if method == "POST":
                headers |= {"Content-Type": kind, "X-CSRF-Token": self._csrf, "Sec-Fetch-Site": "same-origin"}
            status, location, text = self._once(method, path, body, headers)
            if status in (301, 302, 303, 307, 308):
                address, method, body = location, "GET", None
                continue
            if status >= 400:
                words = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text.decode("utf-8", "replace"))))
                raise Trouble(f"{method} {path} answered {status}: {words.strip()[:400]}")
            self.address = path
            found = _CSRF.search(text.decode("utf-8", "replace")) if text[:1] == b"<" else None
            if found:
                self._csrf = found[1] or found[2]
            return status, text
        raise Trouble(f"{address} redirects in a circle")

    def _once(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, str, bytes]:
        for attempt in (1, 2):
            if self._connection is None:
                self._connection = (
                    http.client.HTTPSConnection(self._host, self._port, timeout=60, context=self._context)
                    if self._context else http.client.HTTPConnection(self._host, self._port, timeout=60))
            try:
                self._connection.request(method, path, body, headers)
                answer = self._connection.getresponse()
                text = answer.read()
            except (http.client.HTTPException, ConnectionError):
                # A connection that was kept too long is closed by the server between two requests.
                self.close()
                if attempt == 2:
                    raise
                continue
            for line in answer.headers.get_all("Set-Cookie") or []:
                name, _, rest = line.partition("=")
                value = rest.partition(";")[0]
                if value:
                    self._cookies[name] = value
                else:
                    self._cookies.pop(name, None)
            return answer.status, answer.headers.get("Location", ""), text
        raise AssertionError("two tries end in a return or an error")


class _Forms(HTMLParser):
    """Collects the POST forms of a page with the values that a browser would send."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[_Form] = []
        self._form: _Form | None = None
        self._select = self._textarea = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attributes}
        if tag == "form":
            self._form = _Form(has.get("action", ""), {})
            if has.get("method", "get").lower() == "post":
                self.found.append(self._form)
        elif self._form is None:
            return
        elif tag == "input" and has.get("name"):
            kind = has.get("type", "text")
            if kind in ("checkbox", "radio"):
                if "checked" in has:
                    self._form.add(has["name"], has.get("value", "on"))
            elif kind not in ("submit", "button", "file"):
                self._form.add(has["name"], has.get("value", ""))
        elif tag == "textarea":
            self._textarea = has.get("name", "")
            self._form.values[self._textarea] = ""
        elif tag == "select":
            self._select = has.get("name", "")
        elif tag == "option" and self._select and ("selected" in has or self._select not in self._form.values):
            self._form.values[self._select] = has.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._textarea and self._form is not None:
            self._form.values[self._textarea] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._textarea = ""
        elif tag == "select":
            self._select = ""


@dataclass
class _Form:
    action: str
    values: dict[str, Any]

    def add(self, name: str, value: str) -> None:
        """Several ticks of one name are a list, as a browser sends them."""
        if name in self.values:
            before = self.values[name]
            self.values[name] = [*(before if isinstance(before, list) else [before]), value]
        else:
            self.values[name] = value


def _form(page: str, to: str) -> _Form:
    parser = _Forms()
    parser.feed(page)
    fitting = [form for form in parser.found if not form.action.endswith("/sign-out") and form.action.endswith(to)]
    if not fitting:
        raise Trouble(f"the page has no form{f' to {to}' if to else ''}")
    return fitting[0]


def _multipart(fields: dict[str, Any], file: tuple[str, str, bytes]) -> tuple[bytes, str]:
    edge = secrets.token_hex(16)
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    name, file_name, content = file
    parts.append(
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n'
        "Content-Type: text/csv\r\n\r\n".encode() + content + b"\r\n")
    return b"".join(parts) + f"--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"
