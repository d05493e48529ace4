"""An order's facts as a row of the order table, and back. One place knows which column is which."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from operator import attrgetter
from typing import Any

import orjson

from shipboard.channels.case_contract import CaseStep
from shipboard.channels.contract import (
    CaseFact,
    CaseKind,
    Deadlines,
    ItemFact,
    LineFact,
    OrderFact,
    OrderType,
    Shipping,
    Stage,
    StageSource,
)
from shipboard.channels.models import Shop
from shipboard.ingest.copying import array
from shipboard.ingest.merge import (
    CASE_FIELDS,
    CASE_KEY,
    DEADLINES,
    LINE_FIELDS,
    NAMES_ALL_CASES,
    TELLS_ALL,
    Known,
    Said,
)
from shipboard.ingest.shown import positions
from shipboard.orders import stages
from shipboard.orders.models import Case
from shipboard.orders.sla import Profile

#: Registers that only say what an account is; no column holds them.
MARKS = (NAMES_ALL_CASES, TELLS_ALL)
#: Columns that are the same in the record and in the table.
PLAIN = (
    "order_id",
    "as_of",
    "stage",
    "stage_source",
    "status_words",
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
COLUMNS = (
    "id",
    "shop_id",
    *PLAIN,
    "charges",
    "recipient",
    "extra",
    "digest",
    "field_ages",
    "hold_ends_at",
    *DEADLINES,
    "channel_deadlines",
    "closes_at",
    "channel_closes_at",
    "units",
    "skus",
    "is_split",
    "first_seen_at",
    "changed_at",
)


def profile_of(shop: Shop) -> Profile:
    return Profile(shop.sla, shop.dispatch_hours, shop.auto_cancel_hours)


def dumps(value: Mapping[str, Any]) -> str:
    """JSON for a column; instants as ISO 8601, money as decimal strings."""
    return orjson.dumps(value, default=str).decode() if value else "{}"


#: Enumerations by their text, and their text as it is: both are slow to ask them for.
_MEMBERS: Mapping[str, Mapping[str, StrEnum]] = {
    "stage": {each.value: each for each in Stage},
    "stage_source": {each.value: each for each in StageSource},
    "order_type": {each.value: each for each in OrderType},
    "shipping": {each.value: each for each in Shipping},
}


def _names(fields: Iterable[str]) -> list[str]:
    return [f"{name}._value_" if name in _MEMBERS else name for name in fields]


_ORDER = attrgetter(*_names(name for name in OrderFact.__slots__ if name not in {"as_of", "lines"}))
_ITEM = attrgetter(*ItemFact.__slots__)
_LINE = attrgetter("quantity", "returned", *LINE_FIELDS)


def fingerprint(fact: OrderFact) -> bytes:
    """Equal for accounts that say the same, whenever they say it."""
    said = (_ORDER(fact), [(_ITEM(line.item), _LINE(line)) for line in fact.lines])
    try:
        text = orjson.dumps(said, default=str)
    except TypeError:
        text = repr(said).encode(errors="replace")  # of text that no table takes
    return blake2b(text, digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class OrderRow:
    """What a row holds besides the order's facts. `seen`: when the desk first heard of the
    order; `changed`: when what it shows last changed; both UTC."""

    pk: int
    digest: bytes
    field_ages: str
    parcels: int
    seen: datetime
    changed: datetime


_PLAIN = attrgetter(*_names(PLAIN))


def order_row(fact: OrderFact, row: OrderRow, shop: Shop, profile: Profile) -> tuple[Any, ...]:
    """The values of COLUMNS."""
    worked_out = profile.deadlines(
        stage=fact.stage, order_type=fact.order_type, created_at=fact.created_at
    )
    said = {name: at for name in DEADLINES if (at := getattr(fact.deadlines, name))}
    return (
        row.pk,
        shop.pk,
        *_PLAIN(fact),
        dumps(fact.charges),
        dumps(_without_blanks(fact.recipient)),
        dumps(_without_blanks(fact.extra)),
        row.digest,
        row.field_ages,
        hold_ends_at(fact),
        *(said.get(name) or getattr(worked_out, name) for name in DEADLINES),
        dumps(said),
        stages.closes_at(fact.delivered_at, fact.closes_at, shop.after_sales_days),
        fact.closes_at,
        sum(line.quantity for line in fact.lines),
        _skus(fact),
        row.parcels > 1,
        row.seen,
        row.changed,
    )


def _without_blanks(texts: Mapping[str, str]) -> Mapping[str, str]:
    if "" not in texts.values():
        return texts
    return {key: text for key, text in texts.items() if text}


def _skus(fact: OrderFact) -> int:
    if len(fact.lines) < 2:
        return len(fact.lines)
    items = [line.item for line in fact.lines]
    return len(
        {(each.sku_id or each.seller_sku or (each.product_name, each.sku_name)) for each in items}
    )


def hold_ends_at(fact: OrderFact) -> datetime | None:
    return stages.hold_ends_at(
        order_type=fact.order_type,
        is_cod=fact.is_cod,
        created_at=fact.created_at,
        paid_at=fact.paid_at,
        release_at=fact.release_at,
    )


def field_ages(known: Known, *, hidden: frozenset[str] = frozenset()) -> str:
    """What the visible columns do not tell of what is known, as the column field_ages keeps it:
    {path: [instant, rank]} for registers of another age than the head's, {path: null} for one of
    the head's that no column shows, {path: [instant, rank, value]} for a value that is not shown
    now (`hidden`, and of lines that the order does not have at present)."""
    kept: dict[str, list[Any] | None] = {}
    head = known.head.age
    place = positions(known)
    for path, (value, age) in known.said.items():
        is_hidden = path in hidden or (path.startswith("line.") and _line_key(path) not in place)
        if is_hidden:
            kept[path] = [*age, value]
        elif age != head:
            kept[path] = [*age]
        elif path in MARKS:
            kept[path] = None
    return dumps(kept)


def first_ages(fact: OrderFact) -> str:
    """The same of an order's only account, when every column shows what it says."""
    marks = {NAMES_ALL_CASES: fact.names_all_cases, TELLS_ALL: fact.tells_all}
    return dumps({path: None for path in MARKS if marks[path]})


