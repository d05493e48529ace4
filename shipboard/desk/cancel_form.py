"""The form of a seller's cancellation: what the marketplace lets be canceled and for which reasons,
which of it was chosen, and what each reason does to the shop's rate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core import signing

from shipboard.channels.case_contract import CancelOptions, Reason
from shipboard.channels.contract import ChannelFailure, Shipping
from shipboard.channels.models import Shop
from shipboard.channels.registry import NotConnected, capabilities
from shipboard.fulfilment.cancel_effects import Fault, fault_of, price_of_one
from shipboard.fulfilment.cancel_wishes import CancelWish
from shipboard.fulfilment.case_questions import cancel_options_of
from shipboard.fulfilment.refusals import BadCancel
from shipboard.orders.metric_rules import RULES, Measure
from shipboard.orders.metrics import Share, is_over, seller_fault_rate, shown
from shipboard.orders.models import Line, Order
from shipboard.orders.overlays import BadWords

#: What was offered goes along in the form, signed, so that nothing else is asked for; so long.
SALT, LAST = "cancel-offer", 3_600
UNIT = "units-"
SAID: Mapping[Fault, str] = {
    Fault.COUNTS: "Counts as the seller's fault.",
    Fault.SPARED: "Does not count as the seller's fault, as far as the marketplace says.",
    Fault.ASSUMED: "Taken not to count as the seller's fault; the marketplace does not say.",
    Fault.UNSAID: "The marketplace does not say whether it counts as the seller's fault; take it "
    "that it does.",
}
LOOK_AGAIN = "What can be canceled was asked too long ago. Look at it again, and choose again."


@dataclass(frozen=True)
class ReasonChoice:
    reason: Reason
    fault: Fault

    @property
    def effect(self) -> str:
        return SAID[self.fault]

    @property
    def is_counted(self) -> bool:
        return self.fault in (Fault.COUNTS, Fault.UNSAID)


@dataclass(frozen=True)
class UnitChoice:
    """Units of a line that can be canceled, by the channel's ids; `value` as the form has it."""

    line: Line
    unit_ids: tuple[str, ...]
    value: str

    @property
    def name(self) -> str:
        return f"{UNIT}{self.line.position}"

    @property
    def price(self) -> Decimal | None:
        """Of one, as an estimate of what the buyer gets back for it."""
        return price_of_one(self.line)


@dataclass(frozen=True)
class Effect:
    """A shop's seller-fault cancellation rate now, and with `more` that count."""

    shop: Shop
    more: int
    now: Share
    then: Share

    @property
    def is_over(self) -> bool:
        return is_over(Measure.CANCELED, self.then.rate)


@dataclass(frozen=True)
class CancelOffer:
    """What the marketplace answered. `problem`: why it could not be asked, and what to do."""

    options: CancelOptions = field(default_factory=CancelOptions)
    problem: str = ""

    def sealed(self, of: str) -> str:
        """For the form; `of` names what it is an offer for."""
        told = self.options
        said = {
            "of": of,
            "reasons": [[each.name, each.text] for each in told.reasons],
            "part": [[each.name, each.text] for each in told.part_reasons],
            "units": list(told.unit_ids),
        }
        return signing.dumps(said, salt=SALT, compress=True)

    @property
    def reasons(self) -> list[ReasonChoice]:
        """Those for all of it first; then those for single units alone."""
        every = {each.name: each for each in (*self.options.reasons, *self.options.part_reasons)}
        return [ReasonChoice(each, fault_of(each)) for each in every.values()]


def unsealed(given: Mapping[str, str], of: str) -> CancelOffer:
    """What was offered in the form that comes back. Raises BadWords."""
    try:
        said: dict[str, Any] = signing.loads(given.get("offer", ""), salt=SALT, max_age=LAST)
    except signing.BadSignature:
        raise BadWords(LOOK_AGAIN) from None
    if said["of"] != of:
        raise BadWords(LOOK_AGAIN)
    return CancelOffer(
        CancelOptions(
            unit_ids=tuple(said["units"]),
            reasons=tuple(Reason(*pair) for pair in said["reasons"]),
            part_reasons=tuple(Reason(*pair) for pair in said["part"]),
        )
    )


