"""What a person asks of a label: weight, size, service, hand-over; kept as JSON by batches, runs
and attempts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from shipboard.channels.contract import Arrangement, Handover, Size
from shipboard.fulfilment.refusals import BadShipment

#: No slot is offered further ahead.
LATEST_SLOT = timedelta(days=60)
YEARS = range(2000, 2200)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelWish:
    """`price` and `currency` are what the person was shown for the service, None where the market
    states no price. `contents`: units by line position, None for all that wait. `package_id`: which
    of the channel's packages, blank where there is one or none. `despite_request`: although the
    buyer asks to cancel. `slot`: when the carrier fetches it, aware."""

    size: Size = field(default_factory=Size)
    service_id: str = ""
    service: str = ""
    price: Decimal | None = None
    currency: str = ""
    handover: Handover = Handover.UNSAID
    slot: tuple[datetime, datetime] | None = None
    contents: Mapping[int, int] | None = None
    package_id: str = ""
    despite_request: bool = False

    def arrangement(self) -> Arrangement:
        return Arrangement(
            size=self.size, service_id=self.service_id, handover=self.handover, slot=self.slot
        )

    def stored(self) -> dict[str, Any]:
        """As JSON keeps it; what says nothing is left out."""
        sides = {
            name: str(side)
            for name in ("length_cm", "width_cm", "height_cm")
            if (side := getattr(self.size, name)) is not None
        }
        said: dict[str, Any] = {
            "weight_grams": self.size.weight_grams,
            **sides,
            "service_id": self.service_id,
            "service": self.service,
            "price": None if self.price is None else str(self.price),
            "currency": self.currency,
            "handover": self.handover.value,
            "slot": self.slot and [at.isoformat() for at in self.slot],
            "package_id": self.package_id,
            "despite_request": self.despite_request,
        }
        kept = {name: value for name, value in said.items() if value}
        if self.contents is not None:
            kept["contents"] = {str(line): count for line, count in self.contents.items()}
        return kept


def check_slot(slot: tuple[datetime, datetime], now: datetime) -> None:
    """Raises BadShipment for what no marketplace offers as a pick-up time; which ones it offers is
    its own to say."""
    starts_at, ends_at = slot
    if starts_at >= ends_at or ends_at <= now or starts_at > now + LATEST_SLOT:
        raise BadShipment("slot", "That pick-up time is not offered any more. Choose another one.")


def slot_of(text: str) -> tuple[datetime, datetime]:
    """A slot as forms carry it: two instants with their offsets, a stroke between. Raises
    BadShipment."""
    try:
        starts_at, ends_at = map(datetime.fromisoformat, text.strip().split("/"))
        is_known = starts_at.tzinfo and ends_at.tzinfo and starts_at.year in YEARS
        slot = starts_at.astimezone(UTC), ends_at.astimezone(UTC)
    except (ValueError, OverflowError):
        is_known = None
    if not is_known or slot[0] >= slot[1] or slot[1].year not in YEARS:
        raise BadShipment("slot", "Choose one of the pick-up times.")
    return slot


def label_wish_of(stored: Mapping[str, Any]) -> LabelWish:
    """The opposite of `stored`."""
    contents = stored.get("contents")
    return LabelWish(
        size=Size(
            weight_grams=stored.get("weight_grams"),
            length_cm=_decimal(stored.get("length_cm")),
            width_cm=_decimal(stored.get("width_cm")),
            height_cm=_decimal(stored.get("height_cm")),
        ),
        service_id=stored.get("service_id", ""),
        service=stored.get("service", ""),
        price=_decimal(stored.get("price")),
        currency=stored.get("currency", ""),
        handover=Handover(stored.get("handover", "")),
        slot=_slot(stored.get("slot")),
        contents=None
        if contents is None
        else {int(line): count for line, count in contents.items()},
        package_id=stored.get("package_id", ""),
        despite_request=bool(stored.get("despite_request")),
    )


def _decimal(stored: str | None) -> Decimal | None:
    return None if stored is None else Decimal(stored)


def _slot(stored: list[str] | None) -> tuple[datetime, datetime] | None:
    if not stored:
        return None
    starts_at, ends_at = map(datetime.fromisoformat, stored)
    return starts_at, ends_at
