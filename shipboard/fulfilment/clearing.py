"""Units that were canceled after their label was made: which are still to come out of the parcel,
and that somebody says they are out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import F

from shipboard.orders.events import record
from shipboard.orders.labels import Label, LabelOrder
from shipboard.orders.models import Order
from shipboard.orders.staleness import Stale


def to_take_out(label: Label) -> dict[str, int]:
    """Of a label with `stale` and its orders with lines and current contents
    (printing.printables): units by SKU. Nothing where it is stale for another reason, or where the
    parcel lacks more than what was canceled: then it was packed anew."""
    if label.stale != Stale.PARTLY_CANCELED:  # type: ignore[attr-defined]
        return {}
    out: dict[str, int] = {}
    for inside in label.inside.all():
        gone = _gone(inside, label)
        lines = {line.position: line for line in inside.order.lines.all()}
        for position, units in gone.items():
            line = lines.get(position)
            if line is None or units > line.canceled:
                return {}
            name = line.item.seller_sku or line.item.sku_id or line.item.product_name
            out[name] = out.get(name, 0) + units
    return out


def taken_out_words(units: Mapping[str, int]) -> str:
    """ "1 x MUG-01, 2 x PAN-02"."""
    return ", ".join(f"{count} x {sku}" for sku, count in units.items())


def clear(label: Label, by: str, now: datetime) -> None:
    """Write down that what `to_take_out` names is out of the parcel; the label's own record of what
    is inside follows, so that a further cancellation makes it stale again. `label` is locked."""
    for sku, units in to_take_out(label).items():
        label.cleared_units[sku] = label.cleared_units.get(sku, 0) + units
    for inside in label.inside.all():
        gone = _gone(inside, label)
        if not gone:
            continue
        inside.units = sum(_still(inside, label).values())
        if _is_told(inside):
            for position, units in gone.items():
                inside.contents[str(position)] -= units
        inside.save(update_fields=["units", "contents"])
        record(inside.order, "label_cleared", by=by, at=now, label=label.pk)
        Order.objects.filter(pk=inside.order_id).update(version=F("version") + 1, changed_at=now)
    label.cleared_at, label.cleared_by = now, by
    label.save(update_fields=["cleared_at", "cleared_by", "cleared_units"])
    label.stale = ""  # type: ignore[attr-defined]


def _gone(inside: LabelOrder, label: Label) -> dict[int, int]:
    """Units by line that the label was made for and its parcel holds no more."""
    still = _still(inside, label)
    if _is_told(inside):
        told = {int(position): units for position, units in inside.contents.items()}
    elif inside.units > sum(still.values()):
        told = {line.position: line.quantity for line in inside.order.lines.all()}
    else:
        return {}
    return {line: left for line, units in told.items() if (left := units - still.get(line, 0)) > 0}


def _still(inside: LabelOrder, label: Label) -> dict[int, int]:
    still: dict[int, int] = {}
    for each in inside.order.contents.all():
        if each.parcel.package_id == label.package_id:
            still[each.line] = still.get(each.line, 0) + each.quantity
    return still


def _is_told(inside: LabelOrder) -> bool:
    return any(position != "-1" for position in inside.contents)
