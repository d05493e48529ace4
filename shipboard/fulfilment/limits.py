"""Whether a parcel is larger or heavier than its delivery option takes, said before money is spent;
and weights and sizes in words, in the units of the shop's market.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from shipboard.channels.contract import DeliveryOptionFact, Size
from shipboard.channels.delivery_options import limits_of
from shipboard.orders.models import Order

#: Grams and centimetres.
OUNCE, INCH = Decimal("28.349523125"), Decimal("2.54")
#: In a pound.
OUNCES = 16
#: Markets that weigh in ounces and measure in inches.
IMPERIAL = ("US",)
CHANGE = "Correct it, use another box, or split the order."


def why_too_big(order: Order, size: Size) -> str:
    """Why the order's delivery option does not take a parcel of this size, in a sentence with what
    to do; blank where it does, or where nobody has said what it takes. One query."""
    limits = limits_of(order.shop, order.extra.get("delivery_option_id", ""))
    return exceeded(limits, size, order.shop.region) if limits else ""


def exceeded(limits: DeliveryOptionFact, size: Size, region: str) -> str:
    """The same of limits that are known already."""
    option = limits.name or "The delivery option"
    grams, sides, most = size.weight_grams, size.sides, limits.most_sides
    if grams is not None and limits.most_grams is not None and grams > limits.most_grams:
        takes = weight_words(limits.most_grams, region)
        return f"{option} takes up to {takes}; this is {weight_words(grams, region)}. {CHANGE}"
    if grams is not None and limits.least_grams is not None and grams < limits.least_grams:
        takes = weight_words(limits.least_grams, region)
        return f"{option} takes {takes} and more; this is {weight_words(grams, region)}."
    # Both with the longest side first, for a parcel can be turned.
    longest_first = sorted(most, reverse=True)
    if any(side > limit for side, limit in zip(sides, longest_first, strict=False)):
        takes = size_words(longest_first, region)
        return f"{option} takes up to {takes}; this is {size_words(sides, region)}. {CHANGE}"
    return ""


def is_imperial(region: str) -> bool:
    return region in IMPERIAL


def weight_words(grams: int, region: str) -> str:
    """ "1.2 kg (2 lb 10.3 oz)" in the United States, "1.2 kg" elsewhere."""
    metric = f"{_plain(Decimal(grams) / 1000)} kg" if grams >= 1000 else f"{grams} g"
    if not is_imperial(region):
        return metric
    return f"{metric} ({_imperial(grams)})"


def usual_weight(grams: int, region: str) -> str:
    """In the market's own units alone: "2 lb 10.3 oz", "1.2 kg"."""
    return _imperial(grams) if is_imperial(region) else weight_words(grams, region)


def usual_size(sides: Sequence[Decimal], region: str) -> str:
    """In the market's own units alone."""
    if not is_imperial(region):
        return size_words(sides, region)
    return f"{' × '.join(_plain(round(side / INCH, 1)) for side in sides)} in"


def _imperial(grams: int) -> str:
    """Rounded before it is divided: 15.96 oz are a pound, never "16 oz"."""
    pounds, ounces = divmod(round(Decimal(grams) / OUNCE, 1), OUNCES)
    said = [f"{int(pounds)} lb"] if pounds else []
    if ounces or not pounds:
        said.append(f"{_plain(ounces)} oz")
    return " ".join(said)


def size_words(sides: Sequence[Decimal], region: str) -> str:
    metric = " × ".join(_plain(side) for side in sides) + " cm"
    if not is_imperial(region):
        return metric
    return f"{metric} ({' × '.join(_plain(round(side / INCH, 1)) for side in sides)} in)"


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
