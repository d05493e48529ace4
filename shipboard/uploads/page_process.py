"""Asking the program that opens strange PDFs (page_reader.py), and outliving its end."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from shipboard.orders.overlays import Refused

MAX_PAGES = 1200
#: For each page; a common one takes 0.03.
SECONDS = 15
#: So many pages on which the program dies, and the rest of the file is not tried.
MOST_DEATHS = 10
BROKEN = (
    "The PDF breaks the program that reads it, so nothing of it is taken. Print it to a new PDF, "
    "and send that."
)


class Unreadable(Refused):
    """The file is not taken; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Read:
    """What is on a page. `codes`: (kind, text); all blank when the page cannot be read."""

    number: int
    text: str = ""
    codes: tuple[tuple[str, str], ...] = ()
    digest: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    """To the program and from it."""

    to: IO[bytes]
    answers: IO[bytes]


@contextmanager
def _asked(*arguments: str) -> Iterator[_Line]:
    """The program, for the length of the block; nothing of it is left behind."""
    # Nothing of the desk's surroundings: no secret, no database.
    surroundings = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [sys.executable, "-m", "shipboard.uploads.page_reader", str(SECONDS), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=surroundings,
    )
    line = _Line(cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout))
    try:
        yield line
    finally:
        process.kill()
        for stream in (line.to, line.answers):
            with contextlib.suppress(OSError):
                stream.close()
        process.wait()


def _answers(stream: IO[bytes]) -> Iterator[dict[str, Any]]:
    """What it says until it ends, in one way or another. Raises Unreadable."""
    for line in stream:
        try:
            answer = json.loads(line)
        except ValueError:
            return
        if refused := answer.get("refused"):
            raise Unreadable(str(refused))
        yield answer


def read(path: Path, first: int = 1) -> Iterator[int | Read]:
    """How many pages the PDF has, then each page from `first` on. A page on which the program dies
    comes without anything. Raises Unreadable."""
    deaths, pages = 0, 0
    while True:
        with _asked("read", str(path), str(first), str(MAX_PAGES)) as line:
            for answer in _answers(line.answers):
                if "pages" in answer:
                    if not pages:
                        yield (pages := int(answer["pages"]))
                    continue
                yield _page(answer)
                first = int(answer["page"]) + 1
        if not pages:
            raise Unreadable(BROKEN)
        if first > pages:
            return
        deaths += 1
        if deaths > MOST_DEATHS:
            raise Unreadable(BROKEN)
        yield Read(first)
        first += 1
        if first > pages:
            return


def _page(answer: dict[str, Any]) -> Read:
    codes = tuple((str(kind), str(text)) for kind, text in answer.get("codes", ()))
    text, digest = str(answer.get("text", "")), str(answer.get("digest", ""))
    return Read(int(answer["page"]), text, codes, digest)


def cut(path: Path, groups: Sequence[Sequence[int]]) -> Iterator[bytes | None]:
    """A document of each group of page numbers, the pages as they are; None: it is too large, or
    the program died of it."""
    done = 0
    while done < len(groups):
        with _asked("cut", str(path)) as line:
            for group in groups[done:]:
                content = _cut(line, group)
                done += 1
                yield content
                if content is None:
                    break  # begun anew, should it have died


def _cut(line: _Line, group: Sequence[int]) -> bytes | None:
    try:
        line.to.write(json.dumps(list(group)).encode() + b"\n")
        line.to.flush()
    except OSError:
        return None
    return _content(line.answers)


def _content(stream: IO[bytes]) -> bytes | None:
    """What follows the next answer. Raises Unreadable."""
    answer = next(_answers(stream), None)
    if answer is None or answer["size"] < 0:
        return None
    content = stream.read(answer["size"])
    return content if len(content) == answer["size"] else None


def join(*documents: bytes) -> bytes:
    """Their pages in one document. Raises Unreadable."""
    return _of("join", *documents)


def picture(document: bytes) -> bytes:
    """The first page as PNG. Raises Unreadable."""
    return _of("picture", document)


def _of(what: str, *documents: bytes) -> bytes:
    with tempfile.TemporaryDirectory(prefix="shipboard-") as folder:
        paths = [Path(folder, str(number)) for number in range(len(documents))]
        for path, document in zip(paths, documents, strict=True):
            path.write_bytes(document)
        with _asked(what, *map(str, paths)) as line:
            content = _content(line.answers)
    if content is None:
        raise Unreadable("This page cannot be read.")
    return content
