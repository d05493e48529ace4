"""Outside calls: what is refused before anything is sent, what is cut off, and what each break of a
connection says about the request."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest

from shipboard.channels import http

URL = "https://api.example/x"


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Any:
    def put(answer: Any) -> None:
        monkeypatch.setattr(http, "TRANSPORT", httpx.MockTransport(answer))

    return put


def test_a_reply_has_status_headers_and_body(answering: Any) -> None:
    answering(lambda request: httpx.Response(404, headers={"X-Id": "7"}, content=request.read()))
    reply = http.send("POST", URL, body=b"hello")
    assert (reply.status, reply.headers["x-id"], reply.body) == (404, "7", b"hello")


@pytest.mark.parametrize(
    "url",
    ["http://api.example/x", "ftp://api.example", "file:///etc/passwd", "api.example", ""],
)
def test_only_https_or_this_machine(answering: Any, url: str) -> None:
    answering(lambda request: pytest.fail("it was sent"))
    with pytest.raises(http.NotSent, match="Only https"):
        http.send("GET", url)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "[::1]"])
def test_this_machine_needs_no_https(answering: Any, host: str) -> None:
    answering(lambda request: httpx.Response(200))
    assert http.send("GET", f"http://{host}:8100/x").status == 200


def test_redirects_are_not_followed(answering: Any) -> None:
    answering(lambda request: httpx.Response(302, headers={"location": "https://evil.example"}))
    assert http.send("GET", URL).status == 302


def test_cookies_are_not_kept(answering: Any) -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("cookie", ""))
        return httpx.Response(200, headers={"set-cookie": "a=b"})

    answering(answer)
    http.send("GET", URL)
    http.send("GET", URL)
    assert seen == ["", ""]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectError("no"), http.NotSent),
        (httpx.ConnectTimeout("no"), http.NotSent),
        (httpx.PoolTimeout("no"), http.NotSent),
        (httpx.ProxyError("no"), http.NotSent),
        (httpx.ReadTimeout("no"), http.Lost),
        (httpx.WriteTimeout("no"), http.Lost),
        (httpx.ReadError("no"), http.Lost),
        (httpx.WriteError("no"), http.Lost),
        (httpx.RemoteProtocolError("no"), http.Lost),
    ],
)
def test_whether_anything_was_sent(answering: Any, error: Exception, kind: type) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    answering(fail)
    with pytest.raises(http.CallFailed) as caught:
        http.send("GET", URL)
    assert type(caught.value) is kind
    assert "api.example" in str(caught.value)


def endless() -> Iterator[bytes]:
    while True:
        yield b"x" * 1000


def test_an_endless_answer_is_cut_off(answering: Any) -> None:
    answering(lambda request: httpx.Response(200, content=endless()))
    with pytest.raises(http.TooBig, match="bigger than 1 MB"):
        http.send("GET", URL, most=http.MEGABYTE)


def test_an_answer_that_says_it_is_too_big_is_not_read(answering: Any) -> None:
    def unread() -> Iterator[bytes]:
        yield pytest.fail("it was read")

    headers = {"content-length": str(30 * http.MEGABYTE)}
    answering(lambda request: httpx.Response(200, headers=headers, content=unread()))
    with pytest.raises(http.TooBig):
        http.send("GET", URL)


def test_a_small_answer_may_not_unpack_to_a_big_one(answering: Any) -> None:
    import gzip

    packed = gzip.compress(b"0" * 3 * http.MEGABYTE)
    headers = {"content-encoding": "gzip"}
    answering(lambda request: httpx.Response(200, headers=headers, content=iter([packed])))
    with pytest.raises(http.TooBig):
        http.send("GET", URL, most=http.MEGABYTE)


def test_a_trickle_ends_too(answering: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "WHOLE_SECONDS", -1.0)
    answering(lambda request: httpx.Response(200, content=endless()))
    with pytest.raises(http.Lost, match="in time"):
        http.send("GET", URL)


@pytest.fixture
def port() -> Iterator[int]:
    """A server on this machine that reads a request and closes without a word."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        threading.Thread(target=hang_up, args=(server,), daemon=True).start()
        yield server.getsockname()[1]


def hang_up(server: socket.socket) -> None:
    try:
        with server.accept()[0] as connection:
            connection.recv(1000)
    except OSError:
        return


def test_over_a_real_socket(port: int) -> None:
    with pytest.raises(http.Lost, match=r"The connection to 127\.0\.0\.1 broke"):
        http.send("POST", f"http://127.0.0.1:{port}/x", body=b"{}")


def test_nobody_listens() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        free = server.getsockname()[1]
    with pytest.raises(http.NotSent, match="could not be reached"):
        http.send("GET", f"http://127.0.0.1:{free}/x")


@pytest.mark.parametrize("host", ["a..b", f"{'a' * 64}.example"])
def test_a_name_that_no_host_can_have_is_not_reached(host: str) -> None:
    with pytest.raises(http.NotSent, match="could not be reached"):
        http.send("GET", f"https://{host}/x")
