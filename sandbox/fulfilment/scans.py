"""What carriers tell of a package on its way; the last comes first when it is asked for."""

from __future__ import annotations

from sandbox.kinds import UNTOLD, Doc


def add(package: Doc, at: int, description: str, code: int) -> None:
    """Adds an event of unix second `at` to a package, in place."""
    known = package.setdefault(UNTOLD, {}).setdefault("scans", [])
    known.append({"description": description, "update_time_millis": at * 1000, "action_code": code})


def of(package: Doc) -> list[Doc]:
    """Newest first."""
    known: list[Doc] = package.get(UNTOLD, {}).get("scans", [])
    return sorted(known, key=lambda one: -int(one["update_time_millis"]))
