"""What syncing came upon: written once per order and kind for as long as it stands, settled by
itself when the order is well again, listed on the shop's page. Without personal data, but for the
payload of an order that could not be read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q

from shipboard.channels.models import Shop
from shipboard.ingest.models import Finding
from shipboard.ingest.payloads import folded

KEPT = timedelta(days=90)
Kind = Finding.Kind
#: What hearing the order again as it should be puts right.
MENDED = (Kind.UNREADABLE_ORDER, Kind.UNKNOWN_STATUS, Kind.GONE)
NEED_A_HUMAN = frozenset(MENDED)
SENTENCES = {
    Kind.STEPPED_BACK: "The marketplace took the order back a step, and the desk follows it; the "
    "order's timeline says from where to where.",
    Kind.MISSED_CHANGE: "Reading the open orders again showed a change that no poll or webhook "
    "had told of; it is taken.",
    Kind.GONE: "The marketplace does not know this order any more; here it stays as it was. "
    "Look for it at the marketplace before anything is sent.",
}


@dataclass(frozen=True, slots=True)
class Found:
    kind: Finding.Kind
    order_id: str
    sentence: str
    payload: str = ""


def plain(kind: Finding.Kind, order_ids: Iterable[str]) -> list[Found]:
    """Findings whose sentence is the same for every order."""
    return [Found(kind, order_id, SENTENCES[kind]) for order_id in order_ids]


def note(shop: Shop, found: Iterable[Found], now: datetime) -> None:
    """Write findings down; one that stands already is counted once more."""
    rows: list[tuple[int | str | bytes | datetime, ...]] = [
        (
            shop.pk,
            each.kind.value,
            storable(each.order_id),
            storable(each.sentence),
            folded(each.payload),
            now,
            now,
            each.kind in NEED_A_HUMAN,
        )
        for each in found
    ]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into finding (shop_id, kind, order_id, sentence, payload, times, first_at, "
            "last_at, needs_human, settled_by) values (%s, %s, %s, %s, %s, 1, %s, %s, %s, '') "
            "on conflict (shop_id, kind, order_id) where settled_at is null do update set "
            "times = finding.times + 1, last_at = excluded.last_at, sentence = excluded.sentence, "
            "payload = excluded.payload",
            rows,
        )


def storable(text: str) -> str:
    """A channel may name an order by what no database takes."""
    return text.replace("\x00", "").encode(errors="replace").decode()


def settle_heard(
    shop: Shop, heard: Collection[str], unknown: Collection[str], now: datetime
) -> None:
    """Orders were heard as they should be, but for those whose status is `unknown`."""
    mended = set(standing(shop)).intersection(heard)
    if not mended:
        return
    found = Finding.objects.filter(
        shop=shop, settled_at=None, kind__in=MENDED, order_id__in=list(mended)
    )
    if unknown:
        found = found.exclude(kind=Kind.UNKNOWN_STATUS, order_id__in=list(unknown))
    found.update(settled_at=now, settled_by=shop.get_channel_display())


def standing(shop: Shop) -> list[str]:
    """Ids of orders that somebody has to look at."""
    found = Finding.objects.filter(shop=shop, settled_at=None, kind__in=MENDED).exclude(order_id="")
    return list(found.order_by("pk").values_list("order_id", flat=True))


def unread(shop: Shop, order_ids: Collection[str]) -> set[str]:
    """Those of the orders that could not be read when they were heard last."""
    found = Finding.objects.filter(shop=shop, settled_at=None, kind=Kind.UNREADABLE_ORDER)
    return set(found.values_list("order_id", flat=True)).intersection(order_ids)


def settle(finding: Finding, *, by: str, now: datetime) -> bool:
    """Somebody looked at it; False when it was settled already."""
    standing = Finding.objects.filter(pk=finding.pk, settled_at=None)
    return bool(standing.update(settled_at=now, settled_by=by))


def forget_old(now: datetime) -> int:
    """Delete what was settled, or repaired by itself, more than 90 days ago; returns how many."""
    old = now - KEPT
    is_over = Q(settled_at__lt=old) | Q(needs_human=False, settled_at=None, last_at__lt=old)
    deleted, _ = Finding.objects.filter(is_over).delete()
    return deleted
