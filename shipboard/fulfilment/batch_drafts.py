"""Batches that are made and not begun: a person's own list of them, those that came of one
selection, and putting one away.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Count, QuerySet

from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.fulfilment.batches import NotAsShown, batches
from shipboard.fulfilment.models import LabelBatch


def drafts(access: Access) -> QuerySet[LabelBatch]:
    """The actor's own that nobody has begun, each with `parcels`; the newest first."""
    counted = batches(access).filter(run=None).annotate(parcels=Count("each"))
    return counted.order_by("-made_at", "pk")


def others_of(batch: LabelBatch, access: Access) -> list[LabelBatch]:
    """What came of the same selection, which is made at one instant, and is not begun."""
    return list(drafts(access).filter(made_at=batch.made_at).exclude(pk=batch.pk))


def others_of_run(run_pk: int, access: Access) -> list[LabelBatch]:
    """The same of the batch that became this run."""
    first = batches(access).filter(run=run_pk).first()
    return others_of(first, access) if first else []


@transaction.atomic
def put_away(batch: LabelBatch, *, access: Access) -> None:
    """Nothing of it was asked for, so its parcels stay as they are. Raises NotAsShown."""
    access.need(Right.WORK)
    held = LabelBatch.objects.select_for_update().filter(pk=batch.pk).first()
    if held and held.run_id:
        raise NotAsShown("These labels are being created already.")
    if held:
        held.delete()
