"""Two accounts of one order become one, whatever the order in which they arrive.

What is known is a set of registers, one for each value by its path. A register goes to the
account with the greater (realness, instant, lifecycle rank, value): a real value beats a masked
one beats none; then the newer wins; then the one further along; then any fixed choice. The stage
goes to the newest account alone. So merging is commutative, associative and idempotent, and
nothing stale moves an order back. Blank, None, (), False and a normal order say nothing: a column
that a file lacks looks the same. What the registers show is worked out in shown.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from operator import attrgetter
from typing import Any

from shipboard.channels.contract import (
    CaseFact,
    ItemFact,
    LineFact,
    OrderFact,
    OrderType,
    ParcelFact,
    Stage,
    StageSource,
)
from shipboard.orders.stages import RANK

Age = tuple[datetime, int]
#: A value and the age of the account that said it last.
Said = tuple[Any, Age]

#: Fields of an OrderFact that are registers by themselves.
SINGLE = (
    "order_type",
    "shipping",
    "is_platform_fulfilled",
    "is_cod",
    "currency",
    "total",
    "created_at",
    "paid_at",
    "arranged_at",
    "collected_at",
    "delivered_at",
    "canceled_at",
    "release_at",
    "closes_at",
    "canceled_by",
    "cancel_reason",
    "warehouse",
    "delivery_option",
    "delivery_option_type",
    "carrier",
    "payment_method",
    "buyer_username",
    "buyer_message",
    "seller_note",
)
#: Fields that hold many values by key; each key is a register.
KEYED = ("charges", "recipient", "extra")
DEADLINES = ("ship_by", "collect_by", "auto_cancel_at", "deliver_by")
DEADLINE_PATHS = tuple(f"deadlines.{name}" for name in DEADLINES)
#: Registers of a line besides its place and quantities, by the line's key.
ITEM_FIELDS: tuple[str, ...] = ItemFact.__slots__
LINE_FIELDS = (
    "unit_price",
    "subtotal",
    "platform_discount",
    "seller_discount",
    "total",
    "unit_ids",
    "extra",
)
ITEM_PATHS = tuple(f"line.{name}." for name in ITEM_FIELDS)
LINE_PATHS = tuple(f"line.{name}." for name in LINE_FIELDS)
#: What names a case of an order, and what is said of it.
CASE_KEY = ("kind", "case_id")
CASE_FIELDS = tuple(each.name for each in fields(CaseFact) if each.name not in CASE_KEY)
#: What stays as it was when a case is over; the channel's own time of change first.
CASE_SAID = ("changed_at", *sorted({*CASE_FIELDS} - {"changed_at", "is_open", "step"}))
_SINGLE, _ITEM, _LINE = (attrgetter(*names) for names in (SINGLE, ITEM_FIELDS, LINE_FIELDS))
#: Which lines there are: ((key, quantity, returned), ...).
LINES = "lines"
#: Which parcels the order is in: ((package id, tracking number, ((line key, quantity), ...)), ...);
#: the tracking number only where there is no package id.
PARCELS = "parcels"
NAMES_ALL_CASES = "cases.*"
TELLS_ALL = "*"
#: What an account that tells all takes back by leaving it out.
COURSE = (
    "paid_at",
    "arranged_at",
    "collected_at",
    "delivered_at",
    "canceled_at",
    "release_at",
    "canceled_by",
    "cancel_reason",
    "carrier",
    PARCELS,
)
FOUR_PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Head:
    """What the newest account alone decides."""

    as_of: datetime
    stage: Stage
    stage_source: StageSource
    status_words: str

    @property
    def age(self) -> Age:
        return self.as_of, RANK[self.stage]

    @property
    def weight(self) -> tuple[datetime, int, bool, str]:
        """The newest leads; of the same instant, the one further along; then the channel's word
        over one worked out from times; then any fixed choice."""
        return (*self.age, self.stage_source == StageSource.CHANNEL, self.status_words)


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of an order, shown or not."""

    order_id: str
    head: Head
    said: Mapping[str, Said]


def age_of(fact: OrderFact) -> Age:
    return fact.as_of, RANK[fact.stage]


def heard(fact: OrderFact) -> Known:
    """One account by itself."""
    head = Head(fact.as_of, fact.stage, fact.stage_source, fact.status_words)
    age = head.age
    values = values_of(fact)
    return Known(
        fact.order_id,
        head,
        {path: (value, age) for path, value in values.items() if realness(path, value)},
    )


def merge(known: Known, fact: OrderFact) -> Known:
    """What is known after `fact` has been heard too."""
    other = heard(fact)
    said = dict(known.said)
    for path, theirs in other.said.items():
        ours = said.get(path)
        said[path] = theirs if ours is None else heavier(path, ours, theirs)
    for path in _outdone(said):
        del said[path]
    return Known(known.order_id, max(known.head, other.head, key=lambda head: head.weight), said)


