"""Rows of one order to its lines and parcels. A row is one SKU in one parcel; a SKU whose units
travel in several parcels stands in several rows.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from ..contract import ItemFact, LineFact, ParcelContent, ParcelFact
from .cells import text
from .columns import LINE_AMOUNTS
from .errors import Rejection, quoted
from .rows import OrderRows, Row, disagreement, id_text

MOST_UNITS = 1_000_000
WHOLE = re.compile(r"[0-9]{1,9}(?:\.0+)?")
WEIGHT = re.compile(r"[0-9]{1,6}(?:[.,][0-9]{1,6})?")


@dataclass(slots=True)
class Portion:
    """What one row says: `quantity` units of a SKU, in the parcel `package_id` (or blank)."""

    row: Row
    item: ItemFact
    quantity: int
    returned: int
    amounts: dict[str, Decimal | None]
    package_id: str
    tracking_number: str

    @property
    def line_key(self) -> tuple[object, ...]:
        """Rows of one SKU at one price are one line; a gift of the same SKU is another."""
        item = self.item
        sku = (item.sku_id,) if item.sku_id else (item.seller_sku, item.product_name, item.sku_name)
        return (*sku, self.amounts["unit_price"])

    def said(self, key: str) -> Decimal | int | None:
        """The number of returned units, or the amount in column `key`."""
        return self.returned if key == "returned" else self.amounts[key]

    @property
    def parcel(self) -> str:
        """What tells this row's parcel from others of the order; "" when there is none yet."""
        return self.package_id or self.tracking_number


@dataclass(slots=True)
class Line:
    """The portions of one line, in row order."""

    portions: list[Portion] = field(default_factory=list)

    @property
    def quantity(self) -> int:
        return sum(portion.quantity for portion in self.portions)


def lines_of(order: OrderRows) -> list[Line]:
    """The order's lines, by first row; raises Rejection for a bad cell or a contradiction."""
    lines: dict[tuple[object, ...], Line] = {}
    for row in order.rows:
        portion = _portion(row, order)
        line = lines.setdefault(portion.line_key, Line())
        twin = next((one for one in line.portions if one.parcel == portion.parcel), None)
        if twin is None:
            line.portions.append(portion)
        else:
            _check_twin(twin, portion, order)
    return list(lines.values())


def line_fact(line: Line, extra: dict[str, str], order: OrderRows) -> LineFact:
    """One line with its amounts summed over its parcels, or taken once where every row repeats
    the whole line's."""
    first = line.portions[0]
    amounts = {key: _amount(line, key) for key in LINE_AMOUNTS}
    returned = sum(portion.returned for portion in line.portions)
    if returned > line.quantity:
        order.reading.remarks.add(
            "More units are returned than were sold; the sold quantity was taken", first.row.number
        )
    return LineFact(
        item=first.item,
        quantity=line.quantity,
        returned=min(returned, line.quantity),
        unit_price=first.amounts["unit_price"],
        subtotal=amounts["subtotal"],
        platform_discount=amounts["platform_discount"],
        seller_discount=amounts["seller_discount"],
        total=amounts["line_total"],
        extra=extra,
    )


def parcels_of(lines: Sequence[Line], order: OrderRows) -> tuple[ParcelFact, ...]:
    """The parcels by first row; raises Rejection when one package has two tracking numbers."""
    found: dict[str, list[tuple[int, Portion]]] = {}
    package_of_tracking = {
        portion.tracking_number: portion.package_id
        for line in lines
        for portion in line.portions
        if portion.tracking_number and portion.package_id
    }
    for index, line in enumerate(lines):
        for portion in line.portions:
            key = portion.package_id or package_of_tracking.get(portion.tracking_number, "")
            key = key or portion.tracking_number
            if key:
                found.setdefault(key, []).append((index, portion))
    parcels = sorted(found.values(), key=lambda held: min(one.row.number for _, one in held))
    return tuple(_parcel(held, order) for held in parcels)


