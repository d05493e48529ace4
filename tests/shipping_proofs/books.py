"""What must be true once a desk that ships is quiet: the marketplace's own books on one side, the
desk's attempts, claims and runs on the other.
"""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.books import Entry
from sandbox.testing import Shipment, double_shipments, shipments
from shipboard.fulfilment.finishing import ROWS
from shipboard.fulfilment.models import Run, RunRow
from shipboard.fulfilment.runs import tally
from shipboard.orders.attempts import Attempt, ClaimedUnit
from tests.channel_proofs.rig import SHOP
from tests.shipping_proofs.life import Life

State, Kind = Attempt.State, Attempt.Kind
ENDED = (State.DONE, State.REFUSED, State.REVOKED)
#: What happens over there that makes a shipment no longer what it was.
UNDOES = ("stepped_back", "tracking_changed", "uncombined", "combined", "split", "cancelled")


def prove(life: Life) -> None:
    """Fails with all that is wrong, and with what happened before."""
    life.quiet()
    wrong = [*life.wire.watch.wrong, *doubles(life), *attempts(life), *runs(), *claims(life)]
    assert not wrong, "\n".join([*wrong, "-- What happened:", *life.happened])


def doubles(life: Life) -> Iterator[str]:
    for one in double_shipments(life.market, SHOP):
        yield f"shipped twice: {one}"


def attempts(life: Life) -> Iterator[str]:
    """Each ended; each that was accepted is one shipment over there, and each shipment under a
    number of ours is one that was accepted."""
    sent: dict[str, list[Shipment]] = {}
    for one in shipments(life.market, SHOP):
        sent.setdefault(one.tracking_number, []).append(one)
    by_number: dict[str, list[Attempt]] = {}
    for attempt in Attempt.objects.select_related("order").order_by("pk"):
        if attempt.state not in ENDED:
            yield f"no end of {attempt.pk} {attempt}: {attempt.reason}"
        if attempt.kind == Kind.SHIP:
            by_number.setdefault(attempt.tracking_number, []).append(attempt)
        elif attempt.state == State.DONE and not _is_corrected(life, attempt):
            yield f"not corrected: {attempt.pk} {attempt}"
    for number, asked in by_number.items():
        done = [each for each in asked if each.state == State.DONE]
        found = sent.get(number, [])
        yield from (f"not shipped: {each.pk} {each}" for each in done if not found)
        if len(found) != len(done) and not _is_undone(life, found):
            yield f"{number}: shipped {len(found)} times, accepted {[each.pk for each in done]}"
        for attempt, one in zip(done, found, strict=False):
            yield from _differs(life, attempt, one)


def _differs(life: Life, attempt: Attempt, one: Shipment) -> Iterator[str]:
    claimed = set(attempt.units.values_list("unit", flat=True))
    # A package may hold units that came after; what was taken back may have gone otherwise.
    is_some = life.region == "TH" or attempt.order.order_id in _taken_back(life)
    if attempt.order.order_id not in one.orders:
        yield f"{attempt.pk} {attempt} went with {one.orders}"
    if claimed and not (claimed <= {*one.units} if is_some else claimed == {*one.units}):
        yield f"{attempt.pk} {attempt} claimed {claimed}, shipped {one.units}"


def _is_corrected(life: Life, attempt: Attempt) -> bool:
    changes = life.market.books.ledger(what="tracking_changed", shop=SHOP)
    return any(one.detail["after"] == attempt.tracking_number for one in changes)


def _is_undone(life: Life, found: list[Shipment]) -> bool:
    """Somebody over there changed it before the desk could hear that it was shipped."""
    entries: list[Entry] = life.market.books.ledger(shop=SHOP)
    return any(
        entry.what in UNDOES
        and (entry.package_id == one.package_id or entry.order_id in one.orders)
        for one in found
        for entry in entries
        if entry.at >= one.at
    )


def runs() -> Iterator[str]:
    """Rows add up to what was chosen, and say what their shipments say."""
    for run in Run.objects.order_by("pk"):
        told = tally(run)
        if sum(told.values()) != run.rows or run.state != Run.State.DONE:
            yield f"run {run.pk} is {run.state}: {told} of {run.rows}"
        if told[RunRow.Outcome.SENDING] or told[RunRow.Outcome.WAITING]:
            yield f"run {run.pk} has rows without an end: {told}"
    for row in RunRow.objects.exclude(attempt=None).select_related("attempt"):
        assert row.attempt is not None
        if row.outcome != ROWS[State(row.attempt.state)]:
            yield f"row {row.pk} is {row.outcome}, its shipment {row.attempt.state}"


def claims(life: Life) -> Iterator[str]:
    """Only what was accepted has units, for as long as the platform does not take it back."""
    for claim in ClaimedUnit.objects.exclude(attempt__state=State.DONE).select_related("attempt"):
        yield f"{claim.unit} is claimed by {claim.attempt}"
    done = Attempt.objects.filter(kind=Kind.SHIP, state=State.DONE, units=None)
    for attempt in done.exclude(order__order_id__in=_taken_back(life)):
        yield f"{attempt.pk} {attempt} has no units"


def _taken_back(life: Life) -> set[str]:
    return {one.order_id for one in life.market.books.ledger(what="stepped_back", shop=SHOP)}
