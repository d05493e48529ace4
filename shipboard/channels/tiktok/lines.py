"""Units of an order to its lines and parcels. TikTok Shop has one line item for every single unit
and no quantity; units of one SKU at one price are a line here, as in an order export.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from itertools import groupby

from shipboard.channels.contract import ItemFact, LineFact, ParcelContent, ParcelFact
from shipboard.channels.tiktok.values import (
    LONG,
    Payload,
    flag,
    ident,
    instant,
    money,
    parts,
    text,
)

CANCELED = ("CANCELLED", "CANCEL", "CANCELED")
#: Of a package that is still to be arranged.
UNSENT = "TO_FULFILL"
#: Fields of a unit that are kept as they are where they say something.
KEPT = ("cancel_user", "cancel_reason", "unboxing_sku_code", "product_listing_type", "room_id")
MARKS = ("is_gift", "is_dangerous_good", "needs_prescription", "is_pod_customized")


@dataclass(frozen=True, slots=True)
class Unit:
    """One line item."""

    unit_id: str
    key: tuple[object, ...]
    status: str
    package_id: str
    package_status: str
    tracking_number: str
    carrier: str
    arranged_at: datetime | None
    source: Payload

    @property
    def is_canceled(self) -> bool:
        return self.status in CANCELED


def units_of(order: Payload) -> list[Unit]:
    """The order's units as the payload lists them. Raises Odd."""
    return [_unit(source) for source in parts(order, "line_items")]


def _unit(source: Payload) -> Unit:
    sku_id = ident(source, "sku_id")
    names = ("seller_sku", "product_name", "sku_name")
    sku = (sku_id,) if sku_id else tuple(text(source, name) for name in names)
    return Unit(
        unit_id=ident(source, "id"),
        key=(*sku, money(source, "original_price"), flag(source, "is_gift")),
        status=text(source, "display_status"),
        package_id=ident(source, "package_id"),
        package_status=text(source, "package_status"),
        tracking_number=text(source, "tracking_number"),
        carrier=text(source, "shipping_provider_name"),
        arranged_at=instant(source, "rts_time"),
        source=source,
    )


def grouped(units: Iterable[Unit]) -> list[list[Unit]]:
    """The units of each line; lines stand where their first unit stands."""
    lines: dict[tuple[object, ...], list[Unit]] = {}
    for unit in units:
        lines.setdefault(unit.key, []).append(unit)
    return [
        sorted(line, key=lambda unit: (len(unit.unit_id), unit.unit_id)) for line in lines.values()
    ]


def line_facts(lines: Sequence[Sequence[Unit]]) -> tuple[LineFact, ...]:
    """A line counts canceled units too, since its amounts do: `canceled_units` of its extra says
    how many, and `unit_statuses` which ("IN_TRANSIT 2, CANCELLED 1", in the order of unit_ids)
    wherever not all units of the order are of one status; with their packages ("IN_TRANSIT@115 2")
    where those of one line are in several. Raises Odd."""
    are_alike = len({unit.status for line in lines for unit in line}) < 2
    return tuple(_line_fact(line, are_alike=are_alike) for line in lines)


def _line_fact(line: Sequence[Unit], *, are_alike: bool) -> LineFact:
    first = line[0].source
    subtotal, total = _sum(line, "original_price"), _sum(line, "sale_price")
    extra = _extra(line)
    # Said even where it is blank: what is not said does not replace what was said before.
    are_apart = len({unit.package_id for unit in line}) > 1
    extra["unit_statuses"] = "" if are_alike and not are_apart else _statuses(line, are_apart)
    canceled = sum(unit.is_canceled for unit in line)
    if canceled and not are_alike:
        extra["canceled_units"] = str(canceled)
    return LineFact(
        item=_item(
            ident(first, "sku_id"),
            text(first, "seller_sku"),
            ident(first, "product_id"),
            text(first, "product_name", LONG),
            text(first, "sku_name"),
            text(first, "sku_image", LONG),
        ),
        quantity=len(line),
        unit_price=money(first, "original_price"),
        subtotal=subtotal,
        platform_discount=_sum(line, "platform_discount"),
        seller_discount=_sum(line, "seller_discount"),
        total=total,
        unit_ids=tuple(unit.unit_id for unit in line if unit.unit_id),
        extra=extra,
    )


