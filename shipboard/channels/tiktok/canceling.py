"""What a seller may cancel, and the call that does, in TikTok Shop's words. Single units are
canceled in two markets only, and only because they are out of stock. Nothing is called from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce

from shipboard.channels.case_contract import CancelOptions
from shipboard.channels.regions import ALIASES
from shipboard.channels.tiktok.reasons import reason
from shipboard.channels.tiktok.values import LONG, Odd, Payload, flag, ident, parts, text

#: The version of the question what may be canceled that names the reasons which fit.
WITH_REASONS = "202602"
ASKED = {"initiate_aftersale_user": "SELLER", "request_types": "CANCEL"}
#: The version of the cancellation whose lines are objects.
WITH_LIST = "202602"
PART_MARKETS = ("US", "GB")
PART_REASON = "out_of_stock"
#: Where the API names no reasons: those of its documentation.
USUAL = (
    "seller_cancel_reason_out_of_stock",
    "seller_cancel_reason_wrong_price",
    "seller_cancel_paid_reason_address_not_deliver",
)
ADDRESS = "address_not_deliver"
#: An address is no reason there since 31 August 2025.
NO_ADDRESS = ("ID", "MY", "PH", "TH", "VN")
NOTHING = "TikTok Shop does not let it be canceled now."


@dataclass(frozen=True, slots=True)
class Entry:
    """Units of one SKU. `why_not` blank: they may be canceled. `reasons` None: not said."""

    unit_ids: tuple[str, ...]
    why_not: str
    reasons: tuple[str, ...] | None


def read_entries(data: Payload) -> list[Entry]:
    """Raises Odd."""
    return [
        _entry(one)
        for sku in parts(data, "sku_eligibility")
        for one in parts(sku, "line_item_eligibility")
        if text(one, "request_type") in ("", "CANCEL")
    ]


def _entry(one: Payload) -> Entry:
    may = flag(one, "eligible")
    why_not = "" if may else text(one, "ineligible_reason", LONG) or NOTHING
    return Entry(_units(one), why_not, _names(one))


def _units(one: Payload) -> tuple[str, ...]:
    ids = [ident(line, "order_line_item_id") for line in parts(one, "order_line_list")]
    given = one.get("order_line_items_ids") or ()
    if not isinstance(given, list | tuple):
        raise Odd("order_line_items_ids is not a list.")
    ids += [ident({"order_line_items_ids": id}, "order_line_items_ids") for id in given]
    return tuple(dict.fromkeys(filter(None, ids)))


def _names(one: Payload) -> tuple[str, ...] | None:
    names = one.get("available_reason_names")
    if names is None:
        return None
    if not isinstance(names, list):
        raise Odd("available_reason_names is not a list.")
    read = (text({"name": name}, "name") for name in names if isinstance(name, str))
    return tuple(filter(None, read))


def options(entries: Sequence[Entry], region: str) -> CancelOptions:
    """What may be canceled of an order of a shop in `region`."""
    open_ = [entry for entry in entries if not entry.why_not]
    why_not = next((entry.why_not for entry in entries if entry.why_not), "")
    if not open_:
        return CancelOptions(why_not=why_not or NOTHING)
    home = ALIASES.get(region.upper(), region.upper())
    names = _common([entry.reasons for entry in open_ if entry.reasons is not None])
    names = _usual(home) if names is None else names
    parts_of = names if home in PART_MARKETS else ()
    return CancelOptions(
        unit_ids=tuple(dict.fromkeys(id for entry in open_ for id in entry.unit_ids)),
        why_not=why_not,
        reasons=tuple(map(reason, names)),
        part_reasons=tuple(reason(name) for name in parts_of if PART_REASON in name),
    )


def _common(named: Sequence[tuple[str, ...]]) -> tuple[str, ...] | None:
    """The reasons that fit everywhere, in the order they were named; None where none were."""
    if not named:
        return None
    fitting = reduce(lambda left, right: left & right, map(set, named))
    return tuple(dict.fromkeys(name for name in named[0] if name in fitting))


def _usual(region: str) -> tuple[str, ...]:
    names: Iterable[str] = USUAL
    if region in NO_ADDRESS:
        names = (name for name in names if ADDRESS not in name)
    return tuple(f"{name}_uk" if region == "GB" else name for name in names)


def body(version: str, order_id: str, reason: str, unit_ids: Sequence[str]) -> dict[str, object]:
    """Without units, all that may be canceled is."""
    asked: dict[str, object] = {"order_id": order_id, "cancel_reason": reason}
    if unit_ids and version == WITH_LIST:
        asked["order_line_list"] = [{"order_line_item_id": id} for id in unit_ids]
    elif unit_ids:
        asked["order_line_item_ids"] = list(unit_ids)
    return asked


def read_canceled(data: Payload) -> str:
    """The id of the cancellation; it was made, so nothing here can fail."""
    return text(data, "cancel_id")
