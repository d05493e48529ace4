"""Taking a page of orders as a channel told of it, in one transaction: one bad order keeps none of
the others back, and what is odd about any of them is written down.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import InterfaceError, OperationalError, connection, transaction

from shipboard.channels.contract import (
    Channel,
    Heard,
    OrdersPage,
    Stage,
    Stream,
    Unheard,
)
from shipboard.channels.models import Shop
from shipboard.ingest import cursors, findings, payloads
from shipboard.ingest.apply import Applied, Source, apply
from shipboard.ingest.cases import Told, with_cases
from shipboard.ingest.findings import Found, Kind
from shipboard.ingest.line import Line

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of orders that were read: how many, what changed, and by order id what is odd.
    unreadable: (order id, why). gone: open here, and not known there any more. absent: asked for
    and neither here nor there. missed: changed, though a poll should have told of it before."""

    heard: int = 0
    applied: Applied = field(default_factory=Applied)
    unreadable: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()

    def __add__(self, other: Taken) -> Taken:
        return Taken(
            self.heard + other.heard,
            self.applied + other.applied,
            self.unreadable + other.unreadable,
            self.unknown + other.unknown,
            self.gone + other.gone,
            self.absent + other.absent,
            self.missed + other.missed,
        )


def together(pages: Sequence[OrdersPage]) -> OrdersPage:
    """Pages as one. Each begins with what the one before it ended with, so an order that is told of
    again in the very same words counts once, as it was told last."""
    heard: dict[str, Heard] = {}
    before: list[Heard] = []
    for each in (each for page in pages for each in page.heard):
        earlier = heard.pop(each.fact.order_id, None)
        if earlier and replace(earlier.fact, as_of=each.fact.as_of) != each.fact:
            before.append(earlier)
        heard[each.fact.order_id] = each
    unheard = tuple(each for page in pages for each in page.unheard)
    return OrdersPage(heard=(*before, *heard.values()), unheard=unheard)


def take(
    line: Line,
    channel: Channel,
    page: OrdersPage,
    now: datetime,
    *,
    told: Told | None = None,
    returns: bool = False,
    then: Callable[[Taken], Taken] = lambda taken: taken,
) -> Taken:
    """Look up the cancellations of a page, and the `returns` that wait here; add the cases `told`,
    and store it all while the line is held. `then` is called last in the same transaction. Raises
    ChannelFailure and LineLost, with everything as it was."""
    heard, lacking = with_cases(channel, line.shop, page.heard, told or {}, returns=returns)
    with transaction.atomic():
        line.check()
        _need_not_wait_for_the_disk()
        if lacking and cursors.is_due(line.shop, Stream.CANCELLATIONS, now):
            cursors.note_failure(line.shop, Stream.CANCELLATIONS, lacking, now)
        return then(_store(line.shop, replace(page, heard=heard), now))


def _need_not_wait_for_the_disk() -> None:
    """Should the database itself crash, the last pages go together with their cursor or before the
    word that a webhook is done, and are read again."""
    with connection.cursor() as cursor:
        cursor.execute("set local synchronous_commit = off")


def _store(shop: Shop, page: OrdersPage, now: datetime) -> Taken:
    applied, refused = _applied(shop, page.heard, Source(by=shop.get_channel_display(), now=now))
    unheard = [*page.unheard, *refused]
    bad = {each.order_id for each in refused}
    # Of one that is told of twice, what was told last.
    last = {each.fact.order_id: each for each in page.heard if each.fact.order_id not in bad}
    payloads.keep(shop, last, now)
    unknown = [each for each in last.values() if each.fact.stage is Stage.UNKNOWN]
    ids = tuple(each.fact.order_id for each in unknown)
    findings.settle_heard(shop, last, ids, now)
    findings.note(
        shop,
        [
            *(Found(Kind.UNREADABLE_ORDER, e.order_id, e.reason, e.payload) for e in unheard),
            *(Found(Kind.UNKNOWN_STATUS, e.fact.order_id, _unknown(e)) for e in unknown),
            *findings.plain(Kind.STEPPED_BACK, applied.stepped_back),
        ],
        now,
    )
    return Taken(
        heard=len(page.heard) + len(page.unheard),
        applied=applied,
        unreadable=tuple((each.order_id, each.reason) for each in unheard),
        unknown=ids,
    )


def _unknown(heard: Heard) -> str:
    return (
        f"The marketplace gives this order the status {heard.fact.status_words[:60]!r}, which is "
        "not known here. It is under Processing; look at it there."
    )


def _applied(shop: Shop, heard: Sequence[Heard], source: Source) -> tuple[Applied, list[Unheard]]:
    """All at once, or, when that breaks, by halves: those that break alone are handed back."""
    try:
        return apply(shop, [each.fact for each in heard], source), []
    except (OperationalError, InterfaceError, Shop.DoesNotExist):
        raise
    except Exception as problem:
        if len(heard) == 1:
            return Applied(), [_refused(heard[0], problem)]
    middle = len(heard) // 2
    applied, refused = _applied(shop, heard[:middle], source)
    more, also = _applied(shop, heard[middle:], source)
    return applied + more, refused + also


def _refused(heard: Heard, problem: Exception) -> Unheard:
    """Logged without the message of the problem, which may hold a name or an address."""
    name, where = type(problem).__name__, "".join(traceback.format_tb(problem.__traceback__))
    logger.error("An order could not be stored: %s\n%s", name, where)
    why = f"It could be read but not stored ({name})."
    return Unheard(order_id=heard.fact.order_id, reason=why, payload=heard.payload)
