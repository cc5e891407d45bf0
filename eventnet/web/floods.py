"""The flood stop: one network address gets so many answers a minute, so that nobody alone keeps everybody waiting.

It is the only limit that hangs on an address, and it is high, because a whole hall shares one. What a person may do is
counted by account or session (accounts.budgets). Not counted: files that browsers keep, the three addresses a monitor
asks, and this machine itself, which may be a proxy nobody declared. Each process counts for itself.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from flask import Flask, request

from eventnet.config import Settings
from eventnet.errors import Refusal
from eventnet.web.pace import Pace
from eventnet.words import gettext as _

SPAN_SECONDS = 60
MOST_ADDRESSES = 50_000
FREE_ENDPOINTS = frozenset({"static", "health.alive", "health.ready", "health.metrics"})


def install(app: Flask) -> None:
    """Count requests by the address that the declared proxies vouch for; to be installed before everything else."""
    settings: Settings = app.extensions["settings"]
    if not settings.flood_stop:
        return
    pace = Pace(settings.flood_stop, SPAN_SECONDS, most_keys=MOST_ADDRESSES)

    @app.before_request
    def count() -> None:
        key = "" if request.endpoint in FREE_ENDPOINTS else network_of(request.remote_addr or "")
        wait = pace.spend(key) if key else 0
        if wait:
            raise Refusal(_("Very many requests came from your network just now. Wait a minute and try again; nothing "
                            "was lost."), status=429, reason="flood", retry_after=wait)


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """What is counted as one: an IPv4 address, or the /64 of an IPv6 one (RFC 6177); empty for this machine."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if found.is_loopback:
        return ""
    return str(found) if found.version == 4 else str(ipaddress.ip_network((int(found), 64), strict=False))
