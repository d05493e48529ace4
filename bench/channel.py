"""The channel: pulling orders, a burst of webhooks, and how long until a change is on a screen.
Each part has a sandbox and a database of its own.

    python -m bench.channel [--orders N] [--hooks N] [--changes N] [--part pull] [--write]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path

from bench import page
from bench.apply import scratch
from bench.timing import Result

PARTS = ("pull", "burst", "screen")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000, help="that are pulled")
    parser.add_argument("--hooks", type=int, default=10_000, help="of one burst")
    parser.add_argument("--changes", type=int, default=40, help="that are seen on a screen")
    parser.add_argument("--part", action="append", choices=PARTS, help="only this; repeatable")
    parser.add_argument("--write", action="store_true", help="to docs/performance.md")
    parser.add_argument("--alone", choices=PARTS, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    with server():
        if given.alone:
            print(json.dumps([astuple(each) for each in _part(given.alone, given)]))
            return
        found = [each for part in given.part or PARTS for each in _apart(part)]
    if given.write:
        page.write(page.MARKETPLACE, page.marketplace(found))
    if given.json:
        print(json.dumps([astuple(each) for each in found]))
        return
    for each in found:
        print(f"{each.what}: {each.measured}; {each.floor}; {each.ratio}")


def _apart(part: str) -> list[Result]:
    """In a process of its own: Django knows one database."""
    command = [sys.executable, "-m", "bench.channel", *sys.argv[1:], "--alone", part]
    told = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    return [Result(*each) for each in json.loads(told)]


def _part(part: str, given: argparse.Namespace) -> list[Result]:
    os.environ.setdefault("SHIPBOARD_TIKTOK_CALLS_PER_SECOND", "100000")
    with scratch():
        from bench import burst, pull, screen

        match part:
            case "pull":
                return pull.results(given.orders)
            case "burst":
                return burst.results(given.hooks)
            case _:
                return screen.results(given.changes)


@contextmanager
def server() -> Iterator[None]:
    """The database server of SHIPBOARD_DATABASE_URL, or one of our own."""
    if os.environ.get("SHIPBOARD_DATABASE_URL"):
        yield
        return
    from shipboard.embedded.database import database

    folder = Path(tempfile.mkdtemp(prefix="shipboard-bench-"))
    folder.chmod(0o711)  # the account that runs PostgreSQL for root must get in
    os.environ["SHIPBOARD_HOME"] = str(folder / "home")
    os.environ.setdefault("SHIPBOARD_SECRET_KEY", "only for benchmarks")
    try:
        with database(folder / "home", say=lambda words: print(words, file=sys.stderr)) as url:
            os.environ["SHIPBOARD_DATABASE_URL"] = url
            yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
