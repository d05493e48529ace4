"""Weight and size as a call gives them, and the services that take such a parcel, with prices."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from typing import Any

from sandbox.api import Refusal
from sandbox.fulfilment.carriers import CARRIERS, Carrier, platform_carrier
from sandbox.fulfilment.given import table
from sandbox.kinds import Doc

GRAMS = {"GRAM": Decimal(1), "POUND": Decimal("453.59237"), "KILOGRAM": Decimal(1000)}
CENTIMETRES = {"CM": Decimal(1), "INCH": Decimal("2.54")}
#: Grams and centimetres beyond which no carrier takes anything.
HEAVIEST, LONGEST, GIRTH = Decimal(31_751), Decimal(274), Decimal(330)


@dataclass(frozen=True)
class Measured:
    """Grams and centimetres, longest side first; a size that was not given is empty."""

    grams: Decimal
    sides: tuple[Decimal, ...]

    @property
    def girth(self) -> Decimal:
        """Length, and around."""
        long, *others = self.sides
        return long + 2 * sum(others, Decimal(0))


@dataclass(frozen=True)
class Service:
    """`most` grams; the price is `base` and `each` for every started kilogram."""

    id: str
    name: str
    carrier: Carrier
    base: str
    each: str
    most: int
    days: tuple[int, int]

    def price(self, measured: Measured) -> Decimal:
        started = (measured.grams / 1000).to_integral_value(ROUND_CEILING)
        return (Decimal(self.base) + Decimal(self.each) * started).quantize(Decimal("0.01"))


SERVICES = (
    Service("7208000000000000001", "Gull Ground", CARRIERS[0], "4.20", "0.85", 31_751, (3, 5)),
    Service("7208000000000000002", "Gull Two Day", CARRIERS[0], "9.10", "1.60", 22_000, (1, 2)),
    Service("7208000000000000003", "Union Light", CARRIERS[1], "3.35", "0.60", 453, (3, 7)),
)


def services(region: str) -> tuple[Service, ...]:
    if region == "US":
        return SERVICES
    carrier = platform_carrier(region)
    return (
        Service(f"72081{carrier.id[-14:]}", "Standard", carrier, "38.00", "12.00", 30_000, (2, 4)),
    )


def measure(body: Doc, units: int) -> Measured:
    """The parcel of a call. Without weight a unit weighs 250 g. Raises Refusal with 36009010 or,
    when no carrier takes it, the code that says why.
    """
    weight = table(body.get("weight"))
    size = table(body.get("dimension"))
    grams = _scaled(weight.get("value"), weight.get("unit"), GRAMS) if weight else 250 * units
    given = [size.get(name) for name in ("length", "width", "height")]
    if any(given) and not all(given):
        raise Refusal(36009010, "length, width and height go together.")
    sides = [_scaled(side, size.get("unit"), CENTIMETRES) for side in given if side]
    measured = Measured(Decimal(grams), tuple(sorted(sides, reverse=True)))
    _within(measured)
    return measured


def _scaled(value: Any, unit: Any, scale: dict[str, Decimal]) -> Decimal:
    if not isinstance(unit, str) or unit not in scale:
        raise Refusal(36009010, f"The unit must be one of {', '.join(scale)}.")
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise Refusal(36009010, "A measure is not a number.") from error
    if not number.is_finite() or number <= 0:
        raise Refusal(36009010, "A measure must be more than nothing.")
    return number * scale[unit]


def _within(measured: Measured) -> None:
    if measured.grams > HEAVIEST:
        raise Refusal(11021015, "The package is too heavy.")
    if not measured.sides:
        return
    if measured.sides[0] > LONGEST:
        raise Refusal(11021022, "The longest side is too long.")
    if measured.girth > GIRTH:
        raise Refusal(11021020, "Length and girth together are too much.")
