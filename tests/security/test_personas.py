"""Who stands before the system with a photo of a badge: they see a name tag's back, not the person."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image

from tests.security import doors, marking
from tests.security.marking import Mark
from tests.security.world import World

SIGNED_OUT = ("nobody", "revoked browser", "browser past its end", "removed attendee", "not taking part",
              "organizer without events", "half signed in organizer")


@pytest.fixture(scope="module")
def marks(world: World) -> dict[str, Mark]:
    return marking.mark(world)


def reachable(token: str, code: str) -> list[str]:
    """Everything somebody could try who has the token and the code on a badge and no account."""
    below = ("/B/{t}", "/b/{t}", "/B/{l}", "/b/{l}", "/B/{t}/", "/B/{t}.json", "/B/{t}.vcf", "/B/{t}.png",
             "/B/{t}/card.vcf", "/B/{t}?format=json", "/B/{c}", "/A/{t}", "/L/{t}", "/M/{t}", "/U/{t}", "/R/{t}",
             "/D/{t}", "/admin/reset/{t}", "/admin/invitation/{t}", "/api/v1/badges/{t}", "/api/v1/encounters/{t}",
             "/api/v1/people/{t}", "/e/mixer/people/{t}", "/e/mixer/code?code={c}", "/e/mixer/sign-in?code={c}",
             "/e/mixer/sign-in?next=/B/{t}", "/e/mixer/sign-in/code?code={c}", "/e/mixer/badge?token={t}",
             "/e/mixer/badge.png?token={t}", "/e/mixer/card?token={t}", "/admin/e/mixer/desk/find?code={c}",
             "/e/mixer/privacy?token={t}", "/?token={t}")
    return [path.format(t=token, l=token.lower(), c=code) for path in below]


@pytest.mark.parametrize("name", ["ada", "bob", "dan", "nick", "rita"])
def test_photo_of_a_badge_shows_nothing_of_the_person(name: str, world: World, marks: dict[str, Mark]) -> None:
    person = world.people["mixer"][name]
    badge = world.badges[person.id]
    personal = {word for word, mark in marks.items() if mark.table not in ("events", "programme_items")}
    told, pages = [], 0
    for path in reachable(badge.token, badge.code):
        for who in SIGNED_OUT:
            for method in ("GET", "HEAD"):
                for accept in ("text/html", "application/json", "text/vcard") if path.startswith("/B/") else ("*/*",):
                    answer = doors.knock(world, who, method, path, headers={"Accept": accept})
                    pages += 1
                    text = answer.get_data(as_text=True) if answer.mimetype != "image/png" else _inside(answer.data)
                    text += "".join(f"{key}: {value}" for key, value in answer.headers.items())
                    told += [f"{method} {path} by {who}: {marks[word].table}.{marks[word].column}"
                             for word in personal if word in text.lower()]
    # A browser that was somebody may greet them by name, but nobody else.
    assert told == []
    assert pages > 500


def _inside(data: bytes) -> str:
    """Whatever text a picture carries beside its pixels."""
    picture = Image.open(io.BytesIO(data))
    return " ".join(map(str, picture.info.values()))


def test_all_badges_of_an_event_look_the_same_to_strangers(world: World) -> None:
    """Also of those who take no part: whether a badge is somebody's cannot be told."""
    pages = set()
    for name in ("ada", "bob", "dan", "cleo", "nick"):
        token = world.token("mixer", name)
        answer = world.app.test_client().get(f"/B/{token}", base_url="https://ev.example")
        # When it was opened is signed, and a number of its own.
        page = re.sub(r"\b[0-9A-Z]{60}\b", "KEPT", answer.text.replace(token, "TOKEN"))
        pages.add((answer.status_code, re.sub(r'name="csrf_token" value="\w+"', "", page)))
    assert len(pages) == 1


def test_badge_code_signs_nobody_in(world: World) -> None:
    """Typed wherever a code is asked for, and sent wherever a token is."""
    person = world.people["mixer"]["ada"]
    badge = world.badges[person.id]
    for code in (badge.code, badge.code.lower(), f"{badge.code[:4]}-{badge.code[4:]}", badge.token):
        for path, fields in (
            ("/e/mixer/sign-in/code", {"code": code, "email": person.email}),
            ("/e/mixer/hand-over/enter", {"code": code}),
            (f"/A/{code}", {}), (f"/L/{code}", {}), (f"/R/{code}", {}), (f"/D/{code}", {}), (f"/M/{code}", {}),
        ):
            client = world.client()
            with doors.rehearsal():
                answer = client.submit(path, fields)
            assert "eventnet=" not in "".join(
                text for text in answer.headers.getlist("Set-Cookie") if "visitor" not in text), (path, code)
        client = world.client()
        answer = client.post("/api/v1/encounters", json={"scans": []}, headers={"Authorization": f"Bearer {code}"})
        assert answer.status_code == 401


def test_photo_probe_sees_a_page_that_names_somebody(world: World, marks: dict[str, Mark]) -> None:
    """Negative control: to somebody who is signed in the same page names the person."""
    page = doors.knock(world, "cleo@mixer", "GET", f"/B/{world.token('mixer', 'ada')}").text
    assert {marks[word].column for word in marking.WORD.findall(page) if marks[word].table == "attendees"} >= {
        "badge_name"}
