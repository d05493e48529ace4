"""An order's recipient by the keys of contract.OrderFact. Masked values pass as they are: a real
one that is known already outweighs them when accounts are merged.

The street is one value, all lines of it: were its lines kept apart, the second line of an old
address could outlive the address it belonged to.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from shipboard.channels.tiktok.values import LONG, Payload, part, parts, text

STREET = ("address_line1", "address_line2", "address_line3", "address_line4")
#: What districts call themselves, in lower case.
LEVELS = {
    "country": "country",
    "state": "state",
    "province": "state",
    "prefecture": "state",
    "region": "state",
    "city": "city",
    "municipality": "city",
    "regency": "city",
    "regency and city": "city",
    "city/regency": "city",
    "post town": "city",
    "town": "city",
    "district": "district",
    "districts": "district",
    "county": "district",
    "subdistrict": "subdistrict",
    "sub-district": "subdistrict",
    "sub district": "subdistrict",
    "ward": "subdistrict",
    "commune": "subdistrict",
    "village": "subdistrict",
    "villages": "subdistrict",
    "barangay": "subdistrict",
}
#: What levels L0 to L4 are where their names say nothing to us; most markets go by OTHERS.
OTHERS = ("country", "state", "city", "district", "subdistrict")
BY_REGION = {
    "US": ("country", "state", "district", "city", "subdistrict"),
    "TH": ("country", "state", "district", "subdistrict", "city"),
    "VN": ("country", "state", "district", "subdistrict", "city"),
    "PH": ("country", "state", "city", "subdistrict", "district"),
}


def recipient_of(order: Payload, region: str) -> dict[str, str]:
    """Only keys with a value; empty while the order is unpaid or on hold. Raises Odd."""
    address = part(order, "recipient_address")
    if not address:
        return {}
    districts = _districts(address, region)
    said = {
        **districts,
        "name": text(address, "name") or _full_name(address),
        "phone": text(address, "phone_number"),
        "country": text(address, "region_code") or districts.get("country", ""),
        "city": districts.get("city") or text(address, "post_town"),
        "postal_code": text(address, "postal_code"),
        "address": _street(address),
        "delivery_instruction": _drop_off(address),
    }
    return {key: value for key, value in said.items() if value}


def _full_name(address: Payload) -> str:
    return f"{text(address, 'first_name')} {text(address, 'last_name')}".strip()


def _street(address: Payload) -> str:
    lines = dict.fromkeys(line for name in STREET if (line := text(address, name, LONG)))
    return (
        ", ".join(lines)
        or text(address, "address_detail", LONG)
        or text(address, "full_address", LONG)
    )


def _drop_off(address: Payload) -> str:
    return text(part(address, "delivery_preferences"), "drop_off_location", LONG)


def _districts(address: Payload, region: str) -> Mapping[str, str]:
    said = [
        (text(one, "address_level"), text(one, "address_level_name"), value)
        for one in parts(address, "district_info")
        if (value := text(one, "address_name"))
    ]
    return _named(region, tuple(said)) if said else {}


@lru_cache(4096)  # orders come from the same places
def _named(region: str, said: tuple[tuple[str, str, str], ...]) -> Mapping[str, str]:
    """Districts (level, its name, value) by their own names; one whose name is taken or unknown
    goes by its level, and so does a country within the country, such as Scotland."""
    found: dict[str, str] = {}
    left: list[tuple[str, str]] = []
    for level, name, value in sorted(said, key=lambda one: one[0]):
        key = LEVELS.get(name.lower())
        if key and key not in found and (key != "country" or level in ("", "L0")):
            found[key] = value
        else:
            left.append((level, value))
    keys = BY_REGION.get(region, OTHERS)
    for level, value in left:
        place = "01234".find(level[1:]) if len(level) == 2 else -1
        if place >= 0:
            found.setdefault(keys[place], value)
    return MappingProxyType(found)
