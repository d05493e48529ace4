"""Words, numbers and instants as the screens show them. Times are the shop's, with their zone."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from shipboard.channels.contract import Stage
from shipboard.channels.models import Warehouse
from shipboard.orders.filters import OrderFilter, pairs
from shipboard.orders.label_filters import LabelFilter
from shipboard.orders.stages import STAGE_LABELS, TAB_LABELS, Tab
from shipboard.orders.value_words import NO_MINOR_UNIT as NO_MINOR_UNIT
from shipboard.orders.value_words import money as money

#: For what belongs to no shop.
utc = ZoneInfo("UTC")


def number(value: int) -> str:
    return f"{value:,}"


def short_instant(instant: datetime, zone: ZoneInfo, now: datetime) -> str:
    """`22 Nov 19:52 UTC+7`, with the year when it is not this one; for narrow columns."""
    local = instant.astimezone(zone)
    year = "" if local.year == now.astimezone(zone).year else f" {local.year}"
    return f"{local.day} {local:%b}{year} {local:%H:%M} {zone_name(instant, zone)}"


def local_instant(instant: datetime, zone: ZoneInfo, now: datetime) -> str:
    """`Sun 22 Nov 19:52`, with the year when it is not this one; in `zone`."""
    local = instant.astimezone(zone)
    year = "" if local.year == now.astimezone(zone).year else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year} {local:%H:%M}"


def zone_name(instant: datetime, zone: ZoneInfo) -> str:
    """Short name of the zone at that instant, such as PST or UTC+7."""
    name = instant.astimezone(zone).tzname() or zone.key
    if name[:1] not in "+-":
        return name
    hours, minutes = name[1:3].lstrip("0") or "0", name[3:]
    return f"UTC{name[0]}{hours}" + (f":{minutes}" if minutes.strip("0") else "")


def time_left(instant: datetime, now: datetime) -> str:
    """`1h 44m`, `2d 5h`, `59s`; with a minus when it has passed."""
    delta = instant - now
    sign = "−" if delta < timedelta(0) else ""
    seconds = int(abs(delta).total_seconds())
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return f"{sign}{days}d {hours}h"
    if hours:
        return f"{sign}{hours}h {minutes}m"
    return f"{sign}{minutes}m" if minutes else f"{sign}{seconds}s"


def time_ago(instant: datetime, now: datetime) -> str:
    """`just now`, `2 min ago`, `3 h ago`, `4 days ago`."""
    minutes = int((now - instant).total_seconds()) // 60
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    hours = minutes // 60
    return f"{hours} h ago" if hours < 48 else f"{hours // 24} days ago"


def urgency(instant: datetime, now: datetime) -> str:
    """`late` once it has passed, `soon` within 12 hours, else blank."""
    if instant < now:
        return "late"
    return "soon" if instant - now < timedelta(hours=12) else ""


def stage(value: Stage | str) -> str:
    return STAGE_LABELS[Stage(value)]


def logistics(value: str) -> str:
    return Warehouse.Logistics(value).label


def tab(value: Tab | str) -> str:
    return TAB_LABELS[Tab(value)]


def initials(name: str) -> str:
    """Two letters to stand for a product without a picture."""
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "·"


def money_text(amount: str, currency: str) -> str:
    return money(Decimal(amount), currency)


def pairs_without(filter_: OrderFilter | LabelFilter, name: str) -> list[tuple[str, str]]:
    """The filter's parameters as hidden fields of a form that sets `name` itself."""
    return [(key, value) for key, value in pairs(filter_) if key not in {name, "after", "before"}]
