"""What belongs to one order alone besides its own row: its lines (with their items) and cases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

from django.db import connection

from shipboard.channels.contract import ItemFact, OrderFact
from shipboard.channels.models import Shop
from shipboard.ingest.copying import copy_rows, update_rows
from shipboard.ingest.merge import CASE_FIELDS, CASE_KEY
from shipboard.ingest.rows import (
    ITEM_COLUMNS,
    LINE_COLUMNS,
    case_fact,
    case_row,
    item_digest,
    item_row,
    line_row,
)
from shipboard.orders.models import Case, Line

Owned = tuple[int, OrderFact]

CASE_COLUMNS = ("order_id", *CASE_KEY, *CASE_FIELDS)


def write_lines(shop: Shop, owned: Sequence[Owned]) -> None:
    """Append the lines of orders that have none yet, and the items they sell."""
    item_pks = _item_pks(shop, {line.item for _, fact in owned for line in fact.lines})
    copy_rows(
        "line",
        LINE_COLUMNS,
        (
            line_row(pk, position, item_pks[line.item], line)
            for pk, fact in owned
            for position, line in enumerate(fact.lines)
        ),
    )


def _item_pks(shop: Shop, items: Set[ItemFact]) -> dict[ItemFact, int]:
    """Primary keys of items, which are made where they are new."""
    digests = {item: item_digest(item) for item in items}
    known = _known_items(shop, digests.values())
    fresh = [(digest, item) for item, digest in digests.items() if digest not in known]
    copy_rows("item", ITEM_COLUMNS, (item_row(shop.pk, *each) for each in fresh))
    if fresh:
        known |= _known_items(shop, [digest for digest, _ in fresh])
    return {item: known[digest] for item, digest in digests.items()}


def _known_items(shop: Shop, digests: Iterable[bytes]) -> dict[bytes, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select digest, id from item where shop_id = %s and digest = any(%s)",
            [shop.pk, list(digests)],
        )
        return {bytes(digest): pk for digest, pk in cursor.fetchall()}


def write_cases(owned: Sequence[Owned]) -> None:
    """Append the cases of orders that have none yet."""
    copy_rows(
        "case",
        CASE_COLUMNS,
        (case_row(pk, case) for pk, fact in owned for case in fact.cases),
    )


def _rewrite_cases(owned: Sequence[Owned]) -> None:
    """Bring the cases of orders to what is known of them. One that stays keeps its row: people work
    on it, and its answers belong to it."""
    kept = {
        (each.order_id, each.kind, each.case_id): each
        for each in Case.objects.filter(order__in=[pk for pk, _ in owned])
    }
    fresh, changed = [], []
    for pk, fact in owned:
        for case in fact.cases:
            row = kept.pop((pk, case.kind.value, case.case_id), None)
            if row is None:
                fresh.append((pk, case))
            elif case_fact(row) != case:
                changed.append((row.pk, case))
    if kept:
        Case.objects.filter(pk__in=[row.pk for row in kept.values()]).delete()
    if changed:
        update_rows("case", ("id", *CASE_COLUMNS[1:]), (case_row(pk, case) for pk, case in changed))
    copy_rows("case", CASE_COLUMNS, (case_row(pk, case) for pk, case in fresh))


def rewrite(shop: Shop, changed: Sequence[tuple[int, OrderFact, OrderFact]]) -> None:
    """Bring lines and cases of orders from what was shown to what is: (pk, before, after)."""
    of_lines = [(pk, after) for pk, before, after in changed if before.lines != after.lines]
    if of_lines:
        Line.objects.filter(order__in=[pk for pk, _ in of_lines]).delete()
        write_lines(shop, of_lines)
    of_cases = [(pk, after) for pk, before, after in changed if before.cases != after.cases]
    if of_cases:
        _rewrite_cases(of_cases)
