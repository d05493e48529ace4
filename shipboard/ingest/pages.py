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


def take(
    line: Line,
    channel: Channel,
    page: OrdersPage,
    now: datetime,
    *,
    told: Told | None = None,
    then: Callable[[Taken], Taken] = lambda taken: taken,
) -> Taken:
    """Look up the cancellations of a page, add the cases `told`, and store it all while the line
    is held. `then` is called last in the same transaction. Raises ChannelFailure and LineLost, with
    everything as it was."""
    heard, lacking = with_cases(channel, line.shop, page.heard, told or {})
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
    well = [each for each in page.heard if each.fact.order_id not in bad] if bad else page.heard
    payloads.keep(shop, well, now)
    unknown = [each for each in well if each.fact.stage is Stage.UNKNOWN]
    findings.note(
        shop,
        [
            *(Found(Kind.UNREADABLE_ORDER, e.order_id, e.reason, e.payload) for e in unheard),
            *(Found(Kind.UNKNOWN_STATUS, e.fact.order_id, _unknown(e)) for e in unknown),
            *findings.plain(Kind.STEPPED_BACK, applied.stepped_back),
        ],
        now,
    )
    ids = tuple(each.fact.order_id for each in unknown)
    findings.settle_heard(shop, [each.fact.order_id for each in well], ids, now)
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
    """All at once, or, when that breaks, one by one: those that break alone are handed back."""
    try:
        return apply(shop, [each.fact for each in heard], source), []
    except (OperationalError, InterfaceError, Shop.DoesNotExist):
        raise
    except Exception as problem:
        _say("A page", problem)
    applied, refused = Applied(), []
    for each in heard:
        try:
            applied += apply(shop, [each.fact], source)
        except (OperationalError, InterfaceError):
            raise
        except Exception as problem:
            _say("An order", problem)
            why = f"It could be read but not stored ({type(problem).__name__})."
            refused.append(Unheard(order_id=each.fact.order_id, reason=why, payload=each.payload))
    return applied, refused


def _say(what: str, problem: Exception) -> None:
    """Without the message of the problem, which may hold a name or an address."""
    where = "".join(traceback.format_tb(problem.__traceback__))
    logger.error("%s could not be stored: %s\n%s", what, type(problem).__name__, where)
