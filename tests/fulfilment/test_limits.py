"""A parcel that its delivery option does not take is said so in words, before anybody is called."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shipboard.channels.contract import DeliveryOptionFact, Size
from shipboard.channels.models import DeliveryOption
from shipboard.fulfilment.limits import (
    exceeded,
    size_words,
    usual_size,
    usual_weight,
    weight_words,
    why_too_big,
)
from tests import make

OPTION = DeliveryOptionFact(
    remote_id="7",
    name="Standard",
    least_grams=10,
    most_grams=2000,
    most_sides=(Decimal(60), Decimal(40), Decimal(30)),
)


def sized(grams: int, *sides: int) -> Size:
    length, width, height = (Decimal(side) for side in sides) if sides else (None, None, None)
    return Size(weight_grams=grams, length_cm=length, width_cm=width, height_cm=height)


@pytest.mark.parametrize("size", [sized(2000, 30, 60, 40), sized(10), Size()])
def test_what_fits_however_it_lies_is_taken(size: Size) -> None:
    assert exceeded(OPTION, size, "GB") == ""


def test_what_is_too_much_is_said_in_the_market_s_units() -> None:
    assert exceeded(OPTION, sized(2001), "GB").startswith(
        "Standard takes up to 2 kg; this is 2.001 kg."
    )
    assert "2 kg (4 lb 6.5 oz)" in exceeded(OPTION, sized(3000), "US")
    assert "10 g and more; this is 9 g." in exceeded(OPTION, sized(9), "GB")


@pytest.mark.parametrize("sides", [(61, 1, 1), (41, 41, 1), (31, 31, 31)])
def test_the_longest_side_is_held_against_the_longest(sides: tuple[int, int, int]) -> None:
    assert "takes up to 60 × 40 × 30 cm" in exceeded(OPTION, sized(100, *sides), "GB")


def test_words() -> None:
    assert weight_words(250, "GB") == "250 g"
    assert weight_words(100, "US") == "100 g (3.5 oz)"
    assert weight_words(100_000, "GB") == "100 kg"
    assert weight_words(31_751, "US") == "31.751 kg (70 lb)"
    assert weight_words(453, "US") == "453 g (1 lb)"
    assert (usual_weight(1985, "US"), usual_weight(1985, "TH")) == ("4 lb 6 oz", "1.985 kg")
    assert usual_size((Decimal("25.40"), Decimal(100)), "US") == "10 × 39.4 in"
    assert size_words((Decimal("25.40"), Decimal(100)), "US") == "25.4 × 100 cm (10 × 39.4 in)"


@pytest.mark.django_db
def test_the_order_s_own_option_counts_and_none_where_nobody_said() -> None:
    shop = make.shop()
    order = make.row(shop, extra={"delivery_option_id": "7"})
    assert why_too_big(order, sized(3000)) == ""
    DeliveryOption.objects.create(
        shop=shop, remote_id="7", name="Standard", most_grams=2000, as_of=make.NOW
    )
    assert why_too_big(order, sized(3000)).startswith("Standard takes up to 2 kg")
    assert why_too_big(make.row(shop), sized(3000)) == ""
