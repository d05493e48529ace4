"""The only writer of channel facts. Whatever speaks for a channel - a file, a poll, a webhook -
hands over records here; hearing the same thing again, late or out of order changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db import transaction

from shipboard.channels.contract import OrderFact
from shipboard.channels.models import Shop
from shipboard.ingest.batch import Batch
from shipboard.ingest.source import Applied, Source
from shipboard.ingest.turn import take_turn

__all__ = ["Applied", "Source", "apply"]


def apply(shop: Shop, facts: Iterable[OrderFact], source: Source) -> Applied:
    """Take a batch of orders (about a thousand is quick) in one transaction, all or none.

    Writers of one shop take turns by an advisory lock, so that two of them never both think an
    order new. Raises nothing of its own.
    """
    total = Applied()
    with transaction.atomic():
        take_turn(shop)
        for batch in _without_repeats(facts):
            total += Batch(shop, source).take(batch)
    return total


def _without_repeats(facts: Iterable[OrderFact]) -> Iterator[list[OrderFact]]:
    """Batches in which each order occurs once, in the order given."""
    batch: dict[str, OrderFact] = {}
    for fact in facts:
        if fact.order_id in batch:
            yield list(batch.values())
            batch = {}
        batch[fact.order_id] = fact
    if batch:
        yield list(batch.values())
