"""Whose a number may be: several at once, in what order, and what a marketplace's list becomes."""

from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipboard.carriers import CARRIERS, LONGEST, Fit, fits, narrow
from shipboard.carriers.fitting import _readings

US = (
    *("USPS", "UPS", "FedEx", "DHL eCommerce", "DHL express", "OnTrac", "OSM Worldwide"),
    *("LaserShip", "GLS US", "Asendia US", "UniUni", "Veho", "Speedx"),
    *("Amazon shipping + Amazon MCF", "Cainiao US", "Yanwen"),
)


def keys(number: str, region: str = "") -> list[str]:
    return [fit.carrier_key for fit in fits(number, region)]


def test_a_number_of_digits_fits_several_and_the_home_of_the_shop_decides() -> None:
    assert keys("986578788855", "US")[0] == "fedex"
    assert keys("986578788855", "TH")[0] == "j-and-t"
    assert {"fedex", "j-and-t", "parcelforce"} <= set(keys("986578788855"))


def test_a_check_digit_with_letters_weighs_more_than_home() -> None:
    assert fits("1Z5R89390357567127", "TH")[0] == Fit("ups", is_checked=True)
    assert keys("EF473124829TH", "US")[0] == "thailand-post"


def test_a_post_comes_before_those_who_also_use_its_format() -> None:
    assert keys("RR473124829GB", "GB")[:2] == ["royal-mail", "parcelforce"]
    assert {"asendia", "cainiao"} <= set(keys("RR473124829GB", "GB"))


def test_a_carriers_formats_of_another_country_do_not_count() -> None:
    assert "spx" in keys("TH000000000001A", "TH")
    assert "spx" not in keys("TH000000000001A", "VN")


def test_case_does_not_matter_and_nothing_fits_what_no_carrier_has() -> None:
    assert keys("1z5r89390357567127") == keys("1Z5R89390357567127")
    assert keys("") == keys("GX-1") == keys("ÄÖÜ") == keys("1Z5R89390357567127\n") == []
    assert keys("1" * (LONGEST + 1)) == []


def test_the_list_of_carriers_is_narrowed_to_those_that_fit() -> None:
    narrowed = narrow("1Z5R89390357567127", US, "US")
    assert narrowed.fitting[0] == "UPS"
    assert narrowed.fitting == ("UPS", "GLS US", "Veho")
    assert "FedEx" in narrowed.others
    assert sorted(narrowed.fitting + narrowed.others) == sorted(US)


def test_who_uses_anothers_numbers_fits_with_it() -> None:
    fitting = narrow("9400111201080805483016", US, "US").fitting
    assert fitting[0] == "USPS"
    assert {"OSM Worldwide", "DHL eCommerce", "Asendia US"} <= set(fitting)
    assert narrow("1LS717793482164", ["OnTrac", "LaserShip"], "US").others == ()


def test_both_services_of_a_carrier_fit_in_the_order_offered() -> None:
    offered = ["Yodel", "Royal Mail Tracked 48", "Royal Mail Tracked 24"]
    narrowed = narrow("RR473124829GB", offered, "GB")
    assert narrowed.fitting == ("Royal Mail Tracked 48", "Royal Mail Tracked 24")
    assert narrowed.others == ("Yodel",)


def test_an_unknown_carrier_and_no_number_rule_nobody_out() -> None:
    assert narrow("1Z5R89390357567127", ["Gull Express"], "US").fitting == ("Gull Express",)
    assert narrow("", US, "US").fitting == US


@given(st.text(max_size=60), st.sampled_from(["", "US", "GB", "TH", "DE", "JP", "??"]))
def test_no_text_makes_it_fail(text: str, region: str) -> None:
    found = fits(text, region)
    assert {fit.carrier_key for fit in found} <= set(CARRIERS)
    assert len({fit.carrier_key for fit in found}) == len(found)


@given(st.lists(st.sampled_from(US)), st.text(alphabet="0123456789ABCDTZ", max_size=24))
def test_narrowing_loses_no_name_and_makes_up_none(offered: list[str], number: str) -> None:
    narrowed = narrow(number, offered, "US")
    assert sorted(narrowed.fitting + narrowed.others) == sorted(offered)


@pytest.mark.parametrize("sign", "0123456789AZ19 -\t")
def test_the_worst_texts_take_no_longer_than_others(sign: str) -> None:
    fits("1Z5R89390357567127")
    started = perf_counter()
    for length in range(200, 300):
        fits(sign * length)
        fits(sign * 39 + "!")
    assert perf_counter() - started < 0.5


def test_ten_thousand_numbers_take_seconds() -> None:
    numbers = [f"{serial * 7919 % 10**12:012}" for serial in range(10_000)]
    _readings.cache_clear()
    started = perf_counter()
    for number in numbers:
        fits(number, "US")
    assert perf_counter() - started < 10
