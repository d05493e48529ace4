"""When a shop's clock rules change, the deadlines that follow from them are worked out again."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Least

from shipboard.channels.contract import Deadlines, OrderType, Stage
from shipboard.channels.models import Shop
from shipboard.ingest.rows import profile_of
from shipboard.ingest.turn import take_turn
from shipboard.orders.models import OPEN_STAGES, Order

BATCH = 2000
NAMES = ("ship_by", "collect_by", "auto_cancel_at", "deliver_by")


@transaction.atomic
def restate(shop: Shop) -> None:
    """Bring the deadlines of the shop's orders to its present rules. What the channel itself said
    stays, and finished orders keep the deadlines they had; when they close may change."""
    take_turn(shop)
    window = timedelta(days=shop.after_sales_days)
    Order.objects.filter(shop=shop).exclude(delivered_at=None).update(
        closes_at=Least(F("delivered_at") + window, F("channel_closes_at")),
        version=F("version") + 1,
    )
    profile = profile_of(shop)
    rows = []
    for order in Order.objects.filter(shop=shop, stage__in=OPEN_STAGES).iterator(chunk_size=BATCH):
        worked_out = profile.deadlines(
            stage=Stage(order.stage),
            order_type=OrderType(order.order_type),
            created_at=order.created_at,
        )
        rows.append((*_stated(order, worked_out), order.pk))
        if len(rows) == BATCH:
            _write(rows)
            rows = []
    _write(rows)


def _stated(order: Order, worked_out: Deadlines) -> list[datetime | None]:
    said = order.channel_deadlines
    return [
        datetime.fromisoformat(said[name]) if name in said else getattr(worked_out, name)
        for name in NAMES
    ]


def _write(rows: list[tuple[datetime | int | None, ...]]) -> None:
    assignments = ", ".join(f"{name} = %s" for name in NAMES) + ", version = version + 1"
    with connection.cursor() as cursor:
        cursor.executemany(
            f'update "order" set {assignments} where id = %s',  # noqa: S608 - our column names
            rows,
        )
