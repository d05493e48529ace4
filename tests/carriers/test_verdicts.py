"""What is said of a number and a carrier, as the marketplace would: see its rules for numbers."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipboard.carriers import LONGEST, RULES, Verdict, clean, verdict

UPS, BROKEN_UPS = "1Z5R89390357567127", "1Z5R89390357567128"
POST = "RR473124829GB"
USPS = "9400111201080805483016"


@pytest.mark.parametrize(
    ("number", "carrier", "region"),
    [
        (UPS, "UPS", "GB"),
        (POST, "Royal Mail Tracked 24", "GB"),
        ("820000000001", "J&T Express TH", "TH"),
        ("TH47146DR36", "Flash Express", "TH"),
        ("9261292700768711948021", "FedEx", "US"),
        ("anything1", "Veho", "US"),  # no format known
        ("GX000000000001", "Gull Express", "GB"),  # not even the carrier
        ("ZZ1", "Flash Express", "PH"),  # its numbers there are not known
        ("ZZ1", "SPX Express", "VN"),  # not all of them are
    ],
)
def test_a_number_of_the_carrier_is_good_and_nothing_is_said(
    number: str, carrier: str, region: str
) -> None:
    assert verdict(number, carrier, region) == Verdict("good")


@pytest.mark.parametrize(
    ("number", "named"),
    [("1Z-5R", "“-”"), ("1Z 5R", "a blank"), ("AB#1/2", "“#”, “/”"), ("١٢٣", "“١”"), ("é", "“é”")],
)
def test_signs_that_are_not_allowed_are_named(number: str, named: str) -> None:
    found = verdict(number, "Anything", "US")
    assert found.kind == "refused"
    assert named in found.sentence


def test_nothing_and_too_much_are_refused() -> None:
    assert verdict("", "UPS", "US") == Verdict("refused", "Give the tracking number.")
    assert verdict("1" * LONGEST, "Gull Express", "US").kind == "good"
    found = verdict("1" * (LONGEST + 1), "Gull Express", "US")
    assert found.kind == "refused"
    assert "41 signs" in found.sentence


@pytest.mark.parametrize(
    ("number", "carrier", "region"),
    [
        (BROKEN_UPS, "UPS", "GB"),
        ("1Z5R8939035756712", "UPS", "GB"),  # one sign too few
        ("RR473124828GB", "Royal Mail", "GB"),
        ("EF473124828TH", "Thailand Post", "TH"),
        ("3318810034", "DHL Express", "DE"),
        ("444413758704", "Yamato", "JP"),
    ],
)
def test_a_damaged_number_is_refused_but_in_the_us_where_it_is_warned_of(
    number: str, carrier: str, region: str
) -> None:
    found = verdict(number, carrier, region)
    assert found.kind == "refused"
    assert "Check it against the label." in found.sentence
    assert verdict(number, carrier, "US").kind == "warned"
    assert verdict(number, carrier).kind == "warned"  # the market is not known


def test_a_number_that_is_surely_anothers_names_it() -> None:
    found = verdict(UPS, "Royal Mail", "GB")
    assert found == Verdict(
        "refused", "Royal Mail has no such number. It looks like a number of UPS.", ("UPS",)
    )
    assert verdict(UPS, "FedEx", "US").kind == "warned"
    assert verdict(UPS, "FedEx", "US").likely == ("UPS",)
    # Nothing is known of this carrier's numbers: no reason to refuse.
    assert verdict(UPS, "GLS", "ES") == Verdict(
        "warned", "GLS has no such number. It looks like a number of UPS.", ("UPS",)
    )


def test_digits_alone_only_make_one_wonder() -> None:
    found = verdict("986578788855", "UPS", "GB")
    assert found.kind == "warned"
    assert "usually look different" in found.sentence
    assert found.likely == ("FedEx", "Parcelforce")  # at home in Great Britain, of many more


def test_a_carrier_whose_every_format_is_known_takes_no_other() -> None:
    assert verdict("12345", "Sagawa", "JP").kind == "refused"


def test_usps_labels_have_to_be_the_platforms() -> None:
    rule = RULES["usps", "US"]
    assert rule.refused_since == date(2025, 10, 27)
    assert verdict(USPS, "USPS", "US") == Verdict("warned", rule.warning)
    abroad = verdict(USPS, "USPS", "US", is_cross_border=True)
    assert abroad == Verdict("refused", rule.refusal)
    assert "27 October 2025" in abroad.sentence
    assert verdict(UPS, "UPS", "US", is_cross_border=True).kind == "good"


def test_both_things_are_said_of_a_damaged_number_of_the_usps() -> None:
    found = verdict("9400111201080805483017", "USPS", "US")
    assert found.kind == "warned"
    assert "something in it is wrong" in found.sentence
    assert RULES["usps", "US"].warning in found.sentence


@given(
    st.text(max_size=50),
    st.sampled_from(["UPS", "USPS", "J&T", "Evri", "Sagawa", "Gull", ""]),
    st.sampled_from(["", "US", "GB", "TH", "JP"]),
)
def test_every_text_gets_a_verdict_and_a_sentence_unless_good(
    text: str, carrier: str, region: str
) -> None:
    found = verdict(clean(text), carrier, region)
    assert (found.kind == "good") == (found.sentence == "")
