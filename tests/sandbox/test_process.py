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
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from sandbox import __main__ as command
from sandbox.api import Shop
from sandbox.shapes import order
from sandbox.signature import sign_request
from tests.sandbox.shipping import GULL

ROOT = Path(__file__).parents[2]
HARBOR = Shop("1", "Harbor", "US", "LOCAL", "", "", "")


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


def let_in(client: httpx.Client) -> str:
    """Lets the app in; gives its token."""
    form = {"shop": "1", "answer": "agree"}
    back = client.post("/open/authorize?service_id=k", data=form).headers["location"]
    secret = {"app_key": "k", "app_secret": "s", "grant_type": "authorized_code"}
    code = {"auth_code": httpx.URL(back).params["code"]}
    given = client.get("/api/v2/token/get", params=secret | code).json()["data"]
    return str(given["access_token"])


def call(
    client: httpx.Client, method: str, path: str, token: str, cipher: str, given: dict[str, object]
) -> int:
    """The code of a signed call."""
    body = json.dumps(given).encode()
    query = {"app_key": "k", "timestamp": str(int(time.time())), "shop_cipher": cipher}
    query["sign"] = sign_request("s", path, query, body)
    headers = {"x-tts-access-token": token, "content-type": "application/json"}
    answer = client.request(method, path, params=query, content=body, headers=headers)
    return int(answer.json()["code"])


def cipher_of(client: httpx.Client) -> str:
    return str(client.get("/control/api/state").json()["shops"][0]["cipher"])


def subscribe(client: httpx.Client, address: str) -> None:
    """Lets the app in, and has it ask for webhooks."""
    wanted: dict[str, object] = {"event_type": "ORDER_STATUS_CHANGE", "address": address}
    path, token = "/event/202309/webhooks", let_in(client)
    assert call(client, "PUT", path, token, cipher_of(client), wanted) == 0


def test_many_calls_in_flight_wait_side_by_side(seed: Path, port: int) -> None:
    """Twenty-four calls of half a second take no twelve seconds; of two for one order one ships."""
    placed = [
        order(HARBOR, f"57600000000000000{number:02}", 1_790_000_000, shipping_type="SELLER")
        for number in range(12)
    ]
    lines = "\n".join(json.dumps({"order": one, "shop": "1"}) for one in placed)
    with (
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client,
        running([*asked(seed, port), "--latency", "500"]),
    ):
        wait(client, "/control/")
        off = {"key": "time_passes", "value": "False"}
        assert client.post("/control/api/fact", json=off).status_code == 200
        assert client.post("/control/api/seed", content=lines).json() == {"order": 12}
        token, cipher = let_in(client), cipher_of(client)

        def ship(number: int) -> int:
            path = f"/fulfillment/202309/orders/{placed[number // 2]['id']}/packages"
            own: dict[str, object] = {
                "tracking_number": f"GX{number // 2:012}",
                "shipping_provider_id": GULL,
            }
            return call(client, "POST", path, token, cipher, own)

        began = time.monotonic()
        with ThreadPoolExecutor(12) as hands:
            codes = list(hands.map(ship, range(24)))
        took = time.monotonic() - began
        assert sorted(codes) == [0] * 12 + [21011020] * 12
        assert 1.0 <= took < 6
        assert len(client.get("/control/api/shipments").json()["shipments"]) == 12
        assert client.get("/control/api/double_shipments").json() == {"shipments": []}
        at_once = client.post("/control/api/latency", json={"milliseconds": 0})
        assert at_once.json() == {"milliseconds": 0}


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
