"""What leads from Manage Orders to other orders, each with its count: cards, tabs, chips, hits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from shipboard.channels.contract import Stage
from shipboard.desk import wording
from shipboard.orders.cards import CARD_TEXTS, DAY, Card
from shipboard.orders.filters import OrderFilter
from shipboard.orders.queries import Listing
from shipboard.orders.stages import STAGE_LABELS, STAGES_OF, TAB_LABELS, Tab

CARD_ICONS = {
    Card.SHIP_24H: "timer",
    Card.AUTO_CANCEL_24H: "ban",
    Card.OVERDUE: "alarm-clock",
    Card.CANCELLATION_REQUESTED: "circle-x",
    Card.RETURN_REQUESTED: "undo-2",
    Card.LOGISTICS_ISSUE: "circle-alert",
}


@dataclass(frozen=True)
class Link:
    """Something with a count that leads to its orders."""

    value: str
    label: str
    count: int
    href: str
    is_open: bool


def href(filter_: OrderFilter) -> str:
    """The list's address; always its first page."""
    query = filter_.query()
    return f"/orders/?{query}" if query else "/orders/"


def cards(filter_: OrderFilter, found: Listing) -> list[tuple[Link, str, str, str]]:
    """(link, mission's name, rule, icon); a card links to its orders across all tabs. What the
    cards' clock says is `clock_of`."""
    blank = OrderFilter(shop=filter_.shop, per_page=filter_.per_page, view=filter_.view)
    return [
        (
            Link(
                card.value,
                text.label,
                found.counts.cards[card],
                href(replace(blank, urgency=card)),
                filter_.urgency == card,
            ),
            text.mission,
            text.rule,
            CARD_ICONS[card],
        )
        for card, text in CARD_TEXTS.items()
    ]


def clock_of(found: Listing, now: datetime) -> str:
    """Of which instant the cards are, and where their 24 hours end: in the zone of the shops in
    view, or UTC where they differ."""
    zones = {shop.timezone for shop in found.shops}
    zone = ZoneInfo(zones.pop()) if len(zones) == 1 else wording.utc
    at, ends = (wording.short_instant(each, zone, now) for each in (now, now + DAY))
    return f"Counted at {at}; the 24 hours end {ends}."


def tabs(filter_: OrderFilter, found: Listing) -> list[Link]:
    """Tabs keep the filter, but for the stage chips of the tab that is left."""
    return [
        Link(
            tab.value,
            label,
            found.counts.tabs[tab],
            href(replace(filter_, tab=tab, stage=(), urgency=None, sort=None)),
            filter_.tab == tab,
        )
        for tab, label in TAB_LABELS.items()
    ]


def chips(filter_: OrderFilter, found: Listing) -> list[Link]:
    stages = STAGES_OF.get(filter_.tab, ())
    if filter_.tab == Tab.ALL:
        stages = (Stage.AWAITING_SHIPMENT, Stage.PENDING_COLLECTION)
    if len(stages) < 2:
        return []
    return [
        Link(
            stage.value,
            STAGE_LABELS[stage],
            found.counts.stages[stage],
            href(replace(filter_, stage=() if filter_.stage == (stage,) else (stage,))),
            stage in filter_.stage,
        )
        for stage in stages
    ]


def hit_tabs(filter_: OrderFilter, found: Listing) -> list[Link]:
    return [
        Link(
            tab.value,
            TAB_LABELS[tab],
            count,
            href(replace(filter_, tab=tab, stage=())),
            filter_.tab == tab,
        )
        for tab, count in found.hit_tabs.items()
    ]
