"""Every outside call that a channel makes: https (plain http only to this very machine), no
redirects, time-outs, and an answer that is cut off when it grows too big. No logs, no retries.
"""

from __future__ import annotations

import ipaddress
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from urllib.parse import urlsplit

import httpx
from django.conf import settings

#: Tests put a sandbox in process here.
TRANSPORT: httpx.BaseTransport | None = None

MEGABYTE = 1024 * 1024
ORDERS_MOST = 20 * MEGABYTE
DOCUMENTS_MOST = 30 * MEGABYTE

#: The whole of an answer must be here by then, however steadily it trickles.
WHOLE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, whatever its status; the names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class CallFailed(Exception):
    """No whole answer came. The message is fit for people and holds no address."""


class NotSent(CallFailed):
    """No connection was made: nothing can have happened there."""


class Lost(CallFailed):
    """The request may have arrived and have been carried out; its answer did not come back."""


class TooBig(Lost):
    """The answer grew over its limit and was dropped."""


def send(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    most: int = ORDERS_MOST,
    read_seconds: float | None = None,
) -> Reply:
    """One request. `most` bytes of answer at most. Raises NotSent, Lost or TooBig."""
    check_scheme(url)
    ends = time.monotonic() + WHOLE_SECONDS
    try:
        client = _client(url)
        request = client.build_request(
            method, url, headers=dict(headers or {}), content=body, timeout=_timeout(read_seconds)
        )
    except (httpx.InvalidURL, ValueError) as error:
        raise NotSent("The address is not valid.") from error
    try:
        response = client.send(request, stream=True)
        try:
            content = _read(response, most, ends)
        finally:
            response.close()
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, UnicodeError) as error:
        # UnicodeError: a name that no host can have, such as a..b
        raise NotSent(f"{_host(url)} could not be reached.") from error
    except (httpx.ProxyError, httpx.UnsupportedProtocol) as error:
        raise NotSent(f"{_host(url)} could not be reached through the proxy.") from error
    except httpx.TimeoutException as error:
        raise Lost(f"{_host(url)} did not answer in time.") from error
    except httpx.HTTPError as error:
        raise Lost(f"The connection to {_host(url)} broke.") from error
    names = {name.lower(): value for name, value in response.headers.items()}
    return Reply(response.status_code, names, content)


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this very machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_scheme(url: str) -> None:
    """Raises NotSent for what is neither https nor this very machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        return
    raise NotSent("Only https addresses are called; plain http only on this very machine.")


def _read(response: httpx.Response, most: int, ends: float) -> bytes:
    said = response.headers.get("content-length", "")
    if said.isdecimal() and int(said) > most:
        raise TooBig(_too_big(most))
    pieces: list[bytes] = []
    size = 0
    for piece in response.iter_bytes():
        pieces.append(piece)
        size += len(piece)
        if size > most:
            raise TooBig(_too_big(most))
        if time.monotonic() > ends:
            raise Lost(f"{response.url.host} did not answer in time.")
    return b"".join(pieces)


def _too_big(most: int) -> str:
    return f"The answer was bigger than {most // MEGABYTE or 1} MB and was dropped."


def _host(url: str) -> str:
    return urlsplit(url).hostname or "The host"


def _timeout(read_seconds: float | None) -> httpx.Timeout:
    read = settings.CHANNEL_READ_SECONDS if read_seconds is None else read_seconds
    return httpx.Timeout(read, connect=min(settings.CHANNEL_CONNECT_SECONDS, read))


_clients: dict[tuple[int, str], httpx.Client] = {}
_lock = threading.Lock()


def _client(url: str) -> httpx.Client:
    """One for each process and origin, so that connections are kept and a slow host holds up
    nobody else; safe for threads."""
    if TRANSPORT is not None:
        return _made("", TRANSPORT)
    parts = urlsplit(url)
    key = (os.getpid(), f"{parts.scheme}://{parts.netloc}")
    with _lock:
        if key not in _clients:
            _clients[key] = _made(parts.hostname or "", None)
        return _clients[key]


def _made(host: str, transport: httpx.BaseTransport | None) -> httpx.Client:
    """No redirects, no cookies; a proxy of the environment is not asked for this machine."""
    return httpx.Client(
        transport=transport,
        follow_redirects=False,
        trust_env=transport is None and not is_loopback(host),
        headers={"user-agent": "Shipboard"},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    )
