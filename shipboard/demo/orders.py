"""Believable orders of a demo shop, as the marketplace would tell of them: the same for the same
seed and instant, with all times relative to that instant. Of a connected shop they are as they
truly are; what the marketplace shows of a recipient is up to it (payloads.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any

from shipboard.channels.contract import (
    CaseFact,
    CaseKind,
    LineFact,
    OrderFact,
    ParcelContent,
    ParcelFact,
    Shipping,
    Stage,
)
from shipboard.demo.goods import Good
from shipboard.demo.life import STEPS, WORDS, hours, times_of
from shipboard.demo.markets import Market, digits

#: In a file the buyer's address is not shown before the hold's hour is over.
NO_RECIPIENT = {Stage.UNPAID, Stage.ON_HOLD}
NOTHING = Decimal(0)
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Maker:
    """Makes the orders of one shop as they are at `now` (UTC, whole seconds)."""

    market: Market
    now: datetime
    seed: int

    def order(
        self,
        number: int,
        stage: Stage,
        *,
        ago: float,
        lines: tuple[LineFact, ...] = (),
        is_split: bool | None = None,
        **said: Any,
    ) -> OrderFact:
        """The shop's order of that number, whose last step was `ago` hours before now. `lines`,
        `is_split` and whatever else is `said` replace what chance would give."""
        random, market = self.random(number), self.market
        times = times_of(random, stage, self.now - hours(ago))
        lines = lines or self._lines(random, at_least=1 + (stage == Stage.PARTIALLY_SHIPPED))
        if is_split is None:
            is_split = len(lines) > 1 and random.random() < 0.2
        parcels = self._parcels(random, stage, number, lines, is_split)
        option_type, option = random.choices(market.options, (80, 20))[0]
        charges, total = self._charges(random, lines)
        recipient = self._recipient(random)
        fact = OrderFact(
            order_id=f"579{(market.number * 10_000 + number) * 382_918_737_127_331 % 10**15:015}",
            as_of=self.now,
            stage=stage,
            status_words=WORDS.get(stage, stage.upper()),
            shipping=random.choice((Shipping.SELLER, Shipping.SELLER, Shipping.PLATFORM)),
            currency=market.currency,
            total=total,
            charges=charges,
            deadlines=market.said(times["created_at"]),
            warehouse=random.choices(market.warehouses, (65, 35))[0],
            delivery_option_type=option_type,
            delivery_option=option,
            carrier=parcels[0].carrier if parcels else "",
            payment_method=random.choice(market.payments),
            buyer_username=f"{random.choice('abcdefghijklmnoprstuvwy')}****",
            recipient=recipient if market.remote_id or stage not in NO_RECIPIENT else {},
            lines=lines,
            parcels=parcels,
            created_at=times["created_at"],
        )
        return replace(fact, **{**times, **said})

    def line(self, good: Good, quantity: int = 1, percent: int = 0, **said: Any) -> LineFact:
        """A line of an order; `percent` is the seller's discount."""
        price: Decimal = said.pop("unit_price", good.price)
        subtotal = price * quantity
        discount = (subtotal * percent / 100).quantize(CENT)
        return LineFact(
            item=said.pop("item", good.item),
            quantity=quantity,
            unit_price=price,
            subtotal=subtotal,
            seller_discount=discount,
            platform_discount=NOTHING,
            total=subtotal - discount,
            **said,
        )

    def case(
        self, number: int, kind: CaseKind, *, ago: float, respond_in: float | None, reason: str
    ) -> CaseFact:
        """A case asked for `ago` hours ago; without hours left to answer it is over."""
        return CaseFact(
            kind=kind,
            case_id=f"4035{self.market.number}{number:014}",
            is_open=respond_in is not None,
            reason=reason,
            requested_at=self.now - hours(ago),
            respond_by=None if respond_in is None else self.now + hours(respond_in),
        )

    def random(self, of: object) -> Random:
        return Random(f"{self.seed}/{self.market.number}/{of}")  # noqa: S311 - a demo, no secret

    def _lines(self, random: Random, at_least: int) -> tuple[LineFact, ...]:
        kinds = max(at_least, random.choices((1, 2, 3), (70, 22, 8))[0])
        return tuple(
            self.line(
                good, random.choices((1, 2, 3), (80, 15, 5))[0], random.choice((0, 0, 0, 5, 10))
            )
            for good in random.sample(self.market.goods, kinds)
        )

    def _parcels(
        self,
        random: Random,
        stage: Stage,
        number: int,
        lines: tuple[LineFact, ...],
        is_split: bool,
    ) -> tuple[ParcelFact, ...]:
        """One parcel, or two when split; only the first so far of a partially shipped order."""
        partly = stage == Stage.PARTIALLY_SHIPPED
        if not partly and "arranged_at" not in STEPS.get(stage, ()):
            return ()
        carrier = random.choice(self.market.carriers)
        contents = [ParcelContent(place, line.quantity) for place, line in enumerate(lines)]
        groups = [contents[:1], contents[1:]] if partly or is_split else [contents]
        return tuple(
            ParcelFact(
                package_id=f"1153{self.market.number}{number * 10 + place:014}",
                tracking_number=carrier.number(random),
                carrier=carrier.name,
                weight_kg=Decimal(random.randrange(90, 2400)) / 1000,
                contents=tuple(group),
            )
            for place, group in enumerate(groups[:1] if partly else groups)
        )

    def _charges(
        self, random: Random, lines: tuple[LineFact, ...]
    ) -> tuple[dict[str, Decimal], Decimal]:
        """Charges by name, and the total that they and the lines add up to."""
        market = self.market
        goods = sum((line.total or NOTHING for line in lines), NOTHING)
        discount = random.choice((NOTHING, NOTHING, NOTHING, market.shipping / 2)).quantize(CENT)
        name, fee = market.fee
        added = {
            "shipping_fee": market.shipping - discount,
            "taxes": (goods * (market.tax or NOTHING)).quantize(CENT),
            name: random.choice((NOTHING, fee)),
        }
        rest = {
            "original_shipping_fee": market.shipping,
            "shipping_fee_seller_discount": discount,
        }
        return added | rest, goods + sum(added.values(), NOTHING)

    def _recipient(self, random: Random) -> dict[str, str]:
        state, city, postal_code = random.choice(self.market.places)
        streets = self.market.streets
        return {
            "name": random.choice(self.market.people),
            "phone": f"{self.market.phone}{digits(random, 2)}",
            "country": self.market.region,
            "state": state,
            "city": city,
            "postal_code": postal_code,
            "address": f"{random.randint(1, 240)} {random.choice(streets)}"
            if streets
            else "*** ******",
        }
