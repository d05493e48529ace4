"""Adding a shop, and its rules: the same checks for the command line and the page."""

from __future__ import annotations

import zoneinfo
from dataclasses import asdict, dataclass
from itertools import count

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from shipboard import clock
from shipboard.channels.models import Shop
from shipboard.channels.regions import ALIASES, REGIONS

MOST_HOURS = 24 * 60
MOST_DAYS = 365
MOST_UNDO_SECONDS = 3_600
MOST_IN_FLIGHT = 20
MOST_LABEL_DAYS = 365
#: The first two are the platform's own; labels of another size are asked for as A6.
LABEL_SIZES = ("A6", "A5", "4x6")
LONGEST_NAME = 120


class BadShop(ValueError):
    """A shop cannot be so; the message says why and what to do."""


@dataclass(frozen=True)
class Rules:
    """A shop's clock rules: an SLA preset by name, or flat hours after creation, or neither; and
    for how many days after delivery an order can still be acted on."""

    sla: str = ""
    dispatch_hours: int | None = None
    auto_cancel_hours: int | None = None
    after_sales_days: int = 14

    def check(self, presets: set[str]) -> None:
        """Raises BadShop when they contradict each other or are out of bounds."""
        hours = [each for each in (self.dispatch_hours, self.auto_cancel_hours) if each is not None]
        if self.sla and hours:
            raise BadShop("Give either an SLA preset or flat hours, not both.")
        if self.sla and self.sla not in presets:
            known = ", ".join(sorted(presets))
            raise BadShop(f"There is no SLA preset {self.sla!r}; there are {known}.")
        for each in hours:
            if not 0 < each <= MOST_HOURS:
                raise BadShop(f"Hours are between 1 and {MOST_HOURS}; {each} was given.")
        if not 0 <= self.after_sales_days <= MOST_DAYS:
            raise BadShop(
                f"After-sales days are between 0 and {MOST_DAYS}; "
                f"{self.after_sales_days} was given."
            )


@dataclass(frozen=True)
class Sending:
    """How a shop's shipments leave: so many seconds they wait in the outbox, where they can be
    undone, and so many calls at once change something at the marketplace."""

    undo_seconds: int = 120
    in_flight: int = 10

    def check(self) -> None:
        """Raises BadShop when they are out of bounds."""
        if not 0 <= self.undo_seconds <= MOST_UNDO_SECONDS:
            raise BadShop(
                f"The undo window is between 0 and {MOST_UNDO_SECONDS} seconds; "
                f"{self.undo_seconds} was given. With 0 shipments leave at once."
            )
        if not 1 <= self.in_flight <= MOST_IN_FLIGHT:
            raise BadShop(
                f"Calls at once are between 1 and {MOST_IN_FLIGHT}; {self.in_flight} was given."
            )


@dataclass(frozen=True)
class Labelling:
    """A shop's labels: whether they are printed as soon as they are created, their size, and for
    how many days their files are kept."""

    prints_at_once: bool = False
    label_size: str = "A6"
    label_days: int = 30

    def check(self) -> None:
        """Raises BadShop for a size that there is none of, and days out of bounds."""
        if self.label_size not in LABEL_SIZES:
            known = ", ".join(LABEL_SIZES)
            raise BadShop(f"Labels have one of the sizes {known}; {self.label_size!r} was given.")
        if not 1 <= self.label_days <= MOST_LABEL_DAYS:
            raise BadShop(
                f"Labels are kept between 1 and {MOST_LABEL_DAYS} days; {self.label_days} was "
                "given."
            )


def add_shop(
    name: str,
    *,
    region: str,
    timezone: str,
    rules: Rules,
    presets: set[str],
    channel: str = Shop.Channel.FILE,
    remote_id: str = "",
    is_demo: bool = False,
) -> Shop:
    """A new shop. `presets` are the SLA presets there are; `remote_id` is the marketplace's own id
    of it, which shops of files do not have. Raises BadShop."""
    name = " ".join(name.split())
    if not name or not name.isprintable():
        raise BadShop("A shop needs a name; give it the one you know it by.")
    if len(name) > LONGEST_NAME:
        raise BadShop(f"A shop's name has up to {LONGEST_NAME} letters; this one has {len(name)}.")
    if channel not in Shop.Channel.values:
        known = ", ".join(Shop.Channel.values)
        raise BadShop(f"There is no channel {channel!r}; there are {known}.")
    if (channel == Shop.Channel.FILE) is bool(remote_id):
        raise BadShop("Shops of a marketplace are added by connecting them, on the page Shops.")
    rules.check(presets)
    region = known_region(region)
    slug = slugify(name)[:60].strip("-") or _free_slug(region)
    try:
        with transaction.atomic():
            return Shop.objects.create(
                slug=slug,
                name=name,
                channel=channel,
                region=region,
                timezone=known_zone(timezone),
                currency=REGIONS[region].currency if region in REGIONS else "",
                **asdict(rules),
                remote_id=remote_id,
                is_demo=is_demo,
                added_at=clock.now(),
            )
    except IntegrityError:
        if remote_id and Shop.objects.filter(channel=channel, remote_id=remote_id).exists():
            raise BadShop(f"{name} is connected already.") from None
        raise BadShop(f"There is a shop {slug!r} already; choose another name.") from None


def _free_slug(region: str) -> str:
    """For a name without a Latin letter: the region's, numbered from the second on."""
    first = f"shop-{region.lower()}"
    taken = set(Shop.objects.filter(slug__startswith=first).values_list("slug", flat=True))
    numbered = (f"{first}-{number}" for number in count(2))
    return first if first not in taken else next(slug for slug in numbered if slug not in taken)


def known_region(region: str) -> str:
    code = region.strip().upper()
    code = ALIASES.get(code, code)
    if len(code) != 2 or not code.isascii() or not code.isalpha():
        raise BadShop(f"{region!r} is not a country code; write two letters, such as US or TH.")
    return code


def known_zone(timezone: str) -> str:
    if timezone == "localtime" or timezone not in zoneinfo.available_timezones():
        raise BadShop(
            f"{timezone!r} is not a time zone; write it as Area/City, such as Asia/Bangkok, or UTC."
        )
    return timezone


def rules_of(shop: Shop) -> Rules:
    return Rules(shop.sla, shop.dispatch_hours, shop.auto_cancel_hours, shop.after_sales_days)


def change_rules(shop: Shop, rules: Rules, presets: set[str]) -> None:
    """Store other rules; the orders' deadlines follow by ingest.restate. Raises BadShop."""
    rules.check(presets)
    Shop.objects.filter(pk=shop.pk).update(**asdict(rules))
    shop.refresh_from_db()


def sending_of(shop: Shop) -> Sending:
    return Sending(shop.undo_seconds, shop.in_flight)


def change_sending(shop: Shop, sending: Sending) -> None:
    """It counts for what is asked for from now on. Raises BadShop."""
    sending.check()
    Shop.objects.filter(pk=shop.pk).update(**asdict(sending))
    shop.refresh_from_db()


def labelling_of(shop: Shop) -> Labelling:
    return Labelling(shop.prints_at_once, shop.label_size, shop.label_days)


def change_labelling(shop: Shop, labelling: Labelling) -> None:
    """It counts for labels that are asked for from now on; the days for all. Raises BadShop."""
    labelling.check()
    Shop.objects.filter(pk=shop.pk).update(**asdict(labelling))
    shop.refresh_from_db()
