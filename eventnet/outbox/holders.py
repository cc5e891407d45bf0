"""Holders: the name of this process, and whether the process that holds a mail is provably gone."""

from __future__ import annotations

import os
import socket
import uuid
from pathlib import Path


def new_attempt() -> str:
    """A fresh id for one claim, which also says which process made it: host/boot/pid/start/id."""
    return f"{process()}/{uuid.uuid4().hex}"


def process() -> str:
    """This process, not to be confused with a later one of the same number."""
    return f"{_host()}/{os.getpid()}/{_started(os.getpid()) or 0}"


def is_gone(attempt: str) -> bool:
    """True only for a process of this host, and this boot or an earlier one, that no longer runs.

    False for other hosts: there only the lease tells. A wrong answer could not double a mail, because the
    holder's next step names its attempt and finds the row changed.
    """
    try:
        host, boot, pid, started, _id = attempt.rsplit("/", 4)
    except ValueError:
        return False
    here, this_boot = _host().rsplit("/", 1)
    if host != here or not this_boot or not boot or started == "0":
        return False
    return boot != this_boot or _started(int(pid)) != started


def _host() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        boot = ""
    return f"{socket.gethostname()}/{boot}"


def _started(pid: int) -> str | None:
    """When a process began, in clock ticks since boot (proc(5), field 22); None when it does not run."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in ("Z", "X") else fields[19]
