"""Invented carriers: which serve a region, and what their tracking numbers look like. The first
of a region is the one that the platform ships with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Delivery options: of the platform, and of sellers who ship by themselves.
PLATFORM_OPTION, SELLER_OPTION = "7129104000000000001", "7129104000000000002"
SEA = ("TH", "VN", "MY", "SG", "PH", "ID")
EUROPE = ("DE", "ES", "FR", "IE", "IT")


@dataclass(frozen=True)
class Carrier:
    """`form` is a pattern of its tracking numbers, `sample` how they are made (# a digit)."""

    id: str
    name: str
    regions: tuple[str, ...]
    form: str
    sample: str

    def fits(self, number: str) -> bool:
        return re.fullmatch(self.form, number) is not None


CARRIERS = (
    Carrier("7150000000000000001", "Gull Express", ("US",), r"GX\d{12}", "GX############"),
    Carrier("7150000000000000002", "Union Parcel Post", ("US",), r"92\d{20}", "92" + "#" * 20),
    Carrier("7150000000000000003", "Redwood Freight", ("US",), r"RW\d{10}", "RW##########"),
    Carrier("7150000000000000011", "Heron Mail", ("GB",), r"HM\d{9}GB", "HM#########GB"),
    Carrier("7150000000000000012", "Plover Parcels", ("GB",), r"PL\d{12}", "PL############"),
    Carrier("7150000000000000021", "Kestrel Cargo", EUROPE, r"KC\d{12}", "KC############"),
    Carrier("7150000000000000022", "Stork Courier", EUROPE, r"ST\d{11}", "ST###########"),
    Carrier("7150000000000000031", "Mangrove Express", SEA, r"MG\d{12}", "MG############"),
    Carrier("7150000000000000032", "Monsoon Couriers", SEA, r"MS\d{10}", "MS##########"),
    Carrier("7150000000000000041", "Crane Delivery", ("JP",), r"\d{12}", "############"),
    Carrier("7150000000000000051", "Toucan Cargo", ("MX", "BR"), r"TU\d{11}", "TU###########"),
)
UNION_POST = CARRIERS[1]


def of_region(region: str) -> list[Carrier]:
    return [one for one in CARRIERS if region in one.regions]


def platform_carrier(region: str) -> Carrier:
    """The carrier of the platform in a region; in one we know nothing of, the first of all."""
    return next(iter(of_region(region)), CARRIERS[0])


def by_id(id: str) -> Carrier | None:
    return next((one for one in CARRIERS if one.id == id), None)


def guess(number: str) -> list[Carrier]:
    """The carriers whose numbers look like this one."""
    return [one for one in CARRIERS if one.fits(number)]


def number_of(carrier: Carrier, serial: int) -> str:
    """The carrier's tracking number with this serial."""
    digits = f"{serial * 7919 % 10**12:0{carrier.sample.count('#')}}"
    taken = iter(digits[-carrier.sample.count("#") :])
    return "".join(next(taken) if sign == "#" else sign for sign in carrier.sample)
