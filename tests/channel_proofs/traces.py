"""What is left behind while the desk and the marketplace run: the statuses an order really went
through, every true address there ever was, and everything that the desk wrote into logs.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from sandbox.market import Market

#: Kept by the marketplace's own books, in the transaction of the change itself.
FOLLOW = (
    "CREATE TEMP TABLE went (number INTEGER PRIMARY KEY, id TEXT, status TEXT)",
    "CREATE TEMP TABLE lived (id TEXT, address TEXT)",
    """CREATE TEMP TRIGGER went_new AFTER INSERT ON main.documents WHEN NEW.kind = 'order' BEGIN
    INSERT INTO went (id, status) VALUES (NEW.id, NEW.status);
    INSERT INTO lived VALUES (NEW.id, json_extract(NEW.body, '$._.address')); END""",
    """CREATE TEMP TRIGGER went_on AFTER UPDATE ON main.documents WHEN NEW.kind = 'order' BEGIN
    INSERT INTO went (id, status) SELECT NEW.id, NEW.status WHERE NEW.status <> OLD.status;
    INSERT INTO lived SELECT NEW.id, json_extract(NEW.body, '$._.address')
      WHERE json_extract(NEW.body, '$._.address') <> json_extract(OLD.body, '$._.address'); END""",
)
#: Everything written of an order or a call that anybody but a packer may read.
WRITTEN = (
    "select row_to_json(call_record)::text from call_record",
    "select concat_ws(' ', kind, order_id, sentence) from finding",
    "select row_to_json(notice)::text from notice",
    "select row_to_json(event)::text from event",
    "select row_to_json(cursor)::text from cursor",
    "select concat_ws(' ', kind, notice, problem, order_ids, key) from hook",
    "select row_to_json(audit_entry)::text from audit_entry",
    "select args::text from procrastinate_jobs",
)
STAGES = {
    "UNPAID": "unpaid",
    "ON_HOLD": "on_hold",
    "AWAITING_SHIPMENT": "awaiting_shipment",
    "PARTIALLY_SHIPPING": "partially_shipped",
    "AWAITING_COLLECTION": "pending_collection",
    "IN_TRANSIT": "in_transit",
    "DELIVERED": "delivered",
    "COMPLETED": "closed",
    "CANCELLED": "canceled",
}


class History:
    """Of one marketplace, from the moment on at which it is followed."""

    def __init__(self, market: Market) -> None:
        self.market = market

    def stages(self) -> dict[str, list[str]]:
        """By order, the stages it went through as the desk calls them."""
        found: dict[str, list[str]] = {}
        for id, status in self.market.books.rows("SELECT id, status FROM went ORDER BY number"):
            found.setdefault(id, []).append(STAGES[status])
        return found

    def addresses(self) -> dict[str, list[dict[str, Any]]]:
        """By order, every true address it ever had."""
        found: dict[str, list[dict[str, Any]]] = {}
        for id, address in self.market.books.rows("SELECT id, address FROM lived"):
            found.setdefault(id, []).append(json.loads(address))
        return found

    def secrets(self) -> set[str]:
        """Names, phone numbers and streets of all buyers there ever were."""
        names = ("name", "phone_number", "address_line1", "full_address")
        return {
            address[name]
            for addresses in self.addresses().values()
            for address in addresses
            for name in names
            if address.get(name)
        }


def follow(market: Market) -> History:
    for statement in FOLLOW:
        market.books.rows(statement)
    return History(market)


def applied() -> dict[str, list[str]]:
    """By order, the stages that the desk gave it, one after the other."""
    with connection.cursor() as cursor:
        cursor.execute(
            'select "order".order_id, event.kind, event.detail from event '
            'join "order" on "order".id = event.order_id '
            "where kind in ('order_received', 'order_changed') order by event.id"
        )
        found: dict[str, list[str]] = {}
        for order_id, kind, detail in cursor.fetchall():
            said = json.loads(detail) if isinstance(detail, str) else detail
            if kind == "order_received":
                found[order_id] = [said["stage"]]
            elif "stage" in said:
                found[order_id].append(said["stage"][-1])
    return found


def is_in_turn(given: Sequence[str], went: Sequence[str]) -> bool:
    """Whether the desk's stages are the marketplace's, some perhaps left out, none twice and none
    before its turn."""
    rest = iter(went)
    return all(stage in rest for stage in given)


class Logs(logging.Handler):
    """All that the desk logs, whatever the level. What the marketplace logs is its own affair."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith(("sandbox", "werkzeug", "hypothesis")):
            self.lines.append(self.format(record))

    def __enter__(self) -> Logs:
        root = logging.getLogger()
        self._level = root.level
        root.addHandler(self)
        root.setLevel(logging.DEBUG)
        return self

    def __exit__(self, *problem: Any) -> None:
        root = logging.getLogger()
        root.removeHandler(self)
        root.setLevel(self._level)


def written() -> Iterable[str]:
    """All that the desk wrote down besides the orders themselves and their payloads."""
    with connection.cursor() as cursor:
        for query in WRITTEN:
            cursor.execute(query)
            yield from (text or "" for (text,) in cursor.fetchall())


def leaks(secrets: Iterable[str], texts: Iterable[str]) -> list[str]:
    """Texts that hold a secret."""
    wanted = tuple(secrets)
    return [text for text in texts if any(secret in text for secret in wanted)]
