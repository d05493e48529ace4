"""Cases of orders, attached to what is told of them: a page of orders only says that a buyer asks
to cancel, not with which reason and until when the seller must answer, and nothing of returns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from django.db import connection

from shipboard.channels.case_contract import CaseStep
from shipboard.channels.contract import (
    CaseFact,
    CaseKind,
    Channel,
    ChannelFailure,
    FailureKind,
    Heard,
    Stream,
)
from shipboard.channels.models import Shop
from shipboard.ingest import findings
from shipboard.ingest.copying import array
from shipboard.ingest.rows import case_fact
from shipboard.orders.models import Case

Told = Mapping[str, Sequence[CaseFact]]

WAITING = """
select "case".id from "case" join "order" on "order".id = "case".order_id
 where "order".shop_id = %s and "order".order_id = any(%s::text[])
   and "case".is_open and ("case".kind = %s or %s)
"""


def by_order(cases: Iterable[tuple[str, CaseFact]]) -> dict[str, list[CaseFact]]:
    told: dict[str, list[CaseFact]] = {}
    for order_id, case in cases:
        told.setdefault(order_id, []).append(case)
    return told


def with_cases(
    channel: Channel, shop: Shop, heard: Sequence[Heard], told: Told, *, returns: bool = False
) -> tuple[tuple[Heard, ...], ChannelFailure | None]:
    """The same orders with their cases: those `told` of, and, where a buyer asks or a cancellation
    waits here, what the channel says of it now, asked in one go; with `returns`, the same of
    returns, refunds and replacements; of an order that could not be read before, all its cases, as
    what was told of them meanwhile could not be stored. Without the right to ask (the failure comes
    along), the orders stay as they were told. Raises other ChannelFailures."""
    open_here = _open_here(shop, [each.fact.order_id for each in heard], returns=returns)
    waiting = _of_kind(open_here, is_return=False)
    unread = findings.unread(shop, [each.fact.order_id for each in heard])
    asked = [
        each.fact.order_id
        for each in heard
        if each.fact.order_id in waiting or each.fact.order_id in unread or _asks(each)
    ]
    returned = {*unread, *_of_kind(open_here, is_return=True)}
    found: dict[str, list[CaseFact]] = {}
    known = {*asked, *returned}
    lacking = None
    try:
        cases = channel.cases_of(asked).cases if asked else ()
        cases += channel.cases_of(sorted(returned), Stream.RETURNS).cases if returned else ()
        found = by_order(cases)
    except ChannelFailure as failure:
        if failure.kind is not FailureKind.SCOPE:
            raise
        known, lacking = set(), failure
    attached = tuple(
        _attached(each, told.get(each.fact.order_id, ()), found, open_here)
        if each.fact.order_id in known
        else _named(each, told.get(each.fact.order_id, ()))
        for each in heard
    )
    return attached, lacking


def _open_here(shop: Shop, order_ids: Sequence[str], *, returns: bool) -> Told:
    """Stored cancellations that wait, and `returns` too, by order id. Asked with one array, as of
    every page: a hundred parameters take longer to write than the cases to find."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [shop.pk, array(order_ids), CaseKind.CANCELLATION.value, returns])
        waiting = [pk for (pk,) in cursor.fetchall()]
    cases = Case.objects.filter(pk__in=waiting).select_related("order") if waiting else ()
    return by_order((case.order.order_id, case_fact(case)) for case in cases)


def _of_kind(told: Told, *, is_return: bool) -> dict[str, list[CaseFact]]:
    """Only cancellations, or all but those; an order without any is left out."""
    kept = {
        order_id: [c for c in cases if (c.kind is not CaseKind.CANCELLATION) is is_return]
        for order_id, cases in told.items()
    }
    return {order_id: cases for order_id, cases in kept.items() if cases}


def _is_flag(case: CaseFact) -> bool:
    """The order's own word that a buyer asks: a cancellation without an id."""
    return case.kind is CaseKind.CANCELLATION and case.is_open and not case.case_id


def _asks(heard: Heard) -> bool:
    return any(map(_is_flag, heard.fact.cases))


def _named(heard: Heard, told: Sequence[CaseFact]) -> Heard:
    """What was told of a case by its own list is more than what the order says of it."""
    return _with(heard, [*heard.fact.cases, *told]) if told else heard


def _attached(heard: Heard, told: Sequence[CaseFact], found: Told, open_here: Told) -> Heard:
    """The flag goes once the case itself is known to wait, or once the order does not wave it any
    more. A case that is known by its id stays as it is when an answer does not name it: a channel
    names all it has, so the answer lacks something, and a request must not be overlooked; one that
    goes on there as another kind of case is over as what it was."""
    order_id = heard.fact.order_id
    asked = found.get(order_id, ())
    is_known = any(case.is_open and case.case_id for case in asked)
    said = [case for case in heard.fact.cases if not (is_known and _is_flag(case))]
    cases = [*said, *told, *asked]
    named = {(case.case_id, case.kind) for case in cases}
    ids = {case_id for case_id, _ in named if case_id}
    over = [
        replace(case, is_open=False, step=CaseStep.NOTHING)
        for case in open_here.get(order_id, ())
        if (case.case_id in ids or _is_flag(case)) and (case.case_id, case.kind) not in named
    ]
    return _with(heard, [*cases, *over])


def _with(heard: Heard, cases: Iterable[CaseFact]) -> Heard:
    """Each case once, as it was told last; in a fixed order, so that the same is the same."""
    last = {(case.kind, case.case_id): case for case in cases}
    ordered = tuple(last[key] for key in sorted(last))
    return replace(heard, fact=replace(heard.fact, cases=ordered))
