"""The carriers of the sandbox: invented ones, of which the first of a region is the one that the
platform ships with, and the real ones that sellers ship with by themselves. Sellers may name the
invented ones too, though they are not listed: no desk knows anything of their numbers.
"""

from __future__ import annotations

from sandbox.fulfilment.carrier import Carrier, number_of
from sandbox.fulfilment.sellers_carriers import SEA, SELLERS_CARRIERS

__all__ = ["CARRIERS", "EUROPE", "SEA", "Carrier", "number_of"]

#: Delivery options: of the platform, and of sellers who ship by themselves.
PLATFORM_OPTION, SELLER_OPTION = "7129104000000000001", "7129104000000000002"
EUROPE = ("DE", "ES", "FR", "IE", "IT")

INVENTED = (
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
CARRIERS = (*INVENTED, *SELLERS_CARRIERS)
#: Posts whose labels must be bought of the platform, where it says so.
POSTS = (INVENTED[1].id, next(one.id for one in SELLERS_CARRIERS if one.name == "USPS"))


def of_region(region: str) -> list[Carrier]:
    """Those that are listed for what sellers ship: real ones, invented ones where we know none."""
    real = [one for one in SELLERS_CARRIERS if region in one.regions]
    return real or [one for one in INVENTED if region in one.regions]


def platform_carrier(region: str) -> Carrier:
    """The carrier of the platform in a region; in one we know nothing of, the first of all."""
    return next((one for one in INVENTED if region in one.regions), INVENTED[0])


def by_id(id: str) -> Carrier | None:
    return next((one for one in CARRIERS if one.id == id), None)


def guess(number: str) -> list[Carrier]:
    """The carriers whose numbers look like this one."""
    return [one for one in CARRIERS if one.fits(number)]