def _line_key(path: str) -> str:
    _, _, rest = path.partition(".")
    _, _, key = rest.partition(".")
    return key


def with_ages(known: Known, kept: Mapping[str, list[Any] | None]) -> Known:
    """`known` as read from the visible columns, completed by the column field_ages."""
    said: dict[str, Said] = dict(known.said)
    for path, entry in kept.items():
        value = said[path][0] if path in said else "said"
        age = known.head.age
        if entry:
            age = (datetime.fromisoformat(entry[0]), entry[1])
        if entry and len(entry) > 2:
            value = _read(path, entry[2])
        said[path] = (value, age)
    return Known(known.order_id, known.head, said)


def _read(path: str, value: Any) -> Any:
    """A hidden value as it was before it became JSON."""
    name = path.split(".")[1] if path.startswith("line.") else path
    readers: dict[str, Callable[[Any], Any]] = {
        name: Decimal for name in LINE_FIELDS if name not in {"unit_ids", "extra"}
    }
    readers |= {"unit_ids": tuple, "parcels": _read_parcels}
    return readers.get(name, lambda same: same)(value)


def _read_parcels(value: list[Any]) -> tuple[Any, ...]:
    return tuple(
        (package_id, tracking_number, tuple((key, quantity) for key, quantity in contents))
        for package_id, tracking_number, contents in value
    )


#: Columns that an account is read back from.
READ = (*PLAIN, "channel_closes_at", "channel_deadlines", "charges", "recipient", "extra")


def fact_from(
    row: Mapping[str, Any],
    lines: Iterable[LineFact],
    cases: Iterable[CaseFact],
    ages: Container[str],
) -> OrderFact:
    """The account that the visible columns hold (READ of them, JSON as text), but for the parcels.
    `ages`: what the column field_ages names."""
    named = {name: row[name] for name in PLAIN}
    for name, members in _MEMBERS.items():
        named[name] = members[row[name]]
    said = loads(row["channel_deadlines"])
    charges = loads(row["charges"])
    return OrderFact(
        **named,
        closes_at=row["channel_closes_at"],
        charges={name: Decimal(amount) for name, amount in charges.items()},
        recipient=loads(row["recipient"]),
        extra=loads(row["extra"]),
        deadlines=Deadlines(**{name: datetime.fromisoformat(at) for name, at in said.items()}),
        lines=tuple(lines),
        cases=tuple(cases),
        names_all_cases=NAMES_ALL_CASES in ages,
        tells_all=TELLS_ALL in ages,
    )


def loads(column: str) -> dict[str, Any]:
    """A JSON column as the database gives it."""
    return orjson.loads(column) if column != "{}" else {}


def case_fact(case: Case) -> CaseFact:
    values = {name: getattr(case, name) for name in CASE_FIELDS}
    values |= {"step": CaseStep(case.step), "unit_ids": tuple(case.unit_ids)}
    return CaseFact(kind=CaseKind(case.kind), case_id=case.case_id, **values)


def case_row(pk: int, case: CaseFact) -> tuple[Any, ...]:
    """A key, its order's or its own, and the columns of CASE_KEY and CASE_FIELDS, as copied."""
    values = {name: getattr(case, name) for name in (*CASE_KEY, *CASE_FIELDS)}
    values["unit_ids"] = array(case.unit_ids)
    return (pk, *values.values())


def line_row(order_pk: int, position: int, item_pk: int, line: LineFact) -> tuple[Any, ...]:
    return (
        order_pk,
        position,
        item_pk,
        line.quantity,
        line.returned,
        line.unit_price,
        line.subtotal,
        line.platform_discount,
        line.seller_discount,
        line.total,
        array(line.unit_ids),
        dumps(line.extra),
    )


LINE_COLUMNS = (
    "order_id",
    "position",
    "item_id",
    "quantity",
    "returned",
    "unit_price",
    "subtotal",
    "platform_discount",
    "seller_discount",
    "total",
    "unit_ids",
    "extra",
)


def item_row(shop_pk: int, digest: bytes, item: ItemFact) -> tuple[Any, ...]:
    return (shop_pk, digest, *_ITEM(item))


ITEM_COLUMNS = ("shop_id", "digest", *ItemFact.__slots__)


@lru_cache(16_384)
def item_digest(item: ItemFact) -> bytes:
    return blake2b(repr(_ITEM(item)).encode(errors="replace"), digest_size=16).digest()
