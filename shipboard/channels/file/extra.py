"""What a file says that the records have no name for: kept under the file's own column names."""

from __future__ import annotations

from collections.abc import Sequence

from .columns import OF_A_LINE
from .lines import Line
from .rows import OrderRows


def order_extra(order: OrderRows, lines: Sequence[Line]) -> dict[str, str]:
    """Columns that we have no name for and that say the same on all rows; the originals of
    cleaned cells; and the weight where there is no parcel to have it."""
    extra: dict[str, str] = {}
    for at, name in order.layout.others:
        values = {row.texts[at] for row in order.rows}
        if len(values) == 1 and (value := values.pop()):
            extra[name] = value
    of_lines = {order.layout.at[key] for key in OF_A_LINE if key in order.layout.at}
    for row in order.rows:
        for at, original in row.originals.items():
            if at not in of_lines and at < len(order.layout.header):
                extra.setdefault(f"raw:{order.layout.header[at]}", original)
    if not any(portion.parcel for line in lines for portion in line.portions):
        weight = order.any("weight_kg")
        if weight:
            extra[order.layout.title("weight_kg")] = weight
    return extra


def line_extra(line: Line, order: OrderRows, of_order: dict[str, str]) -> dict[str, str]:
    """Nameless columns that differ between the order's rows, and originals of the line's cells."""
    extra: dict[str, str] = {}
    of_lines = {order.layout.at[key] for key in OF_A_LINE if key in order.layout.at}
    for portion in line.portions:
        row = portion.row
        for at, name in order.layout.others:
            value = row.texts[at]
            if value and name not in of_order:
                extra.setdefault(name, value)
        for at, original in row.originals.items():
            if at in of_lines:
                extra.setdefault(f"raw:{order.layout.header[at]}", original)
    return extra
