"""The port of the web server: chosen before anything starts, and kept for us while we run.
Two desks that start at the same moment never end up on one port. And: does anybody answer there?
"""

from __future__ import annotations

import errno
import http.client
import socket
from urllib.parse import urlsplit

from shipboard.embedded.errors import EmbeddedError

TRIED = 100


class Claim:
    """A port bound for us alone, on which nobody listens yet.

    The web server listens with SO_REUSEPORT, so two of one user could share a port unnoticed. We
    bind without any sharing first, which only one process can do; then we allow sharing, so that
    our own web server, and every restart of it, can bind beside us. It gets all the connections,
    because a socket that does not listen receives none.
    """

    def __init__(self, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.host = host
        self.port = port
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        try:
            # Connections of an earlier run that still linger do not count.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.socket.bind((host, port))
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        except OSError:
            self.socket.close()
            raise

    def release(self) -> None:
        self.socket.close()


def claim_port(host: str, port: int, *, exactly: bool) -> Claim:
    """`port` on `host`, or, unless `exactly`, the next free one after it.

    Raises EmbeddedError in one sentence when there is none.
    """
    for candidate in range(port, port + 1 if exactly else min(port + TRIED, 65536)):
        try:
            return Claim(host, candidate)
        except OSError as problem:
            if problem.errno != errno.EADDRINUSE:
                raise _refusal(host, candidate, problem) from problem
    if exactly:
        raise EmbeddedError(
            f"Port {port} on {host} is taken by another program; stop that one, or choose another "
            "with --port."
        )
    raise EmbeddedError(
        f"The ports {port} to {port + TRIED - 1} on {host} are all taken; choose another with "
        "--port."
    )


def ip_address(host: str) -> str:
    """`host` as the number the web server wants; of several, an IPv4 one. EmbeddedError: none."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as problem:
        raise EmbeddedError(
            f"There is no address {host!r}; give an address of this machine with --host."
        ) from problem
    first = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return str(first[4][0])


def _refusal(host: str, port: int, problem: OSError) -> EmbeddedError:
    if problem.errno == errno.EACCES:
        return EmbeddedError(
            f"This account may not use port {port}; choose one above 1023 with --port."
        )
    return EmbeddedError(
        f"Cannot listen on {host}, port {port}: {problem.strerror}; choose an address of this "
        "machine with --host."
    )


def address(host: str, port: int) -> str:
    """The URL at which this machine reaches a server that listens on host and port."""
    local = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104
    return f"http://[{local}]:{port}" if ":" in local else f"http://{local}:{port}"


def answers(url: str) -> bool:
    """Does a web server answer /healthz there, whatever it says about its health?"""
    where = urlsplit(url)
    asked = http.client.HTTPConnection(where.hostname or "", where.port, timeout=2)
    try:
        asked.request("GET", "/healthz")
        return asked.getresponse().status > 0
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asked.close()
