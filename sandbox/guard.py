"""Pages are for a browser on this machine only: no other site may post to them, and no other name
may point at them.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

import flask

#: The name that tests call the sandbox by, in process.
IN_PROCESS = "sandbox.test"


def guard() -> flask.Response | None:
    """For `before_request`: 403 unless host and origin are this machine's."""
    asked = flask.request
    host = urlsplit(f"//{asked.host}").hostname or ""
    origin = asked.headers.get("Origin", "")
    if not _is_here(host):
        return flask.Response("The sandbox answers on this machine only.", 403)
    if asked.method != "GET" and origin and urlsplit(origin).netloc != asked.host:
        return flask.Response("Another site may not do this.", 403)
    return None


def _is_here(host: str) -> bool:
    if host in ("localhost", IN_PROCESS):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
