"""`shipboard up` with stand-ins for web and worker: order, restarts, ports, every way to end."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from shipboard.embedded.locks import FileLock
from shipboard.embedded.sockets import listener
from shipboard.embedded.supervisor import answers
from tests.embedded.conftest import (
    Program,
    Start,
    children,
    eventually,
    is_alive,
    nothing_runs,
    place_of,
)

pytestmark = pytest.mark.usefixtures("settled")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ready(program: Program) -> str:
    """Wait until it says its address, and return that."""
    line = program.wait_for("Shipboard is ready: ")
    program.wait_for("Press Ctrl-C to stop.")
    return line.removeprefix("Shipboard is ready: ")


def part(program: Program, word: str) -> int:
    """The pid of one part of a running `up`: web, worker or postgres."""
    pattern = {
        "web": r"programs\.py web ",
        "worker": r"programs\.py worker",
        "sandbox": r"programs\.py sandbox ",
        "postgres": r" -D ",
    }
    (pid,) = (p for words, p in children(program.pid).items() if re.search(pattern[word], words))
    return pid


def only_child(pid: int) -> int:
    """The helper that the stand-in worker starts a moment after its own start."""
    eventually(lambda: children(pid))
    (found,) = children(pid).values()
    return found


@pytest.fixture
def running(settled: Path, start: Start) -> Program:
    return start("up", settled, str(free_port()))


def test_it_comes_up_in_order_and_ctrl_c_ends_everything(
    home: Path, running: Program, stranger: subprocess.Popen[bytes]
) -> None:
    address = ready(running)
    assert answers(address), "the address is said only once it answers"
    assert "Sign in with a stand-in password." in running.lines
    parts = {word: part(running, word) for word in ("web", "worker", "postgres")}
    helper = only_child(parts["worker"])
    running.signal(signal.SIGINT)
    running.signal(signal.SIGINT)
    assert running.exit_code() == 0
    assert running.lines[-1] == "Stopping."
    assert not [word for word, pid in parts.items() if is_alive(pid)]
    assert not is_alive(helper), "what the worker had started ends with it"
    assert nothing_runs(place_of(home))
    assert not answers(address)


def test_two_on_one_home_the_second_is_told_the_address(
    home: Path, start: Start, running: Program
) -> None:
    address = ready(running)
    second = start("up", home)
    assert second.exit_code() == 2
    assert second.lines == [
        f"Shipboard is already running for this home at {address}; open that address, or stop it "
        "first with Ctrl-C where it runs."
    ]
    assert answers(address)


def test_a_command_beside_it_uses_its_database(home: Path, start: Start, running: Program) -> None:
    ready(running)
    server = part(running, "postgres")
    holder = start("hold", home)
    holder.wait_for("postgresql://")
    holder.release()
    assert holder.exit_code() == 0
    assert listener(place_of(home)) == server


def test_it_waits_for_a_command_that_owns_the_database(home: Path, start: Start) -> None:
    owner = start("hold", home)
    owner.wait_for("postgresql://")
    program = start("up", home, str(free_port()))
    program.wait_for(f"Waiting for the shipboard command (process {owner.pid}) that is using")
    owner.release()
    assert owner.exit_code() == 0
    ready(program)


def test_kill_9_takes_web_and_worker_along_and_the_next_one_takes_over(
    home: Path, start: Start, running: Program
) -> None:
    ready(running)
    parts = {word: part(running, word) for word in ("web", "worker", "postgres")}
    helper = only_child(parts["worker"])
    running.kill()
    eventually(lambda: not is_alive(parts["web"]) and not is_alive(parts["worker"]))
    assert is_alive(parts["postgres"])
    following = start("up", home, str(free_port()))
    following.wait_for("still running without its owner")
    ready(following)
    assert not is_alive(parts["postgres"])
    os.kill(helper, signal.SIGTERM)  # our stand-in's own child, which knows no lifeline


def test_what_dies_is_started_again(home: Path, running: Program) -> None:
    address = ready(running)
    web, postgres = part(running, "web"), part(running, "postgres")
    os.kill(web, signal.SIGKILL)
    running.wait_for("The web server ended unexpectedly (signal 9); starting it again in 1 s.")
    eventually(lambda: answers(address))
    os.kill(postgres, signal.SIGKILL)
    running.wait_for("The database ended unexpectedly; starting it again.")
    running.wait_for("The database is up again.")
    assert part(running, "postgres") != postgres
    running.signal(signal.SIGTERM)
    assert running.exit_code() == 0
    assert nothing_runs(place_of(home))


def test_a_named_port_that_is_taken_is_refused(home: Path, start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        program = start("up", home, str(port))
        assert program.exit_code() == 2
    assert program.lines[-1] == (
        f"Port {port} on 127.0.0.1 is taken by another program; stop that one, or choose another "
        "with --port."
    )


def test_the_default_port_gives_way_and_says_so(home: Path, start: Start) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(("127.0.0.1", 8000))
            other.listen()
        except OSError:
            pass  # somebody has it anyway, which is all that we want
        program = start("up", home)
        program.wait_for("Port 8000 is taken by another program; using ")
        assert not ready(program).endswith(":8000")


def test_a_lock_left_by_a_killed_one_refuses_nobody(home: Path, running: Program) -> None:
    ready(running)
    running.signal(signal.SIGTERM)
    assert running.exit_code() == 0
    with FileLock(place_of(home).owner_lock) as lock:
        assert lock.try_take()
        assert lock.read()["state"] == "gone"


@pytest.fixture
def with_demo(settled: Path, start: Start) -> Program:
    return start("up", settled, str(free_port()), "--demo")


def test_the_demo_brings_a_sandbox_which_is_started_again(home: Path, with_demo: Program) -> None:
    ready(with_demo)
    port = (home / "sandbox" / "port").read_text()
    assert f"Sandbox: http://127.0.0.1:{port}" in with_demo.lines
    assert (home / "sandbox").stat().st_mode & 0o777 == 0o700
    first = part(with_demo, "sandbox")
    os.kill(first, signal.SIGKILL)
    with_demo.wait_for("The sandbox ended unexpectedly (signal 9); starting it again in 1 s.")
    eventually(lambda: any("programs.py sandbox" in words for words in children(with_demo.pid)))
    second = part(with_demo, "sandbox")
    assert second != first
    with_demo.signal(signal.SIGTERM)
    assert with_demo.exit_code() == 0
    assert not is_alive(second)


def test_kill_9_takes_the_sandbox_along(home: Path, with_demo: Program) -> None:
    ready(with_demo)
    sandbox = part(with_demo, "sandbox")
    with_demo.kill()
    eventually(lambda: not is_alive(sandbox))


def test_a_demo_that_was_taken_away_has_no_sandbox(settled: Path, start: Start) -> None:
    program = start("up", settled, str(free_port()), "--demo", DEMO_TAKEN_AWAY="1")
    ready(program)
    assert not [words for words in children(program.pid) if "programs.py sandbox" in words]
