"""Each minute every connected shop is looked at as it stands, and its notices are made to fit: what
is wrong is said, and what is not wrong any more is over. Nothing else raises them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from shipboard.channels.contract import SET_CLOCK, FailureKind, Stream
from shipboard.channels.models import Connection, Shop
from shipboard.ingest import notices
from shipboard.ingest.findings import Kind
from shipboard.ingest.freshness import Level, freshness
from shipboard.ingest.models import Cursor, Finding, Hook
from shipboard.ingest.notices import About, Trouble

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
#: Access that ends within so long is said.
EXPIRING = timedelta(days=30)
#: So many orders that cannot be read are no oddity of one order any more.
MANY_UNREADABLE = 10
#: So many missed changes in a day are more than a parcel here and there, which moves no clock of
#: its order at the marketplace.
MANY_MISSED = 20

LOOK = "Look at the shop's page; if its polls do not run at all, run `shipboard doctor`."
RECONNECT = "Connect the shop again, on its page."
IF_CHANGED = (
    "If the app's secret was changed at the marketplace, enter the new one. If not, somebody else "
    "calls this desk's address; nothing of it was believed."
)


def watch(now: datetime, real_now: datetime) -> None:
    """`now` is the desk's clock; `real_now` is what the marketplace's access counts in (UTC)."""
    lines = Connection.objects.exclude(state=Connection.State.OFF)
    ages = {each.shop_id: each.level for each in freshness(None, now)}
    for line in lines.select_related("shop", "grant").order_by("shop"):
        level = ages.get(line.shop_id, Level.FRESH)
        notices.settle(line.shop, found(line, level, now, real_now), now)
    for shop in Shop.objects.filter(notices__over_at=None, notices__isnull=False).distinct():
        if not lines.filter(shop=shop).exists():
            notices.settle(shop, {}, now)


def found(
    line: Connection, level: Level, now: datetime, real_now: datetime
) -> dict[About, Trouble]:
    """All that is wrong with a shop's line. One that is paused is not looked at for its age, and
    one whose access ended only says so."""
    said = _access(line, now, real_now)
    if About.RECONNECT not in said and line.state == Connection.State.ON:
        said |= _reading(line.shop, level)
    return said | _hooks(line.shop, now) | _orders(line.shop, now)


def _access(line: Connection, now: datetime, real_now: datetime) -> dict[About, Trouble]:
    shop, grant = line.shop, line.grant
    if grant.ended_at is not None:
        return {About.RECONNECT: Trouble(f"{shop.name}: {grant.problem}", RECONNECT)}
    locked_out = Cursor.objects.filter(shop=shop, kind=FailureKind.AUTH).order_by("pk").first()
    if locked_out and line.state == Connection.State.ON:
        step = locked_out.next_step or RECONNECT
        return {About.RECONNECT: Trouble(f"{shop.name}: {locked_out.problem}", step)}
    left = grant.refresh_ends_at - real_now
    told = Hook.objects.filter(shop=shop, ends_access=False, received_at__gt=grant.granted_at)
    hook = told.filter(state=Hook.State.DONE).exclude(notice="").order_by("-pk").first()
    if left > EXPIRING and hook is None:
        return {}
    ends = f"Access to {shop.name} ends on {grant.refresh_ends_at:%Y-%m-%d %H:%M} UTC."
    sentence = f"{shop.name}: {hook.notice}" if hook and left > EXPIRING else ends
    return {About.EXPIRING: Trouble(sentence, f"{RECONNECT} Until then everything goes on.")}


def _reading(shop: Shop, level: Level) -> dict[About, Trouble]:
    off = Cursor.objects.filter(shop=shop, next_step=SET_CLOCK).order_by("pk").first()
    if off:
        return {About.CLOCK: Trouble(f"{shop.name}: {off.problem}", off.next_step)}
    if level is not Level.RED:
        return {}
    cursor = Cursor.objects.filter(shop=shop, stream=Stream.ORDERS).first()
    last = cursor.succeeded_at if cursor else None
    read = f"were last read to the end at {last:%Y-%m-%d %H:%M} UTC" if last else "were never read"
    problem = f" {cursor.problem}" if cursor and cursor.problem else ""
    step = (cursor.next_step if cursor else "") or LOOK
    return {About.STALE: Trouble(f"The orders of {shop.name} {read}.{problem}", step)}


def _hooks(shop: Shop, now: datetime) -> dict[About, Trouble]:
    said = {}
    lately = Hook.objects.filter(channel=shop.channel, key="", received_at__gt=now - HOUR)
    if lately.filter(shop=shop, state=Hook.State.UNSIGNED).exists():
        said[About.HOOKS_UNSIGNED] = Trouble(
            f"Webhooks that name {shop.name} came with a signature that does not fit.", IF_CHANGED
        )
    if lately.filter(state=Hook.State.TOO_BIG).exists():
        said[About.HOOKS_TOO_BIG] = Trouble(
            f"A webhook to the address of {shop.get_channel_display()} was too big to be read.",
            "Nothing was lost: polls tell of every change. Should it go on, somebody else calls "
            "this desk's address.",
        )
    return said


def _orders(shop: Shop, now: datetime) -> dict[About, Trouble]:
    said = {}
    open_ = Finding.objects.filter(shop=shop, settled_at=None)
    unreadable = open_.filter(kind=Kind.UNREADABLE_ORDER).count()
    if unreadable >= MANY_UNREADABLE:
        said[About.UNREADABLE] = Trouble(
            f"{MANY_UNREADABLE} orders of {shop.name} or more cannot be read.",
            "The shop's page lists them. The marketplace may have changed what it sends: look for "
            "a newer Shipboard, or report it.",
        )
    if open_.filter(kind=Kind.MISSED_CHANGE, last_at__gt=now - DAY).count() >= MANY_MISSED:
        said[About.MISSED] = Trouble(
            f"Reading the open orders of {shop.name} again found {MANY_MISSED} or more "
            "with changes that nothing had told of.",
            "They are taken, and the shop's page lists them. Should it be so every night, look "
            "there whether webhooks and polls arrive.",
        )
    return said