def offer_of(order: Order) -> CancelOffer:
    """The marketplace is asked. Not inside a transaction."""
    try:
        return CancelOffer(cancel_options_of(order))
    except NotConnected as problem:
        return CancelOffer(problem=str(problem))
    except ChannelFailure as failure:
        return CancelOffer(problem=f"{failure.sentence} {failure.next_step}".strip())


def units_of(order: Order, offer: CancelOffer, given: Mapping[str, str]) -> list[UnitChoice]:
    """Line by line, what can be canceled; none where only all together can."""
    can = capabilities(order.shop, Shipping(order.shipping))
    if not (can.cancels_parts and offer.options.part_reasons):
        return []
    lines = Line.objects.filter(order=order).select_related("item").order_by("position")
    open_ids = set(offer.options.unit_ids)
    found = [
        UnitChoice(
            line,
            tuple(each for each in line.unit_ids if each in open_ids),
            given.get(f"{UNIT}{line.position}", ""),
        )
        for line in lines
    ]
    found = [each for each in found if each.unit_ids]
    return found if sum(len(each.unit_ids) for each in found) > 1 else []


def wish_from(order: Order, offer: CancelOffer, given: Mapping[str, str]) -> CancelWish:
    """What was posted. Raises BadCancel."""
    options, is_all = offer.options, given.get("what") != "part"
    units = _chosen(units_of(order, offer, given))
    if is_all and units:
        raise BadCancel("units", "You wrote how many units, and chose all. Choose one of the two.")
    if not is_all and not units:
        raise BadCancel("units", "Choose how many units are canceled; none is chosen.")
    is_part = bool(units) and set(units) != set(options.unit_ids)
    reason = chosen_reason((*options.reasons, *options.part_reasons), given)
    fitting = options.part_reasons if is_part else options.reasons
    if reason not in fitting:
        raise BadCancel("reason", _misfit(fitting, is_part=is_part))
    return CancelWish(
        reason=reason.name, reason_text=reason.text, unit_ids=units if is_part else ()
    )


def chosen_reason(offered: Sequence[Reason], given: Mapping[str, str]) -> Reason:
    """Raises BadCancel."""
    found = next((each for each in offered if each.name == given.get("reason")), None)
    if found is None:
        raise BadCancel("reason", "Choose why it is canceled; the marketplace wants a reason.")
    return found


def _misfit(fitting: Iterable[Reason], *, is_part: bool) -> str:
    what = "single units" if is_part else "all of it"
    texts = ", ".join(each.text for each in fitting)
    return f"This reason does not fit {what}. The marketplace takes: {texts or 'none now'}."


def _chosen(choices: Iterable[UnitChoice]) -> tuple[str, ...]:
    found: list[str] = []
    for each in choices:
        text = each.value.strip() or "0"
        if not (text.isascii() and text.isdigit() and len(text) < 6):
            raise BadCancel("units", f"{text[:20]!r} is no number of units.")
        if int(text) > len(each.unit_ids):
            name = each.line.item.product_name or each.line.item.seller_sku
            raise BadCancel("units", f"Of {name} only {len(each.unit_ids):,} can be canceled.")
        found += each.unit_ids[: int(text)]
    return tuple(found)


def effect_on(shop: Shop, now: datetime, more: int) -> Effect:
    """What so many cancellations that count do to the shop's rate."""
    before = seller_fault_rate(shop, now)
    return Effect(shop, more, before, replace(before, bad=before.bad + more))


#: What the rate is shown with (ui/cancel.html).
RATE = {"rate_shown": shown, "limit": RULES[Measure.CANCELED].threshold}
