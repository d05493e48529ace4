"""Answers that say nothing: a channel may report success and send no data. That is no news of an
order, so it is asked again before anything follows from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shipboard.channels.contract import (
    CasesPage,
    Channel,
    ChannelFailure,
    FailureKind,
    OrdersPage,
)

#: So many orders are never all unknown at once.
MANY = 10
TRIES = 3


def orders_by_id(channel: Channel, order_ids: Sequence[str]) -> OrdersPage:
    """These orders as they are now; those that are lacking are asked for again before they count
    as unknown there. Raises ChannelFailure, also when the channel tells of none of many."""
    page = OrdersPage()
    lacking = list(dict.fromkeys(order_ids))
    for _ in range(TRIES):
        if not lacking:
            break
        more = channel.orders(lacking)
        page = replace(
            page, heard=(*page.heard, *more.heard), unheard=(*page.unheard, *more.unheard)
        )
        told = {each.fact.order_id for each in more.heard} | {
            each.order_id for each in more.unheard
        }
        lacking = [each for each in lacking if each not in told]
    if len(lacking) >= MANY and not (page.heard or page.unheard):
        raise said_nothing("orders")
    return page


def says_nothing(page: OrdersPage | CasesPage) -> bool:
    """Not even that there is nothing."""
    rows = page.heard if isinstance(page, OrdersPage) else page.cases
    return not (rows or page.unheard or page.next_page) and page.total is None


def said_nothing(operation: str) -> ChannelFailure:
    return ChannelFailure(
        FailureKind.TRANSIENT,
        operation=operation,
        sentence="The marketplace reported success and sent no data.",
        next_step="It is asked again by itself.",
    )
