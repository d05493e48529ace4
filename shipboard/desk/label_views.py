"""A shipping label on screen: its state in a word, why it was rejected or no longer fits its parcel
and what to do, and the buttons that do it. The same on rows, cards, drawers and pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from shipboard.channels.contract import Rejection, Shipping
from shipboard.channels.registry import capabilities
from shipboard.desk import wording
from shipboard.fulfilment.buyer_messages import buyer_message
from shipboard.fulfilment.limits import usual_size, usual_weight
from shipboard.fulfilment.rejections import KINDS, Fixing
from shipboard.fulfilment.voiding import DO_NOT_USE
from shipboard.orders.label_states import (
    ARRANGED,
    ASKED_TOO_LONG,
    PRESSING,
    UNCOLLECTED,
    WORDS,
    LabelState,
    state_of,
)
from shipboard.orders.labels import Label, LabelOrder
from shipboard.orders.models import Order
from shipboard.orders.staleness import WORDS as STALE_WORDS
from shipboard.orders.staleness import Stale

#: How a state looks (shipboard.css, `verdict-`).
LEVELS: Mapping[LabelState, str] = {
    LabelState.CREATED: "good",
    LabelState.PRINTED: "good",
    LabelState.REJECTED: "bad",
    LabelState.DELAYED: "note",
    LabelState.UNKNOWN: "note",
    LabelState.VOIDED: "bad",
}
#: What leads back to the form, and what its button says.
BY_FORM: Mapping[Fixing, str] = {
    Fixing.EDIT_PARCEL: "Change weight or size, and re-create",
    Fixing.CHOOSE_SERVICE: "Choose another service, and re-create",
    Fixing.CHOOSE_SLOT: "Choose a pick-up time, and re-create",
    Fixing.RETRY: "Re-create Shipping Label",
}
PRINTED: Mapping[str, str] = {
    Label.Print.NO: "Not printed",
    Label.Print.SENT: "Sent to the printer, waiting for your word",
    Label.Print.CONFIRMED: "Printed",
}


CHANGED = "The buyer has changed the address since: create it again."


@dataclass(frozen=True)
class FixButton:
    """`href` is opened: in the dialog (`dialog`), sent by a form (`posts`, with the label's key),
    or in another tab (`outside`)."""

    text: str
    href: str
    how: str


@dataclass(frozen=True)
class Rejected:
    """`words`: the platform's own; `buttons`: the one that mends it most often first. `message`:
    what to send to the buyer, where only they can mend it. `changed`: the address since then."""

    title: str
    reason: str
    words: str
    next_step: str
    code: str
    request_id: str
    buttons: list[FixButton] = field(default_factory=list)
    message: str = ""
    changed: str = ""


@dataclass(frozen=True)
class LabelView:
    """A label of an order. `stale`: what happened since it was made, and what to do; `why`: why it
    is not here yet; `tries`: how often it was asked for; `printed`: how far it is on its way to
    paper, blank before there is anything to print. `voided`: what to do about one that a person put
    out of use while its order waits; blank where nothing is to be done."""

    label: Label
    order: Order
    state: LabelState
    word: str
    level: str
    stale: str
    rejected: Rejected | None
    why: str
    tries: int
    printed: str
    voided: str = ""

    @property
    def carrier(self) -> str:
        """The label's, else its parcel's, else the order's. `order` with its contents."""
        mine = self.label.package_id
        parcels = (each.parcel for each in self.order.contents.all())
        of_parcel = (each.carrier for each in parcels if mine and each.package_id == mine)
        known = (self.label.carrier, *of_parcel, self.order.carrier)
        return next(filter(None, known), "")

    @property
    def can_print(self) -> bool:
        return self.label.state == Label.State.CREATED and not self.stale

    @property
    def place(self) -> str:
        """Names its popover within a page."""
        return f"{self.label.pk}-{self.order.pk}"


def label_views(order: Order, now: datetime) -> list[LabelView]:
    """Of an order with its parts (orders.parts.with_parts), newest first: no query."""
    inside = list(order.labels.all())
    for each in inside:
        each.label.shop = order.shop
    views = [label_view(each, order, now) for each in reversed(inside)]
    labels = [each.label for each in inside]
    return [replace(each, voided=_voided(each.label, labels, order)) for each in views]


def _voided(label: Label, labels: Iterable[Label], order: Order) -> str:
    """`labels`: all of the order. One in its place makes it history."""
    is_ours = label.state == Label.State.VOIDED and label.void_reason.startswith(DO_NOT_USE)
    if not is_ours or order.stage not in UNCOLLECTED or order.collected_at:
        return ""
    live = (each for each in labels if each.state != Label.State.VOIDED)
    if any(each.pk > label.pk or each.package_id == label.package_id != "" for each in live):
        return ""
    if order.stage not in ARRANGED:
        return "Use it again if it is right after all; else create a new one."
    return (
        "The marketplace still counts the order as shipped. Use it again if it is right after all; "
        "else cancel or re-ship the order in Seller Center."
    )


def leading(views: Iterable[LabelView]) -> LabelView | None:
    """The one that asks for a person first; None where no label counts."""
    views = list(views)
    counting = [each for each in views if each.state in PRESSING]
    rank = PRESSING.index
    if counting:
        return min(counting, key=lambda each: (not each.stale, rank(each.state)))
    return next((each for each in views if each.voided), None)


def label_view(inside: LabelOrder, order: Order, now: datetime) -> LabelView:
    """`inside` with its label, as orders.parts gives both."""
    label = inside.label
    state = state_of(label)
    waits_for_file = state in (LabelState.CREATING, LabelState.DELAYED)
    word = WORDS[state]
    if state == LabelState.CREATING:
        word = "Arranged, its file is coming" if label.arranged_at else "Creating"
    if state == LabelState.PRINTED and label.label_print == Label.Print.SENT:
        word = "Sent to the printer"
    if state == LabelState.VOIDED and label.void_reason.startswith(DO_NOT_USE):
        word = "Voided: do not use"
    return LabelView(
        label=label,
        order=order,
        state=state,
        word=word,
        level=LEVELS.get(state, "open"),
        stale=_stale(inside, order),
        rejected=_rejected(inside, order) if state == LabelState.REJECTED else None,
        why=_why(label, state, now) if waits_for_file or state == LabelState.UNKNOWN else "",
        tries=getattr(label, "tries", 0),
        printed=PRINTED[label.label_print] if label.stored_at else "",
    )


def _why(label: Label, state: LabelState, now: datetime) -> str:
    said = " ".join(filter(None, (label.reason, label.next_step)))
    if state == LabelState.UNKNOWN:
        told = "The marketplace is asked what became of it; nothing is bought twice."
        if label.asked_at < now - ASKED_TOO_LONG:
            told = f"For over ten minutes nobody knows whether it was made. {told}"
        return told
    if state == LabelState.DELAYED:
        return said or "It is paid for, and its file is long in coming; it is asked for on and on."
    return said


def _stale(inside: LabelOrder, order: Order) -> str:
    """What happened, and what to do with the parcel; blank where the label still fits."""
    code = getattr(inside.label, "stale", "")
    if not code:
        return ""
    what, todo = STALE_WORDS[Stale(code)]
    if code != Stale.PARTLY_CANCELED:
        return f"{what} {todo}"
    out = _to_take_out(inside, order)
    return f"{what} Take {out} out of the parcel." if out else f"{what} {todo}"


def _to_take_out(inside: LabelOrder, order: Order) -> str:
    """As "1 x MUG-RED", of what the label was made for and the parcel holds no more."""
    still: dict[str, int] = {}
    for each in order.contents.all():
        if each.parcel.package_id == inside.label.package_id:
            still[str(each.line)] = still.get(str(each.line), 0) + each.quantity
    skus = {
        str(line.position): line.item.seller_sku or line.item.sku_id or line.item.product_name
        for line in order.lines.all()
    }
    gone = {line: units - still.get(line, 0) for line, units in inside.contents.items()}
    return ", ".join(
        f"{units} × {skus.get(line, '?')}" for line, units in gone.items() if units > 0
    )


def _rejected(inside: LabelOrder, order: Order) -> Rejected:
    label = inside.label
    kind = KINDS[Rejection(label.rejection or Rejection.UNKNOWN)]
    actions = kind.actions_in(order.shop.region)
    return Rejected(
        title=kind.title,
        reason=label.reason or kind.means,
        words=label.words,
        next_step=kind.step_in(order.shop.region),
        code=label.code,
        request_id=label.request_id,
        buttons=_buttons(label, order, actions),
        message=_message(label, order) if Fixing.ASK_BUYER in actions else "",
        changed=CHANGED if getattr(inside, "is_readdressed", False) else "",
    )


def _message(label: Label, order: Order) -> str:
    is_too_long = "too long" in f"{label.reason} {label.words}".lower()
    return buyer_message(order.order_id, order.shop.region, is_too_long=is_too_long)


def _buttons(label: Label, order: Order, actions: Iterable[Fixing]) -> list[FixButton]:
    """One a place: what is arranged is fetched and never asked for again."""
    can = capabilities(order.shop, Shipping.PLATFORM)
    can_do = {
        Fixing.EDIT_PARCEL: can.needs_parcel,
        Fixing.CHOOSE_SERVICE: can.rate_quotes,
        Fixing.CHOOSE_SLOT: can.pickup_slots,
        Fixing.RETRY: can.platform_label,
        Fixing.SPLIT: bool(can.split) and order.units > 1,
        Fixing.SUPPORT: bool(can.support_url),
    }
    wanted = list(actions)
    if label.arranged_at:
        wanted = [Fixing.FETCH, Fixing.SUPPORT]
    elif not any(each in BY_FORM and can_do[each] for each in wanted):
        wanted.append(Fixing.RETRY)
    buttons = [
        _button(each, label, order, can.support_url) for each in wanted if can_do.get(each, True)
    ]
    known = [each for each in buttons if each]
    return list({each.href: each for each in reversed(known)}.values())[::-1]


def _button(action: Fixing, label: Label, order: Order, support: str) -> FixButton | None:
    """None for what is done elsewhere; the next step says where."""
    of_order, shop = f"/orders/{order.order_id}/", f"?shop={order.shop.slug}"
    if action in BY_FORM:
        package = f"&package_id={label.package_id}" if label.package_id else ""
        return FixButton(BY_FORM[action], f"{of_order}label/{shop}{package}", "dialog")
    match action:
        case Fixing.SPLIT:
            return FixButton("Split the order", f"{of_order}repack/{shop}", "dialog")
        case Fixing.FETCH:
            return FixButton("Fetch the file again", "/labels/fetch/", "posts")
        case Fixing.SUPPORT:
            return FixButton("Platform support", support, "outside")
    return None


def measured(label: Label) -> str:
    """Weight and sides in the units of its shop's market, blank where nobody said. `label` comes
    with its shop."""
    region = label.shop.region
    parts = [usual_weight(label.weight_grams, region)] if label.weight_grams else []
    sides = [each for each in (label.length_cm, label.width_cm, label.height_cm) if each]
    if len(sides) == 3:
        parts.append(usual_size(sides, region))
    return " · ".join(parts)


def cost(label: Label) -> str:
    """What it cost, in words: of what was never arranged, nothing was charged."""
    if not label.arranged_at and label.state in (Label.State.REJECTED, Label.State.VOIDED):
        return "Nothing was charged"
    return "" if label.price is None else wording.money(label.price, label.currency)