def _portion(row: Row, order: OrderRows) -> Portion:
    item = ItemFact(
        sku_id=id_text(row, "sku_id", order.reading),
        seller_sku=row.text("seller_sku"),
        product_id=id_text(row, "product_id", order.reading),
        product_name=row.text("product_name"),
        sku_name=row.text("sku_name"),
        category=row.text("category"),
    )
    if not (item.sku_id or item.seller_sku or item.product_name):
        raise Rejection(
            row.number,
            "The row names no SKU ID, no seller SKU and no product. Export the orders again.",
        )
    amounts = {key: order.row_money(row, key) for key in LINE_AMOUNTS}
    if (amounts["unit_price"] or 0) < 0:
        raise Rejection(
            row.number, f"{order.layout.title('unit_price')} is negative. Put it right."
        )
    return Portion(
        row=row,
        item=item,
        quantity=_units(row, "quantity", order, least=1),
        returned=_units(row, "returned", order, least=0),
        amounts=amounts,
        package_id=id_text(row, "package_id", order.reading),
        tracking_number=id_text(row, "tracking_number", order.reading),
    )


def _units(row: Row, key: str, order: OrderRows, *, least: int) -> int:
    value = row.text(key)
    if not value and not least:
        return 0
    units = int(value.partition(".")[0]) if WHOLE.fullmatch(value) else -1
    if least <= units <= MOST_UNITS:
        return units
    shown = quoted(value) if value else "blank"
    raise Rejection(
        row.number,
        f"{order.layout.title(key)} is {shown}, not a whole number from {least} to {MOST_UNITS:,}. "
        "Put it right, or export the orders again.",
    )


def _check_twin(twin: Portion, portion: Portion, order: OrderRows) -> None:
    """Two rows of one SKU, one price and one parcel: the same thing said twice, or a rejection."""
    if twin.quantity != portion.quantity:
        title = order.layout.title("quantity")
        raise disagreement(twin.row, portion.row, title, str(twin.quantity), str(portion.quantity))
    for key in ("returned", *LINE_AMOUNTS):
        if twin.said(key) != portion.said(key):
            shown, other = twin.row.text(key), portion.row.text(key)
            raise disagreement(twin.row, portion.row, order.layout.title(key), shown, other)
    order.reading.remarks.add(
        "The same SKU stands twice in one parcel, alike but for order details; it was counted once",
        portion.row.number,
    )


def _amount(line: Line, key: str) -> Decimal | None:
    values = [portion.amounts[key] for portion in line.portions]
    given = [value for value in values if value is not None]
    if not given:
        return None
    if len(given) > 1 and len(set(given)) == 1 and _repeats_whole_line(line):
        return given[0]
    return sum(given, Decimal(0)) if len(given) > 1 else given[0]


def _repeats_whole_line(line: Line) -> bool:
    """Whether each row of a split line carries the amounts of the whole line: its subtotal is
    then the price of all units, not of the row's own."""
    price = line.portions[0].amounts["unit_price"]
    if not price:
        return False
    whole = price * line.quantity
    return all(portion.amounts["subtotal"] == whole for portion in line.portions)


def _parcel(held: Sequence[tuple[int, Portion]], order: OrderRows) -> ParcelFact:
    portions = [portion for _, portion in held]
    tracked = [portion for portion in portions if portion.tracking_number]
    for portion in tracked[1:]:
        if portion.tracking_number != tracked[0].tracking_number:
            title = f"{order.layout.title('tracking_number')} of one package"
            raise disagreement(
                tracked[0].row,
                portion.row,
                title,
                tracked[0].tracking_number,
                portion.tracking_number,
            )
    contents: Counter[int] = Counter()
    for index, portion in held:
        contents[index] += portion.quantity
    return ParcelFact(
        package_id=next((one.package_id for one in portions if one.package_id), ""),
        tracking_number=tracked[0].tracking_number if tracked else "",
        carrier=next((carrier for one in portions if (carrier := one.row.text("carrier"))), ""),
        weight_kg=_weight(portions, order),
        contents=tuple(ParcelContent(index, count) for index, count in contents.items()),
    )


def _weight(portions: Sequence[Portion], order: OrderRows) -> Decimal | None:
    """The parcel's weight when its rows agree on one; a weight that is none is remarked on."""
    weights: set[Decimal] = set()
    for portion in portions:
        value = text(portion.row.cell("weight_kg"))
        if WEIGHT.fullmatch(value):
            weights.add(Decimal(value.replace(",", ".")))
        elif value:
            title = order.layout.title("weight_kg")
            order.reading.remarks.add(
                f"{title} is not a weight; it was left out", portion.row.number
            )
    return weights.pop() if len(weights) == 1 else None
