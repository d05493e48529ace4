"""Files beside the data, written so that root visiting somebody's home, or lending the server to
another account, neither follows a planted symlink nor leaves a file its owner cannot open.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def open_beside(path: Path, flags: int, mode: int = 0o600) -> int:
    """A descriptor for `path`, created if need be with the owner and group of its directory."""
    fd = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    if os.geteuid() == 0:
        beside = path.parent.stat()
        os.fchown(fd, beside.st_uid, beside.st_gid)
    return fd


def replace(path: Path, text: str, mode: int = 0o600) -> None:
    """`path` holds `text`: whole or not at all, even when the machine stops in the middle."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with open(open_beside(fresh, os.O_WRONLY | os.O_EXCL, mode), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
