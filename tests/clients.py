"""A browser for tests: Flask's test client with our cookies, CSRF token and sign-ins."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from eventnet import clock, db, links
from eventnet.accounts import browsers
from eventnet.attendees.models import Attendee, SignedInBrowser
from eventnet.web import cookies


class Client(FlaskClient):
    """One browser with its own cookie jar, talking to https://ev.example."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.settings = self.application.extensions["settings"]
        self.environ_base["wsgi.url_scheme"] = "https" if self.settings.is_https else "http"
        self.environ_base["HTTP_HOST"] = self.settings.host
        self.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("base_url", self.settings.base_url)
        return super().open(*args, **kwargs)

    def csrf(self) -> str:
        """The CSRF token that a page shown to this browser would carry."""
        anchor = self._cookie(cookies.BROWSER) or self._cookie(cookies.VISITOR)
        if anchor is None:
            self.get("/admin/sign-in")
            anchor = self._cookie(cookies.VISITOR)
            assert anchor, "a page with a form gives a visitor cookie"
        return links.base32(links.mac(self.settings.secret_key, "csrf", anchor))

    def submit(self, path: str, data: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """POST a form as one of our pages would."""
        return self.post(path, data={"csrf_token": self.csrf(), **(data or {})}, **kwargs)

    def send(self, path: str, body: Any) -> TestResponse:
        """POST JSON as the scanner page would."""
        return self.post(path, json=body, headers={"X-CSRF-Token": self.csrf()})

    def become(self, attendee: Attendee) -> Client:
        """Sign this browser in as an attendee, beside whatever it is elsewhere."""
        with self.application.app_context(), db.database().writing() as session:
            browser = browsers.find(self._cookie(cookies.BROWSER))
            row, token = browsers.sign_in(
                browser.id if browser else None, "Firefox on Android", clock.now().replace(year=clock.now().year + 1))
            session.add(SignedInBrowser(
                event_id=attendee.event_id, attendee_id=attendee.id, browser_id=row.id, way="activation_link",
                since=clock.now()))
        self._keep(token)
        return self

    def become_organizer(self, organizer_id: int) -> Client:
        """Sign this browser in as an organizer."""
        with self.application.app_context(), db.database().writing():
            browser = browsers.find(self._cookie(cookies.BROWSER))
            _row, token = browsers.sign_in_organizer(
                browser.id if browser else None, "Firefox on Linux", organizer_id,
                clock.now().replace(year=clock.now().year + 1))
        self._keep(token)
        return self

    def _cookie(self, name: str) -> str | None:
        cookie = self.get_cookie(self.settings.cookie_name(name), domain=self.settings.host.split(":")[0])
        return cookie.value if cookie else None

    def _keep(self, token: str) -> None:
        self.set_cookie(self.settings.cookie_name(cookies.BROWSER), token,
                        domain=self.settings.host.split(":")[0], secure=self.settings.is_https)
