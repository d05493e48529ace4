"""The sandbox as a process: it serves, sends webhooks by itself, and a kill loses nothing."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from sandbox import __main__ as command
from sandbox.signature import sign_request

ROOT = Path(__file__).parents[2]


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def seed(tmp_path: Path) -> Path:
    file = tmp_path / "seed.jsonl"
    file.write_text(json.dumps({"shop": {"id": "1", "name": "Harbor", "region": "US"}}) + "\n")
    return file


def asked(seed: Path, port: int) -> list[str]:
    where = ["--port", str(port), "--state", str(seed.parent / "state"), "--seed", str(seed)]
    return [sys.executable, "-m", "sandbox", *where, "--app", "k:s:http://127.0.0.1/back"]


@contextlib.contextmanager
def running(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    """A killed process group at the end."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout:
            process.stdout.close()


def wait(client: httpx.Client, path: str) -> httpx.Response:
    for _ in range(150):
        with contextlib.suppress(httpx.TransportError):
            return client.get(path)
        time.sleep(0.2)
    raise AssertionError("the sandbox did not come up")


def test_a_kill_loses_nothing_and_a_seed_is_read_again(seed: Path, port: int) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        with running(asked(seed, port)):
            assert "Harbor" in wait(client, "/control/").text
            more = json.dumps({"shop": {"id": "2", "name": "Fen", "region": "GB"}})
            assert client.post("/control/api/seed", content=more).json() == {"shop": 1}
        with running(asked(seed, port)):
            shops = wait(client, "/control/api/state").json()["shops"]
    assert [shop["name"] for shop in shops] == ["Harbor", "Fen"]


def test_it_sends_webhooks_by_itself_and_ends_with_who_started_it(
    seed: Path, port: int, listening: Callable[[int], str]
) -> None:
    whole = shlex.join([*asked(seed, port), "--with-parent"])
    with (
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
        running(["sh", "-c", f"{whole}; true"]) as starter,
    ):
        wait(client, "/control/")
        subscribe(client, listening(200))
        event = {"shop": "1", "type": "1", "data": '{"order_id": "1"}'}
        assert client.post("/control/api/do/send_webhook", json=event).json()["sent"] == 1
        eventually(lambda: documents(client, {"shop": "1", "state": "sent"}))
        starter.kill()
        starter.wait()
        eventually(lambda: not answers(client))


def subscribe(client: httpx.Client, address: str) -> None:
    """Lets the app in, and has it ask for webhooks."""
    form = {"shop": "1", "answer": "agree"}
    back = client.post("/open/authorize?service_id=k", data=form).headers["location"]
    secret = {"app_key": "k", "app_secret": "s", "grant_type": "authorized_code"}
    code = {"auth_code": httpx.URL(back).params["code"]}
    token = client.get("/api/v2/token/get", params=secret | code).json()["data"]["access_token"]
    shop = client.get("/control/api/state").json()["shops"][0]
    body = json.dumps({"event_type": "ORDER_STATUS_CHANGE", "address": address}).encode()
    query = {"app_key": "k", "timestamp": str(int(time.time())), "shop_cipher": shop["cipher"]}
    path = "/event/202309/webhooks"
    query["sign"] = sign_request("s", path, query, body)
    answer = client.put(path, params=query, content=body, headers={"x-tts-access-token": token})
    assert answer.json()["code"] == 0


def documents(client: httpx.Client, wanted: dict[str, str]) -> list[object]:
    found: list[object] = client.get("/control/api/documents/hook", params=wanted).json()[
        "documents"
    ]
    return found


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/control/api/state").status_code == 200
    except httpx.TransportError:
        return False


def eventually(what: Callable[[], object]) -> None:
    for _ in range(100):
        if what():
            return
        time.sleep(0.1)
    raise AssertionError("it never came about")


def test_a_seed_that_cannot_be_read_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = tmp_path / "seed.jsonl"
    seed.write_text("{\n")
    monkeypatch.setattr(sys, "argv", ["x", "--state", str(tmp_path), "--seed", str(seed)])
    with pytest.raises(SystemExit, match="Line 1 of the seed"):
        command.main()


def test_an_app_is_written_as_key_secret_redirect(capsys: pytest.CaptureFixture[str]) -> None:
    parsed = command.arguments().parse_args(["--state", "x", "--app", "k:s:https://a.test:8/b"])
    assert parsed.app == [["k", "s", "https://a.test:8/b"]]
    with pytest.raises(SystemExit):
        command.arguments().parse_args(["--state", "x", "--app", "k:s"])
    assert "KEY:SECRET:REDIRECT" in capsys.readouterr().err
