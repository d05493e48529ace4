"""A burst of webhooks against the real web server, and the same with every process of it killed in
the middle. Whatever was answered with 200 must have its row; what was not is sent again, as the
marketplace would.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Sequence

from bench.marketplace import KEY, SECRET, SHOP, connect, marketplace
from bench.running import Web, web, worker
from bench.timing import Result

#: As many at once as the sandbox's courier has hands.
HANDS = 16
#: The web server comes back after so many seconds.
AWAY = 1.0
#: The longest that working them off may take.
PATIENCE = 900


def results(hooks: int) -> list[Result]:
    """In an empty database. `hooks`: in each of both bursts, each about an order of its own."""
    from shipboard import clock
    from shipboard.ingest.sync import sync

    with marketplace(hooks) as market:
        sync(connect(market).shop, clock.now)
        with web() as server:
            with worker():
                _wait_until_well(server)
                _floor(server, 10 * HANDS)  # which warms the server
                whole = _whole(server, hooks, _floor(server, hooks))
            killed = _killed(server, hooks)
    return [*whole, killed]


def _whole(server: Web, hooks: int, floor: float) -> list[Result]:
    sent = [_body(number, "1") for number in range(hooks)]
    started = time.perf_counter()
    answered = _send(server, sent)
    taken = time.perf_counter() - started
    _wait_until_done()
    done = time.perf_counter() - started
    rows = _rows_of(answered)
    return [
        Result(
            f"{hooks:,} webhooks in one burst of {HANDS} at a time, the worker beside: "
            f"{len(answered):,} answered 200, {rows:,} of them have a row",
            f"{hooks / taken:.0f} a second",
            f"the server's /healthz: {floor:.0f} a second",
            f"{floor * taken / hooks:.2f}",
        ),
        Result(
            f"Until all the {hooks:,} orders that they name have been read again",
            f"{done:.1f} s",
            f"the burst itself: {taken:.1f} s",
            f"{done / taken:.2f}",
        ),
    ]


def _killed(server: Web, hooks: int) -> Result:
    """Sent until half are answered, killed, started anew, and the rest sent (again)."""
    sent = [_body(number, "2") for number in range(hooks)]
    answered: set[str] = set()

    def kill() -> None:
        while len(answered) < hooks // 2:
            time.sleep(0.01)
        server.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    _send(server, sent, answered)
    killer.join()
    before = len(answered)
    rows_before = _rows_of(answered)
    time.sleep(AWAY)
    server.start()
    _send(server, [each for each in sent if _name(each) not in answered], answered)
    rows = _rows_of(answered)
    return Result(
        f"{hooks:,} webhooks, `kill -9` of all web processes after {before:,} answers of 200, of "
        f"which {rows_before:,} have a row; the others sent again",
        f"{len(answered):,} answered 200",
        f"rows of these: {rows:,}",
        f"{len(answered) / max(rows, 1):.2f}",
    )


def _body(number: int, burst: str) -> bytes:
    from bench.stock import order_id

    said = {
        "type": 1,
        "tts_notification_id": f"73{burst}{number:016d}",
        "shop_id": SHOP,
        "timestamp": int(time.time()),
        "data": {"order_id": order_id(number), "order_status": "AWAITING_COLLECTION"},
    }
    return json.dumps(said).encode()


def _name(body: bytes) -> str:
    return str(json.loads(body)["tts_notification_id"])


def _send(server: Web, bodies: Sequence[bytes], answered: set[str] | None = None) -> set[str]:
    """Each once; the ids of those that were answered with 200. A hand whose connection breaks
    stops."""
    from shipboard.channels.tiktok.signing import sign_hook

    told = set() if answered is None else answered
    signed = [(_name(body), sign_hook(KEY, SECRET, body), body) for body in bodies]

    def one(hand: int) -> None:
        line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        for name, signature, body in signed[hand::HANDS]:
            headers = {"Content-Type": "application/json", "Authorization": signature}
            try:
                line.request("POST", "/hooks/tiktok/", body, headers)
                answer = line.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                return
            if answer.status == 200:
                told.add(name)
        line.close()

    _at_once(one)
    return told


def _floor(server: Web, times: int) -> float:
    """Answers a second of the page that does next to nothing."""

    def one(hand: int) -> None:
        line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        for _ in range(times // HANDS):
            line.request("GET", "/healthz")
            line.getresponse().read()
        line.close()

    started = time.perf_counter()
    _at_once(one)
    return times // HANDS * HANDS / (time.perf_counter() - started)


def _at_once(one: Callable[[int], None]) -> None:
    hands = [threading.Thread(target=one, args=(hand,)) for hand in range(HANDS)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()


def _wait_until_well(server: Web) -> None:
    """Until the worker is heard of."""
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    for _ in range(600):
        line.request("GET", "/healthz")
        answer = line.getresponse()
        answer.read()
        if answer.status == 200:
            line.close()
            return
        time.sleep(0.1)
    raise SystemExit("The worker did not come up.")


def _rows_of(names: set[str]) -> int:
    """How many of these webhooks have a row, each counted once."""
    from shipboard.ingest.models import Hook

    keys = Hook.objects.exclude(key="").values_list("key", flat=True)
    return len(names & {key.rpartition(" ")[2] for key in keys})


def _wait_until_done() -> None:
    from shipboard.ingest.models import Hook

    ends = time.monotonic() + PATIENCE
    while Hook.objects.filter(state=Hook.State.NEW).exists():
        if time.monotonic() > ends:
            raise SystemExit("The webhooks were not worked off in time.")
        time.sleep(0.2)