@lru_cache(4096)  # orders share what a shop sells
def _item(
    sku_id: str, seller_sku: str, product_id: str, product_name: str, sku_name: str, image_url: str
) -> ItemFact:
    return ItemFact(
        sku_id=sku_id,
        seller_sku=seller_sku,
        product_id=product_id,
        product_name=product_name,
        sku_name=sku_name,
        image_url=image_url,
    )


def _sum(line: Sequence[Unit], name: str) -> Decimal | None:
    if len(line) == 1:
        return money(line[0].source, name)
    said = [amount for unit in line if (amount := money(unit.source, name)) is not None]
    return sum(said[1:], said[0]) if said else None


def _statuses(line: Sequence[Unit], are_apart: bool) -> str:
    words = (
        f"{unit.status or 'unsaid'}@{unit.package_id}" if are_apart else unit.status or "unsaid"
        for unit in line
    )
    return ", ".join(f"{word} {len(list(run))}" for word, run in groupby(words))


def _extra(line: Sequence[Unit]) -> dict[str, str]:
    extra: dict[str, str] = {}
    for unit in line:
        for name in KEPT:
            if name in unit.source and (said := text(unit.source, name)):
                extra.setdefault(name, said)
    first = line[0].source
    extra |= {name: "true" for name in MARKS if first.get(name) is True}
    bundle = first.get("combined_listing_skus")
    pieces = [one for one in bundle if isinstance(one, dict)] if isinstance(bundle, list) else []
    if pieces:
        extra["bundle"] = ", ".join(
            f"{text(one, 'seller_sku') or text(one, 'sku_id')} {text(one, 'sku_count') or 1}"
            for one in pieces
        )
    return extra


def parcels_of(
    order: Payload, lines: Sequence[Sequence[Unit]], *, is_canceled: bool
) -> tuple[ParcelFact, ...]:
    """The order's parcels: those its units name, then those that only the order names, whose
    contents are not said. A package that the carrier or the platform canceled is none any more,
    and neither does a canceled unit travel, unless the whole order was canceled. Raises Odd."""
    held: dict[str, list[tuple[int, Unit]]] = {}
    for index, line in enumerate(lines):
        for unit in line:
            if name := unit.package_id or unit.tracking_number:
                held.setdefault(name, []).append((index, unit))
    if not is_canceled:
        held = {name: kept for name, inside in held.items() if (kept := _travelling(inside))}
    named = {unit.package_id for line in lines for unit in line}
    bare = [each for one in parts(order, "packages") if (each := ident(one, "id"))]
    parcels = [_parcel(inside) for inside in held.values()]
    parcels += [ParcelFact(package_id=each) for each in dict.fromkeys(bare) if each not in named]
    told = {unit.tracking_number for line in lines for unit in line}
    return _with_order_tracking(order, parcels, told)


def _travelling(inside: Sequence[tuple[int, Unit]]) -> list[tuple[int, Unit]]:
    return [
        (index, unit)
        for index, unit in inside
        if not unit.is_canceled and unit.package_status not in CANCELED
    ]


def _parcel(inside: Sequence[tuple[int, Unit]]) -> ParcelFact:
    counts: dict[int, int] = {}
    for index, _ in inside:
        counts[index] = counts.get(index, 0) + 1
    units = [unit for _, unit in inside]
    return ParcelFact(
        package_id=units[0].package_id,
        tracking_number=next((unit.tracking_number for unit in units if unit.tracking_number), ""),
        carrier=next((unit.carrier for unit in units if unit.carrier), ""),
        contents=tuple(ParcelContent(index, count) for index, count in counts.items()),
        is_unsent=all(unit.package_status == UNSENT for unit in units),
    )


def _with_order_tracking(
    order: Payload, parcels: list[ParcelFact], told: Collection[str]
) -> tuple[ParcelFact, ...]:
    """The only parcel has the order's tracking number where no unit says one: not when it waits to
    be arranged, or when the number is `told` of units that do not travel any more."""
    number = text(order, "tracking_number")
    if len(parcels) != 1 or parcels[0].tracking_number or parcels[0].is_unsent or number in told:
        return tuple(parcels)
    (parcel,) = parcels
    return (
        replace(
            parcel,
            tracking_number=number,
            carrier=parcel.carrier or text(order, "shipping_provider"),
        ),
    )


def carrier_of(order: Payload, units: Sequence[Unit]) -> str:
    """The order's carrier, or that of its units where they agree on one."""
    if named := text(order, "shipping_provider"):
        return named
    carriers = {unit.carrier for unit in units if unit.carrier}
    return carriers.pop() if len(carriers) == 1 else ""
