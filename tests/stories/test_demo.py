"""`make demo` as a stranger sees it: an evening is played, and every address it prints opens."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from eventnet.demo import mailbox
from eventnet.demo.phone import Phone

pytestmark = [pytest.mark.story, pytest.mark.sqlite, pytest.mark.timeout(420)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_the_evening(demo: subprocess.Popen[str], facts: Path, patience: float = 300) -> dict[str, Any]:
    deadline = time.monotonic() + patience
    while not facts.exists():
        assert demo.poll() is None, f"the demo ended early: {demo.communicate()[0][-2000:]}"
        assert time.monotonic() < deadline, "the evening takes too long"
        time.sleep(0.5)
    time.sleep(0.5)
    found: dict[str, Any] = json.loads(facts.read_text("utf-8"))
    return found


def test_demo_plays_an_evening_and_every_address_opens(tmp_path: Path) -> None:
    demo = subprocess.Popen(
        [sys.executable, "-m", "eventnet.cli", "demo", "--local", "--guests", "120", "--port", str(free_port()),
         "--folder", str(tmp_path)],
        env={k: v for k, v in os.environ.items() if not k.startswith("EVENTNET_")},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        facts = wait_for_the_evening(demo, tmp_path / "demo.json")
        context = ssl.create_default_context(cafile=facts["authority"])

        organizer = Phone(facts["base_url"], context)
        assert "Sign in" in organizer.open(facts["organizer"]["url"])
        organizer.fill(facts["organizer"]["url"], {"email": facts["organizer"]["email"],
                                                   "password": facts["organizer"]["password"]})
        assert "New meetings per 10 minutes" in organizer.open(facts["organizer"]["dashboard"])
        assert organizer.download(facts["badges_pdf"]["url"]).startswith(b"%PDF")
        assert Path(facts["badges_pdf"]["file"]).read_bytes().startswith(b"%PDF")

        phone = Phone(facts["base_url"], context)
        assert facts["attendee"]["name"] in phone.open(facts["attendee"]["url"])
        phone.fill(facts["attendee"]["url"], {})
        phone.fill(f"/e/{facts['event']['slug']}/it-is-me", {"me": "1"})
        assert "You met" in phone.open(f"/e/{facts['event']['slug']}/people")

        assert "mails arrived" in phone.open(facts["inbox"])
        letters = mailbox.letters(tmp_path / "demo" / "inbox")
        summaries = facts["summaries"]
        assert facts["event"]["guests"] == 120
        assert facts["event"]["scans"] > 300
        assert summaries["sent"] == sum(summaries.values()), "every planned summary was sent"
        waiting = [letter for letter in letters if "wait" in letter.subject]
        assert len(letters) - len(waiting) == 120 + summaries["sent"]
        assert len({letter.to for letter in waiting}) == len(waiting), "one evening, one reminder"
        assert len({letter.to for letter in letters}) == 120
        assert {letter.number for letter in letters} == set(range(1, len(letters) + 1))
    finally:
        demo.send_signal(signal.SIGTERM)
        words = demo.communicate(timeout=60)[0]
    assert demo.returncode == 0, words[-2000:]
