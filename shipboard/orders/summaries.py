"""An order as plain values for programs: instants as ISO 8601 in UTC, money as decimal strings."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from shipboard.orders.flags import flag_of
from shipboard.orders.holds import hold_of
from shipboard.orders.masking import USERNAME, masked
from shipboard.orders.models import Line, Order
from shipboard.orders.stages import TAB_OF, is_presumed, stage_now

INSTANTS = (
    "created_at",
    "paid_at",
    "arranged_at",
    "collected_at",
    "delivered_at",
    "canceled_at",
    "ship_by",
    "collect_by",
    "auto_cancel_at",
    "deliver_by",
    "closes_at",
)


def order_summary(
    order: Order, now: datetime, *, unmasked: bool, logistics: str = "", label: str = ""
) -> dict[str, Any]:
    """One order with its lines and parcels; who bought it masked unless `unmasked`. `logistics`:
    how its parcels travel (channels.warehouses.logistics_of), blank where nobody knows; `label`:
    the state of its labels (orders.label_states.label_word), blank where it needs none."""
    stage = stage_now(order, now)
    hold = hold_of(order, now)
    flag = flag_of(order)
    return {
        "order_id": order.order_id,
        "shop": order.shop.slug,
        "demo": order.shop.is_demo,
        "tab": TAB_OF[stage].value,
        "stage": stage.value,
        "stage_source": order.stage_source,
        "is_presumed": is_presumed(order, now),
        "status_words": order.status_words,
        **{name: iso(getattr(order, name)) for name in INSTANTS},
        "currency": order.currency,
        "total": amount(order.total),
        "order_type": order.order_type,
        "shipping": order.shipping,
        "is_cod": order.is_cod,
        "is_held": hold is not None,
        "held_until": iso(hold.until) if hold else None,
        "flag": flag.colour if flag else "",
        "notes": [note.text for note in order.notes.all()],
        "warehouse": order.warehouse,
        "logistics": logistics,
        "carrier": order.carrier,
        "label": label,
        "delivery_option": order.delivery_option,
        "canceled_by": order.canceled_by,
        "cancel_reason": order.cancel_reason,
        USERNAME: order.buyer_username if unmasked else masked(USERNAME, order.buyer_username),
        "recipient": {
            key: value if unmasked else masked(key, value) for key, value in order.recipient.items()
        },
        "skus": order.skus,
        "units": order.units,
        "lines": [_line(line) for line in order.lines.all()],
        "packages": _packages(order, logistics),
        "cases": [
            {"kind": case.kind, "is_open": case.is_open, "reason": case.reason}
            for case in order.cases.all()
        ],
    }


def _line(line: Line) -> dict[str, Any]:
    item = line.item
    return {
        "sku_id": item.sku_id,
        "seller_sku": item.seller_sku,
        "product_id": item.product_id,
        "product_name": item.product_name,
        "sku_name": item.sku_name,
        "quantity": line.quantity,
        "canceled": line.canceled,
        "unit_price": amount(line.unit_price),
        "total": amount(line.total),
    }


def _packages(order: Order, logistics: str) -> list[dict[str, Any]]:
    parcels = {each.parcel_id: each.parcel for each in order.contents.all()}
    return [
        {
            "package_id": parcel.package_id,
            "tracking_number": parcel.tracking_number,
            "carrier": parcel.carrier,
            "logistics": logistics,
        }
        for parcel in parcels.values()
    ]


def iso(instant: datetime | None) -> str | None:
    return instant.astimezone(UTC).isoformat() if instant else None


def amount(value: Decimal | None) -> str | None:
    """At least two decimals, and no trailing zeros beyond them."""
    if value is None:
        return None
    short = value.normalize()
    exponent = short.as_tuple().exponent
    places = -exponent if isinstance(exponent, int) else 0
    return str(value.quantize(Decimal(1).scaleb(-max(2, places))))
