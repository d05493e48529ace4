"""The audit: who did what and who saw what. Rows are added, never changed."""

from __future__ import annotations

from datetime import datetime

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from shipboard import clock
from shipboard.accounts.models import AuditEntry


def note(by: str, kind: str, subject: str = "", **detail: object) -> None:
    """Add an entry; neither `subject` nor `detail` may hold a buyer's personal data."""
    AuditEntry.objects.create(at=clock.now(), by=by, kind=kind, subject=subject, detail=detail)


def is_noted(kind: str, subject: str, *, since: datetime) -> bool:
    """Whether there is such an entry of `since` or later."""
    return AuditEntry.objects.filter(kind=kind, subject=subject, at__gte=since).exists()


def entries(
    *, by: str | None = None, kind: str = "", before: int | None = None, limit: int
) -> list[AuditEntry]:
    """Newest first, of one actor or kind when given; `before` is the key of the entry after which
    to go on. One more than `limit` when there are more. Raises AuditEntry.DoesNotExist."""
    found = AuditEntry.objects.order_by("-at", "-pk")
    if by is not None:
        found = found.filter(by=by)
    if kind:
        found = found.filter(kind=kind)
    if before is not None:
        last = AuditEntry.objects.get(pk=before)
        # Compared as a pair, so that an index can begin right there.
        is_older = RawSQL("(at, id) < (%s, %s)", [last.at, last.pk], BooleanField())
        found = found.filter(is_older)
    return list(found[: limit + 1])
