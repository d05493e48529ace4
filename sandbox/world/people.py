"""Invented buyers and where they live, by market."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from sandbox.kinds import Doc


@dataclass(frozen=True)
class Place:
    """`parts`: (level name, name) of the address, from the largest; `line` of it, as it is written
    after the street.
    """

    parts: tuple[tuple[str, str], ...]
    postal_code: str
    line: str


US = (
    Place((("State", "Oregon"), ("City", "Portland")), "97201", "Portland, OR 97201"),
    Place((("State", "Texas"), ("City", "Austin")), "78701", "Austin, TX 78701"),
    Place((("State", "Colorado"), ("City", "Denver")), "80202", "Denver, CO 80202"),
    Place((("State", "New York"), ("City", "Buffalo")), "14202", "Buffalo, NY 14202"),
)
GB = (
    Place((("Country", "England"), ("Town", "Leeds")), "LS1 4AP", "Leeds LS1 4AP"),
    Place((("Country", "Scotland"), ("Town", "Glasgow")), "G2 1DU", "Glasgow G2 1DU"),
    Place((("Country", "Wales"), ("Town", "Cardiff")), "CF10 1EP", "Cardiff CF10 1EP"),
)
TH = (
    Place((("จังหวัด", "กรุงเทพมหานคร"), ("เขต", "จตุจักร")), "10900", "จตุจักร กรุงเทพมหานคร 10900"),
    Place((("จังหวัด", "เชียงใหม่"), ("อำเภอ", "เมืองเชียงใหม่")), "50000", "เมืองเชียงใหม่ เชียงใหม่ 50000"),
    Place((("จังหวัด", "ขอนแก่น"), ("อำเภอ", "เมืองขอนแก่น")), "40000", "เมืองขอนแก่น ขอนแก่น 40000"),
)
VN = (
    Place((("Tỉnh", "Hà Nội"), ("Quận", "Ba Đình")), "100000", "Ba Đình, Hà Nội"),
    Place((("Tỉnh", "Đà Nẵng"), ("Quận", "Hải Châu")), "550000", "Hải Châu, Đà Nẵng"),
)
PLACES: Mapping[str, tuple[Place, ...]] = {
    "GB": GB,
    "TH": TH,
    "VN": VN,
    "MY": (Place((("State", "Selangor"), ("City", "Klang")), "41000", "41000 Klang, Selangor"),),
    "SG": (Place((("Area", "Bedok"), ("City", "Singapore")), "460001", "Singapore 460001"),),
    "PH": (Place((("Province", "Cebu"), ("City", "Cebu City")), "6000", "Cebu City, Cebu 6000"),),
    "ID": (Place((("Provinsi", "Bali"), ("Kota", "Denpasar")), "80111", "Denpasar, Bali 80111"),),
}
WESTERN = (("Ada", "Marlowe"), ("Tomas", "Reed"), ("Niamh", "Osei"), ("Leo", "Brandt"))
THAI = (("สมฤดี", "ใจงาม"), ("กิตติ", "ทองดี"), ("นภา", "รุ่งเรือง"))
EASTERN = (("Linh", "Trần"), ("Aisyah", "Rahman"), ("Budi", "Santoso"), ("Maria", "Dizon"))
NAMES: Mapping[str, tuple[tuple[str, str], ...]] = {"US": WESTERN, "GB": WESTERN, "TH": THAI}
STREETS: Mapping[str, tuple[str, ...]] = {"TH": ("ซอยมะลิ", "ถนนสายธาร", "ซอยลีลาวดี")}
LATIN_STREETS = ("Juniper Row", "Heron Lane", "Mill Street", "Orchard Way")
PHONES: Mapping[str, str] = {"US": "(+1)20255501", "GB": "(+44)77009001"} | {
    "TH": "(+66)8000001",
    "VN": "(+84)9000001",
    "MY": "(+60)1000001",
    "SG": "(+65)800001",
    "PH": "(+63)9000001",
    "ID": "(+62)8000001",
}


def recipient(region: str, random: Random) -> Doc:
    """Somebody's address, as an order has it."""
    first, last = random.choice(NAMES.get(region, EASTERN))
    place = random.choice(PLACES.get(region, US))
    street = f"{random.randint(1, 240)} {random.choice(STREETS.get(region, LATIN_STREETS))}"
    return {
        "name": f"{first} {last}",
        "first_name": first,
        "last_name": last,
        "phone_number": f"{PHONES.get(region, PHONES['US'])}{random.randint(10, 99)}",
        "address_line1": street,
        "address_line2": "",
        "address_line3": "",
        "address_line4": "",
        "address_detail": street,
        "post_town": place.parts[-1][1] if region == "GB" else "",
        "postal_code": place.postal_code,
        "full_address": f"{street}, {place.line}",
        "region_code": region,
        "district_info": [
            {"address_level": f"L{level}", "address_level_name": name, "address_name": what}
            for level, (name, what) in enumerate(place.parts, 1)
        ],
    }
