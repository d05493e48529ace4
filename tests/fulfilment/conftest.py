"""A shop with orders, and people of it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from shipboard.accounts.access import Access
from shipboard.channels.models import Shop
from shipboard.fulfilment.allowed import Verb
from shipboard.fulfilment.models import Run
from shipboard.fulfilment.runs import begin
from shipboard.fulfilment.selection import Selection
from shipboard.fulfilment.wishes import Wishes
from shipboard.orders.filters import parse
from shipboard.orders.models import Colour
from tests import make

MAI = Access(by="mai")
RED = Wishes(colour=Colour.RED)


def stock(shop: Shop, many: int) -> list[int]:
    """Primary keys of so many new orders."""
    pks = []
    for number in range(many):
        order = make.row(shop, f"{shop.slug}-{number}")
        order.save()
        pks.append(order.pk)
    return pks


def some(*pks: int) -> Selection:
    return Selection(len(pks), pks=tuple(sorted(pks)))


def all_of(query: str, count: int) -> Selection:
    return Selection(count, filter=parse(query))


Begin = Callable[..., Run]


@pytest.fixture
def begun() -> Begin:
    """Begin a run of Mai's that flags red, unless told otherwise."""

    def run(
        selection: Selection,
        verb: Verb = Verb.FLAG,
        wishes: Wishes = RED,
        key: UUID | None = None,
        access: Access = MAI,
    ) -> Run:
        return begin(selection, verb, wishes, key=key or uuid4(), access=access, now=make.NOW)

    return run
