"""Which account of the operating system runs PostgreSQL, and what that account can reach.
PostgreSQL refuses to run as root, so root lends it an existing account; nobody is ever created.
"""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from shipboard.embedded.errors import EmbeddedError

# Accounts that exist on nearly every system and own nothing of value, best first.
LENDABLE = ("postgres", "nobody")


class PopenAs(TypedDict, total=False):
    """Arguments of subprocess.Popen that make a child run as another account."""

    user: int
    group: int
    extra_groups: list[int]
    umask: int


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs PostgreSQL; `switch` when that is not who we are."""

    name: str
    uid: int
    gid: int
    switch: bool

    def popen(self) -> PopenAs:
        """What subprocess.Popen needs to start a child as this account, files private to it."""
        if not self.switch:
            return {"umask": 0o077}
        return {"user": self.uid, "group": self.gid, "extra_groups": [], "umask": 0o077}

    def can_enter(self, directory: Path) -> bool:
        """May this account pass through every directory down to and including `directory`?

        Judged by owner, group and mode; access lists are not consulted.
        """
        return all(self._may_pass(step) for step in (directory, *directory.parents))

    def _may_pass(self, directory: Path) -> bool:
        try:
            found = directory.stat()
        except OSError:
            return False
        if found.st_uid == self.uid:
            return bool(found.st_mode & stat.S_IXUSR)
        if found.st_gid == self.gid:
            return bool(found.st_mode & stat.S_IXGRP)
        return bool(found.st_mode & stat.S_IXOTH)


def account_of(uid: int, gid: int) -> Account:
    """The account with this uid, even when the system has no name for it."""
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return Account(f"uid {uid}", uid, gid, switch=uid != os.geteuid())
    return Account(entry.pw_name, uid, entry.pw_gid, switch=uid != os.geteuid())


def account_to_lend() -> Account:
    """Who shall run a new cluster: we ourselves, or, when we are root, an account to lend.

    Root's choice: SHIPBOARD_POSTGRES_USER, else `postgres`, else `nobody`.
    Raises EmbeddedError when there is none, or when the chosen one is root again.
    """
    if os.geteuid() != 0:
        return account_of(os.geteuid(), os.getegid())
    chosen = os.environ.get("SHIPBOARD_POSTGRES_USER", "").strip()
    for name in (chosen,) if chosen else LENDABLE:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid == 0:
            raise EmbeddedError(
                f"PostgreSQL refuses to run as root, and SHIPBOARD_POSTGRES_USER names {name}; "
                "set it to an ordinary account."
            )
        return Account(name, entry.pw_uid, entry.pw_gid, switch=True)
    raise EmbeddedError(
        f"There is no account {' or '.join((chosen,) if chosen else LENDABLE)} here to run "
        "PostgreSQL, which refuses to run as root; set SHIPBOARD_POSTGRES_USER to an existing "
        "account, or run Shipboard as an ordinary user."
    )
