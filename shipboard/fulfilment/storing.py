"""The platform's label files at rest: sealed, counted, opened for printing, and gone after the
shop's days.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import DateTimeField, DurationField, Expression, ExpressionWrapper, F, Value

from shipboard.accounts.sealing import InvalidToken, seal_bytes, unseal_bytes
from shipboard.channels.contract import Document
from shipboard.orders.events import record
from shipboard.orders.labels import Label, LabelDocument
from shipboard.orders.overlays import Refused

PURPOSE = "label"


class NoDocument(Refused):
    """The file is not here (yet, or any more)."""


def store(label: Label, document: Document, now: datetime) -> None:
    """Keep the file of a label that is locked; its row is saved by the caller."""
    LabelDocument.objects.update_or_create(
        label=label,
        defaults={
            "sealed": sealed(document.content),
            "media_type": document.media_type,
            "stored_at": now,
        },
    )
    label.state, label.stored_at, label.fetch_at = Label.State.CREATED, now, None
    label.tracking_number = document.tracking_number or label.tracking_number
    label.rejection = label.reason = label.next_step = label.code = ""
    label.words = label.request_id = ""
    for inside in label.inside.select_related("order"):
        record(inside.order, "label_created", by=label.shop.name, at=now, label=label.pk)


def sealed(content: bytes) -> bytes:
    """As a file is kept."""
    return seal_bytes(content, PURPOSE)


def content_of(label: Label) -> Document:
    """The file as the platform gave it. Raises NoDocument."""
    kept = LabelDocument.objects.filter(label=label.pk).first()
    if kept is None:
        raise NoDocument("The file of this label is not kept here.")
    try:
        content = unseal_bytes(bytes(kept.sealed), PURPOSE)
    except InvalidToken:
        raise NoDocument(
            "The file of this label was sealed with another secret key; fetch it again."
        ) from None
    return Document(
        content=content, media_type=kept.media_type, tracking_number=label.tracking_number
    )


def purge(now: datetime) -> int:
    """Delete files older than their shop's days; how many. The labels' rows stay."""
    old = LabelDocument.objects.alias(gone_at=gone_at("stored_at", "label__shop"))
    old = old.filter(gone_at__lte=now)
    pks = list(old.values_list("pk", flat=True)[:5000])
    return LabelDocument.objects.filter(pk__in=pks).delete()[0] if pks else 0


def gone_at(since: str, shop: str) -> Expression:
    """When what is kept since `since` goes, by the days of its shop; both name fields."""
    day = Value(timedelta(days=1), output_field=DurationField())
    age = ExpressionWrapper(F(f"{shop}__label_days") * day, output_field=DurationField())
    return ExpressionWrapper(F(since) + age, output_field=DateTimeField())
