"""What the registers of an order show: the account that the tables hold, and what changed in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from operator import attrgetter
from typing import Any

from shipboard.channels.case_contract import CaseStep
from shipboard.channels.contract import (
    CaseFact,
    Deadlines,
    ItemFact,
    LineFact,
    OrderFact,
    OrderType,
    ParcelContent,
    ParcelFact,
    Shipping,
)
from shipboard.ingest.merge import (
    DEADLINES,
    ITEM_FIELDS,
    KEYED,
    LINE_FIELDS,
    LINES,
    NAMES_ALL_CASES,
    PARCELS,
    SINGLE,
    TELLS_ALL,
    Age,
    Known,
    realness,
)

BLANKS: Mapping[str, Any] = {
    "order_type": OrderType.NORMAL,
    "shipping": Shipping.UNSAID,
    "is_platform_fulfilled": False,
    "is_cod": False,
    "total": None,
} | {name: None for name in SINGLE if name.endswith("_at")}

_COMPARED = ("status_words", *SINGLE, LINES)
_VALUES = attrgetter(*_COMPARED)
KEYED_PATHS = tuple(f"{name}." for name in KEYED)


def fact_of(known: Known) -> OrderFact:
    """The order as all that is known shows it. Parcels carry what names them and what they hold;
    tracking and carrier are the parcel's own (parcels.py), as several orders may speak of one."""
    said, head = known.said, known.head
    singles: dict[str, Any] = {
        name: said[name][0] if name in said else BLANKS.get(name, "") for name in SINGLE
    }
    keyed: dict[str, dict[str, Any]] = {name: {} for name in KEYED}
    for path in sorted(path for path in said if path.startswith(KEYED_PATHS)):
        name, _, key = path.partition(".")
        keyed[name][key] = said[path][0]
    at = {name: said.get(f"deadlines.{name}", (None,))[0] for name in DEADLINES}
    return OrderFact(
        order_id=known.order_id,
        as_of=head.as_of,
        stage=head.stage,
        stage_source=head.stage_source,
        status_words=head.status_words,
        deadlines=Deadlines(**at),
        lines=_lines(known),
        parcels=_parcels(known),
        cases=_cases(known),
        names_all_cases=NAMES_ALL_CASES in said,
        tells_all=TELLS_ALL in said,
        charges=keyed["charges"],
        recipient=keyed["recipient"],
        extra=keyed["extra"],
        **singles,
    )


def _value(known: Known, path: str, blank: Any) -> Any:
    return known.said[path][0] if path in known.said else blank


def _lines(known: Known) -> tuple[LineFact, ...]:
    blanks: dict[str, Any] = {"unit_ids": (), "extra": {}}
    return tuple(
        LineFact(
            item=ItemFact(
                **{name: _value(known, f"line.{name}.{key}", "") for name in ITEM_FIELDS}
            ),
            quantity=quantity,
            returned=returned,
            **{name: _value(known, f"line.{name}.{key}", blanks.get(name)) for name in LINE_FIELDS},
        )
        for key, quantity, returned in _value(known, LINES, ())
    )


def positions(known: Known) -> dict[str, int]:
    """Where each line stands, by its key."""
    return {key: place for place, (key, *_) in enumerate(_value(known, LINES, ()))}


def _parcels(known: Known) -> tuple[ParcelFact, ...]:
    place = positions(known)
    return tuple(
        ParcelFact(
            package_id=package_id,
            tracking_number=tracking_number,
            contents=tuple(
                ParcelContent(place[key], quantity) for key, quantity in contents if key in place
            ),
        )
        for package_id, tracking_number, contents in _value(known, PARCELS, ())
    )


def _cases(known: Known) -> tuple[CaseFact, ...]:
    """An open case that a newer account, which names all, does not name is over."""
    _, all_named = known.said.get(NAMES_ALL_CASES, (None, None))
    return tuple(
        _ended(case) if case.is_open and _is_before(age, all_named) else case
        for path in sorted(path for path in known.said if path.startswith("cases."))
        for case, age in [known.said[path]]
        if isinstance(case, CaseFact)
    )


def _is_before(age: Age, other: Age | None) -> bool:
    return other is not None and age < other


def _ended(case: CaseFact) -> CaseFact:
    return replace(case, is_open=False, step=CaseStep.NOTHING)


def changed_paths(before: OrderFact, after: OrderFact) -> Iterator[str]:
    """Paths of what differs, besides the stage and the parcels. No values: they may be personal."""
    for name, ours, theirs in zip(_COMPARED, _VALUES(before), _VALUES(after), strict=True):
        if ours != theirs:
            yield name
    for name in KEYED:
        ours, theirs = getattr(before, name), getattr(after, name)
        if ours == theirs:
            continue
        for key in sorted(ours.keys() | theirs.keys()):
            old, new = ours.get(key), theirs.get(key)
            if old != new and (realness(name, old) or realness(name, new)):
                yield f"{name}.{key}"
    for name in DEADLINES if before.deadlines != after.deadlines else ():
        if getattr(before.deadlines, name) != getattr(after.deadlines, name):
            yield f"deadlines.{name}"
    if before.cases != after.cases:
        yield "cases"
