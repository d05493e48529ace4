"""The parts that need no server: sentences, settings, ports, pauses, the log's limit."""

from __future__ import annotations

import errno
import os
import socket
import time
from pathlib import Path

import pytest

from shipboard.embedded.cluster import MIB, meaningful_line, settings_text
from shipboard.embedded.errors import EmbeddedError, told
from shipboard.embedded.locks import FileLock
from shipboard.embedded.orphans import works_in
from shipboard.embedded.ports import address, claim_port, ip_address
from shipboard.embedded.server import LOG_LIMIT, bound_log
from shipboard.embedded.service import Pauses


@pytest.mark.parametrize(
    ("log", "sentence"),
    [
        ("", "it said nothing."),
        ("x [1] LOG:  one\nx [1] FATAL:  bad thing\nx [1] LOG:  shut down\n", "bad thing."),
        ("x FATAL:  real\nx FATAL:  the database system is starting up\n", "real."),
        ("initdb: error: could not create directory", "could not create directory."),
        ("sh: not found\n", "sh: not found."),
        (
            "x PANIC:  could not write: No space left on device",
            "could not write: No space left on device. Free some space on the disk and try again.",
        ),
    ],
)
def test_the_line_that_says_why(log: str, sentence: str) -> None:
    assert meaningful_line(log) == sentence


@pytest.mark.parametrize(
    ("memory", "shared"), [(64, "32MB"), (1024, "256MB"), (4096, "1024MB"), (65536, "1024MB")]
)
def test_settings_follow_the_memory(memory: int, shared: str) -> None:
    lines = settings_text(memory * MIB).splitlines()
    assert f"shared_buffers = {shared}" in lines
    assert "listen_addresses = ''" in lines


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full; free some space and try again."),
        (errno.EROFS, "it is on a read-only file system; set SHIPBOARD_HOME to"),
        (errno.EACCES, "this account may not write there; change its owner or"),
        (errno.ELOOP, "Too many levels of symbolic links."),
    ],
)
def test_trouble_with_files_is_one_sentence(number: int, words: str) -> None:
    sentence = str(told("do it", OSError(number, os.strerror(number), "/some/where")))
    assert sentence.startswith("Could not do it (/some/where): ")
    assert words in sentence


def test_pauses_grow_and_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    pauses = Pauses()
    pauses.note_start()
    assert [pauses.next() for _ in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    clock[0] += 61
    assert pauses.next() == 1


def test_a_claimed_port_is_ours_alone_until_released() -> None:
    first = claim_port("127.0.0.1", 20000, exactly=False)
    with pytest.raises(EmbeddedError, match="is taken by another program"):
        claim_port("127.0.0.1", first.port, exactly=True)
    second = claim_port("127.0.0.1", first.port, exactly=False)
    assert second.port > first.port
    # A web server of ours, which listens with SO_REUSEPORT, fits beside the claim.
    with socket.socket() as web:
        web.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        web.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        web.bind(("127.0.0.1", first.port))
        web.listen()
        with socket.create_connection(("127.0.0.1", first.port), timeout=5):
            web.settimeout(5)
            web.accept()[0].close()
    first.release()
    second.release()
    claim_port("127.0.0.1", first.port, exactly=True).release()


def test_an_address_that_is_not_ours() -> None:
    with pytest.raises(EmbeddedError, match="choose an address of this machine with --host"):
        claim_port("192.0.2.1", 8000, exactly=True)


def test_a_name_becomes_an_address() -> None:
    assert ip_address("localhost") == "127.0.0.1"
    assert ip_address("::1") == "::1"
    with pytest.raises(EmbeddedError, match=r"There is no address 'no\.such\.invalid'"):
        ip_address("no.such.invalid")


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("desk.example", "http://desk.example:80"),
    ],
)
def test_the_address_to_open(host: str, shown: str) -> None:
    assert address(host, 80) == shown


def test_the_log_is_cut_and_its_end_kept(tmp_path: Path) -> None:
    log = tmp_path / "postgres.log"
    with log.open("ab") as writer:
        writer.write(b"old\n" * 10)
        writer.write(b"x" * LOG_LIMIT)
        writer.flush()
        bound_log(log)
        writer.write(b"new\n")
    assert log.read_bytes() == b"new\n"
    assert (tmp_path / "postgres.log.1").read_bytes() == b"x" * LOG_LIMIT
    bound_log(log)
    assert log.read_bytes() == b"new\n"


def test_a_lock_is_never_taken_through_a_symlink(tmp_path: Path) -> None:
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        FileLock(tmp_path / "lock")
    assert not (tmp_path / "elsewhere").exists()


def test_an_unreadable_lock_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "lock").write_bytes(b"\xff{")
    with FileLock(tmp_path / "lock") as lock:
        assert lock.read() == {}
        lock.write({"state": "ready"})
        assert lock.read() == {"state": "ready"}


def test_where_a_process_works(tmp_path: Path) -> None:
    assert works_in(os.getpid(), Path.cwd())
    assert not works_in(os.getpid(), tmp_path)
