"""What Shipping Labels shows of each label, of each order that waits for one, and of each group of
rejected ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower

from shipboard.channels.contract import Handover, Rejection, Shipping, Stage
from shipboard.channels.models import Shop
from shipboard.channels.registry import capabilities
from shipboard.desk.attempts import RowState, row_state
from shipboard.desk.label_views import LabelView, label_view
from shipboard.desk.marks import Mark, marks_of, together_of
from shipboard.fulfilment.allowed import Verb, why_not
from shipboard.fulfilment.label_parcels import parcels_of
from shipboard.fulfilment.rejections import KINDS, Fixing, Kind
from shipboard.fulfilment.repack_rules import alike, can_of
from shipboard.orders.label_lists import LabelListing, has_left
from shipboard.orders.label_states import LabelState, state_of
from shipboard.orders.labels import LIVE, Label, labelled
from shipboard.orders.models import Line, Order, ParcelContent
from shipboard.orders.stages import stage_now

#: Marks of an order that tell why no label may be created for it.
STOPPING = ("held", "presumed", "presumed-canceled", "combined")
HANDOVERS = {Handover.PICKUP: "Pick-up", Handover.DROP_OFF: "Drop-off"}
#: Labels of a group that one batch takes.
MOST_AT_ONCE = 600
#: What a button of a whole group does: the labels go to a batch, where one edit is for all.
BY_BATCH: Mapping[Fixing, str] = {
    Fixing.EDIT_PARCEL: "Set weight and size of",
    Fixing.CHOOSE_SERVICE: "Choose service for",
    Fixing.CHOOSE_SLOT: "Choose pick-up time for",
    Fixing.RETRY: "Re-create",
}


@dataclass(frozen=True)
class LabelRow:
    """One label; `view` as its first order shows it, None where its orders have gone. `support_url`
    where the platform gave a reason that nobody here knows; `is_collected`: the carrier has it,
    though it was not printed here."""

    label: Label
    state: LabelState
    view: LabelView | None
    orders: list[Order]
    items: list[tuple[str, int]]
    ship_by: datetime | None
    handover: str
    support_url: str
    is_collected: bool


@dataclass(frozen=True)
class WaitingRow:
    """An order that waits for its label, with the channel's packages of it. `items` are without the
    `canceled` units. `alike`: how many other orders of its buyer wait too and could travel along.
    `marks`: what keeps a label from being created; `shipment`: what was asked for last."""

    order: Order
    packages: list[str]
    items: list[tuple[str, int]]
    canceled: int
    alike: int
    marks: list[Mark]
    shipment: RowState | None


@dataclass(frozen=True)
class Group:
    """Rejected labels of one reason. `labels`: the first of them, as a form carries them; `button`
    mends them all in one go, blank where each needs a look of its own."""

    rejection: Rejection
    kind: Kind
    step: str
    count: int
    labels: str
    button: str
    fetches: bool
    support_url: str


def label_row(label: Label, now: datetime) -> LabelRow:
    """Of a label as orders.label_lists.labels_of gives it."""
    inside = list(label.inside.all())
    for each in inside:
        each.label, each.order.shop = label, label.shop
    orders = [each.order for each in inside]
    is_unknown = label.state == Label.State.REJECTED and label.rejection in ("", Rejection.UNKNOWN)
    can = capabilities(label.shop, Shipping.PLATFORM)
    return LabelRow(
        label=label,
        state=state_of(label),
        view=label_view(inside[0], orders[0], now) if inside else None,
        orders=orders,
        items=_items((line, each.contents) for each in inside for line in each.order.lines.all()),
        ship_by=min((order.ship_by for order in orders if order.ship_by), default=None),
        handover=HANDOVERS.get(Handover(label.handover), ""),
        support_url=can.support_url if is_unknown else "",
        is_collected=bool(orders)
        and state_of(label) is LabelState.CREATED
        and all(map(has_left, orders)),
    )


def _items(of: Iterable[tuple[Line, Mapping[str, int]]]) -> list[tuple[str, int]]:
    """(SKU, units) of what is inside; of lines that it names, or all where it names none."""
    counted: dict[str, int] = {}
    for line, contents in of:
        units = contents.get(str(line.position), 0) if contents else line.kept
        if units:
            name = line.item.seller_sku or line.item.sku_name or line.item.product_name
            counted[name] = counted.get(name, 0) + units
    return list(counted.items())


def waiting_rows(orders: Sequence[Order], now: datetime) -> list[WaitingRow]:
    """Of orders with their shop and parts. Six queries at most."""
    counted = _of_buyers([each for each in orders if can_of(each).combine and alike(each)])
    refusals = _refusals(orders, now)
    return [
        _waiting_row(each, counted[each.shop_id, alike(each)], refusals[each.pk], now)
        for each in orders
    ]


def _refusals(orders: Sequence[Order], now: datetime) -> dict[int, str]:
    """Why a batch would leave an order out, as it will say itself; blank: a label can be created
    for some of its parcels."""
    found = parcels_of(orders, now)
    said = {pk: [each.why_not for each in parcels] for pk, parcels in found.items()}
    return {pk: whys[0] if whys and all(whys) else "" for pk, whys in said.items()}


def _of_buyers(orders: Sequence[Order]) -> Counter[tuple[int, tuple[str, ...]]]:
    """Orders that wait alone for a label, by shop and by what those that travel together share."""
    names = {order.buyer_username.lower() for order in orders}
    shares = ParcelContent.objects.filter(
        parcel__contents__order=OuterRef("pk"), parcel__contents__is_current=True, is_current=True
    ).exclude(order=OuterRef("pk"))
    found = Order.objects.alias(buyer=Lower("buyer_username")).filter(
        ~labelled(Q(label__state__in=LIVE)),
        ~Exists(shares),
        shop__in={order.shop_id for order in orders},
        buyer__in=names,
        stage=Stage.AWAITING_SHIPMENT,
        shipping=Shipping.PLATFORM,
    )
    found = found.only("shop_id", "buyer_username", "warehouse", "delivery_option", "recipient")
    return Counter((each.shop_id, alike(each)) for each in found)


def _waiting_row(order: Order, of_buyer: int, refusal: str, now: datetime) -> WaitingRow:
    parcels = {each.parcel_id: each.parcel for each in order.contents.all()}
    packages = [each.package_id for each in parcels.values() if each.package_id]
    nothing: Mapping[str, int] = {}
    lines = order.lines.all()
    items = _items((line, nothing) for line in lines)
    canceled = sum(line.canceled for line in lines)
    is_alone = len(packages) < 2 and not together_of(order)
    could = max(0, of_buyer - 1) if is_alone and order.stage == Stage.AWAITING_SHIPMENT else 0
    marks = list(_stopping(order, refusal, now))
    shipment = row_state(order, stage_now(order, now))
    return WaitingRow(order, packages, items, canceled, could, marks, shipment)


def _stopping(order: Order, refusal: str, now: datetime) -> Iterator[Mark]:
    """What the order lists show of it too comes after what that means here; not where no label is
    ever created from here, which is true of the whole shop. Where another order of its package
    stops it, that is explained by what combines them."""
    if refusal and capabilities(order.shop, Shipping.PLATFORM).platform_label:
        is_its_own = why_not(Verb.CREATE_LABEL, order, now)
        key = f"verb-{Verb.CREATE_LABEL.value}" if is_its_own else "combined"
        yield Mark(key, "No label now", refusal, "ban")
    for mark in marks_of(order, stage_now(order, now), now):
        if mark.key in STOPPING or mark.key.startswith("case-"):
            yield mark


def groups(found: LabelListing, chosen: Sequence[Rejection]) -> list[Group]:
    """The groups of rejected labels, the largest first; of `chosen` only, where any is."""
    regions = {shop.region for shop in found.shops}
    region = regions.pop() if len(regions) == 1 else ""
    pks = _keys(found.shops)
    return [
        _group(rejection, count, pks.get(rejection, []), region, found.shops)
        for rejection, count in found.reasons.items()
        if not chosen or rejection in chosen
    ]


def _keys(shops: list[Shop]) -> dict[Rejection, list[str]]:
    rejected = Label.objects.filter(shop__in=shops, state=Label.State.REJECTED).order_by("pk")
    found: dict[Rejection, list[str]] = {}
    for pk, reason in rejected.values_list("pk", "rejection"):
        keys = found.setdefault(Rejection(reason or Rejection.UNKNOWN), [])
        if len(keys) < MOST_AT_ONCE:
            keys.append(str(pk))
    return found


def _group(
    rejection: Rejection, count: int, pks: list[str], region: str, shops: list[Shop]
) -> Group:
    kind = KINDS[rejection]
    urls = (capabilities(shop, Shipping.PLATFORM).support_url for shop in shops)
    button = next((BY_BATCH[each] for each in kind.actions if each in BY_BATCH), "")
    return Group(
        rejection=rejection,
        kind=kind,
        step=kind.step_in(region),
        count=count,
        labels=",".join(pks),
        button=button,
        fetches=Fixing.FETCH in kind.actions,
        support_url=next(filter(None, urls), "") if Fixing.SUPPORT in kind.actions else "",
    )
