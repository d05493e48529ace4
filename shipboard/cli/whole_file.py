"""A file that is at its place whole or not at all, and of which a kill leaves nothing: until it is
whole it has no name, or, where the system knows only files with one, the next writer removes it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from shipboard.cli.refusals import Refused

#: How the name of a file begins that is not whole, or not yet at its place.
HALF = ".shipboard-half-"
#: What a system answers that has no files without a name.
NAMED_ONLY = (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT)


@contextmanager
def whole_or_none(path: Path) -> Iterator[BinaryIO]:
    """A file that is at `path` once the block has ended well, readable by its owner alone. Raises
    Refused where none can be written."""
    try:
        if path.is_dir():
            raise Refused(f"{path} is a folder; name a file in it.")
        if path.exists() and not path.is_file():
            raise Refused(f"{path} is not a plain file; name another.")
        _sweep(path.parent)
        handle, half = _begun(path.parent)
    except OSError as problem:
        raise Refused(
            f"{path} can't be written: {problem.strerror}. Name a file in a folder of yours."
        ) from problem
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            half = half or _named(file.fileno(), path.parent)
            half.replace(path)
    except OSError as problem:
        raise Refused(
            f"{path} can't be written: {problem.strerror}. Make room, then try again."
        ) from problem
    finally:
        if half:
            half.unlink(missing_ok=True)


def _begun(folder: Path) -> tuple[int, Path | None]:
    """A new locked file in `folder`: its handle, and its name where it has one."""
    if nameless := getattr(os, "O_TMPFILE", 0):
        try:
            handle = os.open(folder, os.O_WRONLY | nameless, 0o600)
        except OSError as problem:
            if problem.errno not in NAMED_ONLY:
                raise
        else:
            _lock(handle)
            if Path(_link_of(handle)).exists():
                return handle, None
            os.close(handle)
    while True:
        handle, name = tempfile.mkstemp(prefix=HALF, dir=folder)
        _lock(handle)
        if os.fstat(handle).st_nlink:
            return handle, Path(name)
        os.close(handle)  # somebody swept it away before it was locked


def _named(handle: int, folder: Path) -> Path:
    """A name for what is whole and has none; `replace` then puts it over what is there, which a
    link cannot."""
    name = folder / f"{HALF}{secrets.token_hex(8)}"
    # Python only follows the link to the file itself where it is given a src_dir_fd, unused.
    os.link(_link_of(handle), name, src_dir_fd=handle, follow_symlinks=True)
    return name


def _link_of(handle: int) -> str:
    return f"/proc/self/fd/{handle}"


def _sweep(folder: Path) -> None:
    """Remove what killed writers left. What is being written is locked, which ends with a life."""
    for path in folder.glob(f"{HALF}*"):
        with suppress(OSError):
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                if _lock(handle):
                    path.unlink()
            finally:
                os.close(handle)


def _lock(handle: int) -> bool:
    """Whether the file is ours alone now, until it is closed or we die. Never where the system has
    no locks."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
