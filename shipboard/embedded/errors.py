"""What can go wrong with the embedded database, said in one sentence for a person.
Whoever catches an EmbeddedError prints its message and nothing else: no traceback.
"""

from __future__ import annotations

import errno
from pathlib import Path


class EmbeddedError(Exception):
    """The message is one sentence that says what happened and what to do next."""


NEXT_STEP = {
    errno.ENOSPC: "the disk is full; free some space and try again",
    errno.EDQUOT: "the disk quota is used up; free some space and try again",
    errno.EROFS: "it is on a read-only file system; set SHIPBOARD_HOME to a directory on another",
    errno.EACCES: "this account may not write there; change its owner or choose another "
    "directory with SHIPBOARD_HOME",
    errno.ENOTDIR: "a part of the path is a file; choose another directory with SHIPBOARD_HOME",
}
NEXT_STEP[errno.EPERM] = NEXT_STEP[errno.EACCES]


def told(doing: str, problem: OSError, path: Path | None = None) -> EmbeddedError:
    """`problem` as a sentence: "Could not <doing> (<path>): <what to do>"."""
    where = problem.filename or path
    place = f" ({where})" if where else ""
    step = NEXT_STEP.get(problem.errno or 0, problem.strerror or str(problem))
    return EmbeddedError(f"Could not {doing}{place}: {step}.")
