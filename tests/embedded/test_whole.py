"""The real `shipboard up`, web server and worker included, and `shipboard doctor` beside it."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shipboard.embedded.supervisor import answers
from tests.embedded.conftest import (
    GENEROUS,
    Program,
    children,
    environment,
    eventually,
    is_alive,
    nothing_runs,
    place_of,
)
from tests.embedded.test_up import free_port, ready

pytestmark = pytest.mark.usefixtures("settled")
Shipboard = Callable[..., Program]
OURSELVES = [sys.executable, "-m", "shipboard"]


@pytest.fixture
def shipboard(home: Path) -> Iterator[Shipboard]:
    started: list[Program] = []

    def begin(*words: str, **more: str) -> Program:
        started.append(Program([*OURSELVES, *words], SHIPBOARD_HOME=str(home), **more))
        return started[-1]

    yield begin
    for program in reversed(started):
        program.close()


def doctor(home: Path, **more: str) -> tuple[int, list[str]]:
    asked = subprocess.run(
        [*OURSELVES, "doctor"],
        env=environment(SHIPBOARD_HOME=str(home), **more),
        capture_output=True,
        text=True,
        timeout=GENEROUS,
        check=False,
    )
    assert not asked.stderr
    return asked.returncode, asked.stdout.splitlines()


def family(pid: int) -> list[int]:
    """A process and everything below it."""
    return [pid, *(p for child in children(pid).values() for p in family(child))]


def test_up_doctor_and_ctrl_c(home: Path, shipboard: Shipboard) -> None:
    up = shipboard("up", "--port", str(free_port()))
    address = ready(up)
    assert any("First sign-in: " in line for line in up.lines)
    eventually(lambda: doctor(home)[0] == 0)
    said = "\n".join(doctor(home)[1])
    for words in ("ok       database: running", f"answers at {address}", "none pending", "worker"):
        assert words in said
    assert "problem" not in said
    everything = family(up.pid)
    up.signal(signal.SIGINT)
    assert up.exit_code() == 0
    assert not [pid for pid in everything if is_alive(pid)]
    assert nothing_runs(place_of(home))
    code, lines = doctor(home, SHIPBOARD_NOW="+3h")
    assert code == 0
    assert any(line.startswith("note     clock: SHIPBOARD_NOW=+3h") for line in lines)


def test_kill_9_of_up_ends_every_process_of_web_and_worker(
    home: Path, shipboard: Shipboard
) -> None:
    up = shipboard("up", "--port", str(free_port()))
    address = ready(up)
    everything = family(up.pid)
    parts = [
        pid
        for words, child in children(up.pid).items()
        if "-m shipboard" in words
        for pid in family(child)
    ]
    assert len(parts) >= 3, "web, its processes, worker"
    up.kill()
    eventually(lambda: not [pid for pid in parts if is_alive(pid)])
    assert not answers(address)
    code, lines = doctor(home)
    assert code == 1
    assert any("running without its owner" in line for line in lines)
    # Any command puts it right.
    migrate = shipboard("migrate")
    assert migrate.exit_code() == 0
    assert migrate.lines[-1] == "The database is up to date."
    assert not [pid for pid in everything if is_alive(pid)]


def test_the_demo_comes_with_its_marketplace_and_goes_with_it(
    home: Path, shipboard: Shipboard
) -> None:
    up = shipboard("up", "--demo", "--port", str(free_port()), SHIPBOARD_DEMO_PACE="0")
    ready(up)
    (said,) = (line for line in up.lines if line.startswith("The demo's marketplace: "))
    assert answers(said.removeprefix("The demo's marketplace: "))
    assert not any("could not" in line for line in up.lines), up.lines
    assert any(line.startswith("ok       sandbox: answers at") for line in doctor(home)[1])
    again = shipboard("sandbox")
    assert again.exit_code() == 2
    assert "is running at" in again.lines[-1]
    parts = [pid for words, pid in children(up.pid).items() if "-m sandbox" in words]
    everything = [pid for part in parts for pid in family(part)]
    assert len(everything) >= 2, "granian and its process"
    up.kill()
    eventually(lambda: not [pid for pid in everything if is_alive(pid)])
    assert not any("sandbox" in line for line in doctor(home)[1])


def test_web_alone_keeps_a_database_and_ends_with_it(home: Path, shipboard: Shipboard) -> None:
    port = free_port()
    assert shipboard("migrate").exit_code() == 0
    web = shipboard("web", "--port", str(port))
    eventually(lambda: answers(f"http://127.0.0.1:{port}"))
    second = shipboard("web", "--port", str(port))
    assert second.exit_code() == 2
    assert f"Port {port} on 127.0.0.1 is taken" in second.lines[-1]
    everything = family(web.pid)
    web.signal(signal.SIGTERM)
    assert web.exit_code() == 0
    assert not [pid for pid in everything if is_alive(pid)]
    assert nothing_runs(place_of(home))


def test_doctor_on_a_damaged_home_says_what_to_do(home: Path) -> None:
    (place_of(home).data / "postmaster.pid").write_text("")
    home.chmod(0o777)
    code, lines = doctor(home)
    assert code == 1
    problems = [line for line in lines if line.startswith("problem")]
    assert [line.split()[1] for line in problems] == ["home:", "pid"]
    assert (place_of(home).data / "postmaster.pid").read_text() == "", "it changed nothing"


def test_doctor_on_a_home_that_does_not_exist_creates_nothing(base: Path) -> None:
    code, lines = doctor(base / "nowhere")
    assert code == 0, lines
    assert not (base / "nowhere").exists()
