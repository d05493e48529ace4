"""Files put into a folder for somebody else to fetch: plain, whole, readable for the desk's account
only, and never outside the folder that the desk's environment allows.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC
from pathlib import Path

from django.conf import settings
from django.utils.text import slugify

from shipboard.exports import vault
from shipboard.exports.models import Export, ExportSchedule
from shipboard.orders.overlays import Refused


class FolderRefused(Refused):
    """Nothing is put there; the message says why."""


def is_possible() -> bool:
    """Whether the desk's environment names a folder at all."""
    return bool(settings.EXPORT_FOLDER)


def checked(folder: str) -> Path:
    """The folder, links followed. Raises FolderRefused when it is none, or outside of the allowed
    one."""
    if not is_possible():
        raise FolderRefused(
            "This desk puts files into no folder: SHIPBOARD_EXPORT_FOLDER is not set."
        )
    root, wanted = Path(settings.EXPORT_FOLDER), Path(folder)
    if not root.is_absolute() or not wanted.is_absolute() or "\x00" in folder:
        raise FolderRefused("Name the folder from its root on, such as /srv/exports/daily.")
    try:
        real = wanted.resolve(strict=True)
        is_inside = real.is_relative_to(root.resolve(strict=True))
    except (OSError, RuntimeError):
        raise FolderRefused(f"There is no folder {folder}; make it first.") from None
    if not is_inside:
        raise FolderRefused(f"{folder} is not within {root}, where exports may be put.")
    if not real.is_dir():
        raise FolderRefused(f"{folder} is no folder.")
    return real


@contextmanager
def staged(export: Export) -> Iterator[Callable[[], None]]:
    """The finished file, whole, in its schedule's folder under a name that nobody looks for; the
    call gives it its own, in place of what an earlier try put there. Does nothing without such a
    folder. Raises FolderRefused, vault.Unopenable and OSError."""
    if not (export.schedule and export.schedule.folder):
        yield lambda: None
        return
    place = checked(export.schedule.folder) / delivered_name(export, export.schedule)
    part = _part(place)
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            for chunk in vault.unseal(export.key).chunks:
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        yield lambda: _put(part, place)
    finally:
        part.unlink(missing_ok=True)


def _put(part: Path, place: Path) -> None:
    """Told as done only once it outlives a power cut."""
    part.rename(place)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def withdraw(export: Export) -> None:
    """Take out of the folder what a killed try left there of an export that came to nothing. It
    ends all the same where the folder cannot be reached (any more)."""
    if not (export.schedule and export.schedule.folder):
        return
    with suppress(FolderRefused, OSError):
        place = checked(export.schedule.folder) / delivered_name(export, export.schedule)
        for path in (place, _part(place)):
            path.unlink(missing_ok=True)


def _part(place: Path) -> Path:
    return place.with_name(f".{place.name}.part")


def delivered_name(export: Export, schedule: ExportSchedule) -> str:
    """`daily-orders-3-20261122T090000Z.csv`: by schedule and its time, so that it is put once."""
    at = (export.slot or export.asked_at).astimezone(UTC)
    name = slugify(schedule.name) or "export"
    return f"{name}-{schedule.pk}-{at:%Y%m%dT%H%M%SZ}.{export.format}"


def file_name(export: Export) -> str:
    """What a browser calls the file: `orders-20261122T120000Z.csv`."""
    return f"{export.layout}-{export.asked_at.astimezone(UTC):%Y%m%dT%H%M%SZ}.{export.format}"
