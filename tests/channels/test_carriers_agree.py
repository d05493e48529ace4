"""The carriers that the sandbox marketplace lists in a market, and what the desk knows of carriers:
neither knows the other, and each takes the other's numbers.
"""

from __future__ import annotations

import pytest

from sandbox.fulfilment.carriers import number_of, of_region
from shipboard import carriers
from shipboard.channels import carrier_names

REGIONS = ("US", "GB", "TH", "VN", "MY", "SG", "PH", "ID")


@pytest.mark.parametrize("region", REGIONS)
def test_the_desk_narrows_by_the_marketplaces_numbers(region: str) -> None:
    names = [one.name for one in of_region(region)]
    for one in of_region(region):
        for serial in (1, 4711, 99_999):
            number = number_of(one, serial)
            assert one.name in carriers.narrow(number, names, region).fitting, number
            assert carriers.verdict(number, one.name, region).kind != "refused", number


@pytest.mark.parametrize("region", REGIONS)
def test_names_mean_the_same_carriers(region: str) -> None:
    """What file shops choose from and what the marketplace lists."""
    listed = {one.name.casefold() for one in of_region(region)}
    known = {name.casefold() for name in carrier_names.known_in(region)}
    assert len(listed & known) >= 3
