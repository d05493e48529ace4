"""Shipments of shops that nobody can call: kept here, handed over in an upload file that the seller
takes (what is marked as shipped needs none), and brought to their end by what a later import shows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from django.db import transaction
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet

from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.channels.contract import Stage
from shipboard.channels.models import Shop
from shipboard.fulfilment.finishing import Ending, finish
from shipboard.fulfilment.targets import CHANGED, Looked, claims_of, lines_of, look
from shipboard.fulfilment.units import WHOLE
from shipboard.orders.attempts import Attempt, ClaimedUnit
from shipboard.orders.canceling import is_asked_for, is_canceling
from shipboard.orders.holds import held
from shipboard.orders.models import Event, Line, Order, ParcelContent
from shipboard.orders.stages import stage_now

#: Rows that the marketplace takes in one file, as the reader here does.
MOST_ROWS = 10_000
#: Looked at in one go.
CHUNK = 500
#: Tells two files of one instant apart.
TICK = timedelta(microseconds=1)
#: The marketplace has seen no parcel of such an order yet.
BEFORE = (Stage.UNPAID, Stage.ON_HOLD, Stage.UNKNOWN, Stage.AWAITING_SHIPMENT)
WAITS = (*BEFORE, Stage.PARTIALLY_SHIPPED)
EVENT = "shipment_handed_over"

State = Attempt.State


@dataclass(frozen=True, slots=True)
class Shipment:
    """A recorded shipment as a row names it. `contents`: units by SKU; none: the order whole.
    `why_not`: the sentence that keeps it out of a file; blank: it goes."""

    attempt: Attempt
    contents: tuple[tuple[str, int], ...] = ()
    why_not: str = ""

    @property
    def rows(self) -> int:
        return max(1, len(self.contents))


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """One file that was taken: `first` is the key of its first shipment, which names it."""

    first: int
    at: datetime
    by: str
    shipments: int
    confirmed: int
    refused: int
    #: Orders that are canceled since, or whose buyers ask for that: not in the file any more.
    stopped: tuple[str, ...] = ()

    @property
    def open(self) -> int:
        return self.shipments - self.confirmed - self.refused


def waiting(shop: Shop) -> QuerySet[Attempt]:
    """What is recorded and not handed over, the first asked for first."""
    kept = Attempt.objects.filter(shop=shop, state=State.RECORDED, handed_over_at=None)
    kept = kept.filter(kind=Attempt.Kind.SHIP)
    return kept.select_related("order", "shop").order_by("pk")


def shipments(attempts: Sequence[Attempt], now: datetime) -> list[Shipment]:
    """Each as it would go at `now`. A constant number of queries."""
    looked = look(attempts, now)
    return [_shipment(each, looked, now) for each in attempts if each.order_id in looked.orders]


def _shipment(attempt: Attempt, looked: Looked, now: datetime) -> Shipment:
    is_open = attempt.state == State.RECORDED and attempt.handed_over_at is None
    why_not = looked.why_not(attempt, now) if is_open else ""
    # Files count units and do not name them: one that another parcel took may be any of its line.
    if why_not == CHANGED and _taken_by(attempt, looked) is None:
        why_not = ""
    contents = _contents(looked.lines[attempt.order_id], looked.claims[attempt.pk])
    return Shipment(attempt, contents, why_not)


def _contents(lines: Sequence[Line], claims: Sequence[ClaimedUnit]) -> tuple[tuple[str, int], ...]:
    """None when it holds all that was ever ordered: the row then needs no SKU."""
    claimed = Counter(each.line for each in claims)
    if sum(line.quantity for line in lines) == claimed.total():
        return ()
    counted = Counter[str]()
    for line in lines:
        if count := claimed[line.position]:
            counted[line.item.sku_id or line.item.seller_sku] += count
    return tuple(counted.items())


def hand_over(
    shop: Shop, *, access: Access, now: datetime, whole_only: bool = False
) -> Handed | None:
    """Mark what waits as gone with a file, up to 10,000 rows; None when there is nothing that may
    go. `whole_only`: orders in parts stay, for a layout that has no place for them. `handed` gives
    the shipments. Raises NotAllowed."""
    access.need(Right.WORK)
    with transaction.atomic():
        # One file after the other; what is asked for meanwhile need not wait for it.
        Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
        at = _instant(shop, now)
        chosen = [each.attempt for each in _that_go(_locked(shop), now, whole_only)]
        if not chosen:
            return None
        _mark(chosen, at, access.by)
    return Handed(
        first=chosen[0].pk, at=at, by=access.by, shipments=len(chosen), confirmed=0, refused=0
    )


def _instant(shop: Shop, now: datetime) -> datetime:
    """A file is known by its instant, so no two of a shop have one."""
    last: datetime | None = Attempt.objects.filter(shop=shop).aggregate(
        at=Max("handed_over_at", filter=Q(handed_over_at__gte=now))
    )["at"]
    return last + TICK if last else now


def _locked(shop: Shop) -> list[Attempt]:
    """What waits, as it is once nobody changes it: all orders first, in one order, as everywhere;
    what was taken back meanwhile is left out."""
    orders = Order.objects.filter(pk__in=waiting(shop).values("order"))
    list(orders.order_by("pk").select_for_update().values("pk"))
    return list(waiting(shop).select_related(None).select_for_update())


def _that_go(attempts: Iterable[Attempt], now: datetime, whole_only: bool) -> Iterator[Shipment]:
    rows = 0
    for some in _chunks(attempts):
        for each in shipments(some, now):
            if each.why_not or (whole_only and each.contents):
                continue
            rows += each.rows
            if rows > MOST_ROWS:
                return
            yield each


def _mark(attempts: Sequence[Attempt], at: datetime, by: str) -> None:
    Attempt.objects.filter(pk__in=[each.pk for each in attempts]).update(handed_over_at=at)
    Event.objects.bulk_create(
        Event(order_id=each.order_id, at=at, kind=EVENT, by=by, detail={"attempt": each.pk})
        for each in attempts
    )
    orders = Order.objects.filter(pk__in={each.order_id for each in attempts})
    orders.update(version=F("version") + 1, changed_at=at)


def history(shop: Shop, now: datetime, many: int = 20) -> list[Handed]:
    """The files that were taken, newest first."""
    taken = Attempt.objects.filter(shop=shop).exclude(handed_over_at=None)
    files = taken.values("handed_over_at").annotate(
        at=Min("handed_over_at"),
        first=Min("pk"),
        shipments=Count("pk"),
        confirmed=Count("pk", filter=Q(state=State.DONE)),
        refused=Count("pk", filter=Q(state=State.REFUSED)),
    )
    rows = list(files.order_by("-handed_over_at")[:many])
    stopped: dict[datetime | None, list[str]] = defaultdict(list)
    kept_back = taken.filter(_stopped(now)).values_list("handed_over_at", "order__order_id")
    for at, order_id in kept_back:
        stopped[at].append(order_id)
    by = _takers([row["first"] for row in rows])
    return [
        Handed(
            first=row["first"],
            at=row["at"],
            by=by.get(row["first"], ""),
            **{name: row[name] for name in ("shipments", "confirmed", "refused")},
            stopped=tuple(sorted(stopped[row["handed_over_at"]])),
        )
        for row in rows
    ]


def _stopped(now: datetime) -> Q:
    """Shipments of which no import has told, and whose order is held here, is canceled, or is to
    be."""
    is_canceled = Q(order__stage=Stage.CANCELED) | is_canceling(now, "order")
    kept_back = is_canceled | is_asked_for("order") | held(now, "order")
    return Q(state=State.RECORDED) & kept_back


def _takers(firsts: Sequence[int]) -> Mapping[int, str]:
    told = Event.objects.filter(kind=EVENT, order__attempts__in=firsts)
    return {
        detail["attempt"]: by
        for detail, by in told.values_list("detail", "by")
        if detail.get("attempt") in firsts
    }


def handed(shop: Shop, first: int, now: datetime) -> list[Shipment]:
    """The shipments of the file whose first shipment is `first`, to take it again; without those
    that have been refused since, or whose order is held or being canceled. None: there is no such
    file of the shop, or nothing of it may go any more."""
    named = Attempt.objects.filter(shop=shop, pk=first).exclude(handed_over_at=None).first()
    if named is None:
        return []
    of_file = Attempt.objects.filter(shop=shop, handed_over_at=named.handed_over_at)
    kept = of_file.filter(state__in=(State.RECORDED, State.DONE)).exclude(_stopped(now))
    kept = kept.select_related("order")
    found = []
    for some in _chunks(kept.order_by("pk")):
        lines, claims = lines_of(some), claims_of(some)
        found += [Shipment(e, _contents(lines[e.order_id], claims[e.pk])) for e in some]
    return found


def confirm(now: datetime) -> int:
    """Bring to their end the shipments of which the facts say what became of them; how many. Asks
    one question while nothing is recorded."""
    found = _told().select_related("order", "shop").order_by("shop", "pk")
    ended = 0
    for _, of_shop in groupby(found, key=lambda each: each.shop_id):
        for some in _chunks(of_shop):
            looked = look(some, now)
            endings = [
                _ending(each, looked, now) for each in some if each.order_id in looked.orders
            ]
            by = some[0].shop.get_channel_display()
            ended += len(finish([each for each in endings if each], by=by, now=now))
    return ended


def _told() -> QuerySet[Attempt]:
    """Recorded shipments whose order shows a parcel, or does not wait any more."""
    numbered = ParcelContent.objects.filter(order=OuterRef("order"), is_current=True)
    numbered = numbered.exclude(parcel__tracking_number="")
    is_told = Exists(numbered) | ~Q(order__stage__in=WAITS)
    return Attempt.objects.filter(state=State.RECORDED).filter(is_told)


def _ending(attempt: Attempt, looked: Looked, now: datetime) -> Ending | None:
    """None: nothing is known of it yet."""
    if attempt.kind == Attempt.Kind.MARK:
        return _end_of_mark(attempt, looked, now)
    if parcel := looked.parcel_under(attempt):
        return Ending(attempt.pk, State.DONE, package_id=parcel.package_id)
    order = looked.orders[attempt.order_id]
    stage = stage_now(order, now)
    if stage == Stage.CANCELED:
        return _refused(attempt, "The order was canceled.", "Do not send the parcel.")
    if (other := _taken_by(attempt, looked)) is not None:
        reason = f"The marketplace shows the order under {other}." if other else CHANGED
        return _refused(attempt, reason, "Look at the order, and at the number in Seller Center.")
    if stage in WAITS:
        return None
    if attempt.handed_over_at is None:
        return _refused(attempt, "The order was shipped without it.", "Look at the order.")
    return Ending(
        attempt.pk,
        State.DONE,
        warning="The marketplace shows the order as shipped, but not under which number.",
    )


def _end_of_mark(attempt: Attempt, looked: Looked, now: datetime) -> Ending | None:
    """What the marketplace says of an order that is marked as shipped here."""
    stage = stage_now(looked.orders[attempt.order_id], now)
    if stage == Stage.CANCELED:
        return Ending(
            attempt.pk,
            State.REFUSED,
            reason="The marketplace does not show it as shipped: the order was canceled.",
            next_step="Ask the carrier for the parcel back.",
        )
    has_gone = stage not in WAITS or looked.has_left(attempt)
    return Ending(attempt.pk, State.DONE) if has_gone else None


def _refused(attempt: Attempt, reason: str, next_step: str) -> Ending:
    said = f"It was not shipped under {attempt.tracking_number}. {reason}"
    return Ending(attempt.pk, State.REFUSED, reason=said, next_step=next_step)


def _taken_by(attempt: Attempt, looked: Looked) -> str | None:
    """The number under which its units went, by the facts, so that too few are left for it; blank
    where the order has fewer units than it claims. None: all of them wait."""
    claimed = Counter(each.line for each in looked.claims[attempt.pk])
    left = Counter({line.position: line.quantity for line in looked.lines[attempt.order_id]})
    if claimed - left:
        return ""
    for content in looked.orders[attempt.order_id].contents.all():
        number = content.parcel.tracking_number
        if not number or number.upper() == attempt.tracking_number.upper():
            continue
        left[content.line] -= content.quantity
        if content.line == WHOLE or claimed[content.line] > max(0, left[content.line]):
            return number
    return None


def _chunks(attempts: Iterable[Attempt]) -> Iterator[list[Attempt]]:
    some: list[Attempt] = []
    for each in attempts:
        some.append(each)
        if len(some) == CHUNK:
            yield some
            some = []
    if some:
        yield some