def _outdone(said: Mapping[str, Said]) -> list[str]:
    """What newer accounts leave unsaid and thereby take back. A case without an id stands in for
    one whose id was not known: a newer account of one of its kind by its id takes its place. Who
    gives deadlines gives all there are: one that a newer account leaves out, such as the end of a
    stage that is over, is none any more; and so is an instant or a parcel that a newer account
    leaves out which tells all. Ages only grow, so it may be forgotten here."""
    out = []
    deadlines = max((said[path][1] for path in DEADLINE_PATHS if path in said), default=None)
    if deadlines:
        out = [path for path in DEADLINE_PATHS if path in said and said[path][1] < deadlines]
    if TELLS_ALL in said:
        all_told = said[TELLS_ALL][1]
        out += [path for path in COURSE if path in said and said[path][1] < all_told]
    nameless = [path for path in said if path.startswith("cases.") and path.endswith(".")]
    return out + [
        path
        for path in nameless
        if any(
            other.startswith(path) and other != path and age > said[path][1]
            for other, (_, age) in said.items()
        )
    ]


def heavier(path: str, one: Said, other: Said) -> Said:
    """The account that a register keeps; the same two give the same one, whichever is first."""
    (mine, my_age), (theirs, their_age) = one, other
    ours = (realness(path, mine), *my_age)
    others = (realness(path, theirs), *their_age)
    if ours != others:
        return one if ours > others else other
    return one if _tie(mine) >= _tie(theirs) else other


def realness(path: str, value: object) -> int:
    """0: says nothing; 1: hidden behind asterisks; 2: real."""
    if not value:
        return 2 if isinstance(value, Decimal) else 0  # nothing to pay is an amount
    if value.__class__ is str:
        return 1 if "*" in value and is_personal(path) else 2
    return 0 if value is OrderType.NORMAL else 2


def is_personal(path: str) -> bool:
    """Where marketplaces hide people behind asterisks: `T**** T***`, `(+66)9*****12`."""
    return path == "buyer_username" or path.startswith(("recipient.", "extra."))


def _tie(value: Any) -> Any:
    """Something that two values of one path can be compared by; never mind how."""
    if isinstance(value, CaseFact):
        # Last of all whether it waits: an older case may have been ended since (shown.py).
        said = (getattr(value, name) for name in CASE_SAID)
        return *((each is not None, each) for each in said), value.is_open, value.step
    if isinstance(value, Mapping):
        return sorted(value.items())
    if isinstance(value, Decimal):
        return value, str(value)  # 9.5 and 9.50 are the same amount, yet not the same text
    return value


def values_of(fact: OrderFact) -> dict[str, Any]:
    """Every value of an account by its path, such as `carrier` or `recipient.phone`."""
    flat: dict[str, Any] = dict(zip(SINGLE, _SINGLE(fact), strict=True))
    flat["total"] = as_kept(fact.total)
    for name in KEYED:
        for key, value in getattr(fact, name).items():
            flat[f"{name}.{key}"] = value
    for name in DEADLINES:
        flat[f"deadlines.{name}"] = getattr(fact.deadlines, name)
    for case in fact.cases:
        path = f"cases.{case.kind}.{case.case_id}"
        ours, theirs = flat.get(path), replace(case, amount=as_kept(case.amount))
        flat[path] = theirs if ours is None else max(ours, theirs, key=_tie)
    if fact.names_all_cases:
        flat[NAMES_ALL_CASES] = "said"
    if fact.tells_all:
        flat[TELLS_ALL] = "said"
    keys = line_keys(fact.lines)
    flat[LINES] = tuple(
        (key, line.quantity, line.returned) for key, line in zip(keys, fact.lines, strict=True)
    )
    for key, line in zip(keys, fact.lines, strict=True):
        for path, value in zip(ITEM_PATHS, _ITEM(line.item), strict=True):
            flat[path + key] = value
        for path, value in zip(LINE_PATHS, _LINE(line), strict=True):
            flat[path + key] = as_kept(value)
    flat[PARCELS] = _said_parcels(fact.parcels, keys)
    return flat


def as_kept(value: Any) -> Any:
    """Money as the tables keep it, so that hearing it again is no change."""
    if isinstance(value, Decimal) and int(value.as_tuple().exponent) < -4:
        return value.quantize(FOUR_PLACES, ROUND_HALF_UP)
    return value


def line_keys(lines: Sequence[LineFact]) -> list[str]:
    """What names each line within its order: the SKU, told apart by number should it repeat."""
    keys: list[str] = []
    seen: dict[str, int] = {}
    for line in lines:
        item = line.item
        key = item.sku_id or item.seller_sku or f"{item.product_name}/{item.sku_name}"
        seen[key] = number = seen.get(key, 0) + 1
        keys.append(key if number == 1 else f"{key}#{number}")
    return keys


SaidParcel = tuple[str, str, tuple[tuple[str, int], ...]]


def _said_parcels(parcels: Sequence[ParcelFact], keys: Sequence[str]) -> tuple[SaidParcel, ...]:
    contents: dict[tuple[str, str], dict[str, int]] = {}
    for parcel in parcels:
        identity = identity_of(parcel)
        if identity == ("", ""):
            continue
        of = contents.setdefault(identity, {})
        for each in parcel.contents:
            if 0 <= each.line < len(keys):
                key = keys[each.line]
                of[key] = max(of.get(key, 0), each.quantity)
    return tuple(
        (*identity, tuple(sorted(of.items()))) for identity, of in sorted(contents.items())
    )


def identity_of(parcel: ParcelFact) -> tuple[str, str]:
    """(package id, "") or, where the channel gives no package id, ("", tracking number)."""
    if parcel.package_id:
        return parcel.package_id, ""
    return "", parcel.tracking_number.upper()
