"""The carriers that sellers ship with by themselves, by the names that the marketplace lists in a
market. Their numbers are looked at loosely: forms of the sandbox's own, check digits where they are
easy. What fits several is normal.
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.fulfilment.carrier import Carrier
from sandbox.fulfilment.check_digits import fedex, lettered, mod10, s10, ups

SEA = ("TH", "VN", "MY", "SG", "PH", "ID")
FIRST = 7_150_000_000_000_001_000


def _is_usps(number: str) -> bool:
    return mod10(number) if number.isdecimal() else s10(number)


def _is_fedex(number: str) -> bool:
    return len(number) != 12 or fedex(number)


Known = tuple[str, tuple[str, ...], str, str, Callable[[str], bool] | None]
UPS = r"1Z[0-9A-Z]{16}"
FEDEX = r"\d{12}|\d{15}|96\d{20}"


def _post(name: str, country: str) -> Known:
    """A national post, whose numbers are the postal union's."""
    return name, (country,), rf"[A-Z]{{2}}\d{{9}}{country}", f"RB########?{country}", s10


#: Name, markets, form, sample, check.
KNOWN: tuple[Known, ...] = (
    ("USPS", ("US",), r"9[1-5]\d{20}|[A-Z]{2}\d{9}US", "940011189############?", _is_usps),
    ("UPS", ("US", "GB"), UPS, "1Z5R8############?", ups),
    ("FedEx", ("US", "GB"), FEDEX, "7##########?", _is_fedex),
    ("DHL eCommerce", ("US", "GB"), r"GM\d{16,20}|9361\d{18}", "GM60511############", None),
    ("DHL express", ("US",), r"\d{10,11}|J[A-Z]{2,3}\d{9,18}", "JVGL##########", None),
    ("OnTrac", ("US",), r"[CD]\d{14}", "C1############?", lettered),
    ("OSM Worldwide", ("US",), r"926129\d{16}", "926129############000?", mod10),
    ("LaserShip", ("US",), r"1LS\d{12,13}|L[A-Z]\d{8}", "1LS7############", None),
    ("GLS US", ("US",), r"5\d{8}|\d{11}", "5########", None),
    ("Asendia US", ("US",), r"ASE[0-9A-Z]{8,20}|AHOY[0-9A-Z]{8}", "ASE############", None),
    ("UniUni", ("US",), r"UUS[0-9A-Z]{12,18}|UNI\d{12,14}", "UUS############", None),
    ("Veho", ("US",), r"VH[0-9A-Z]{10,14}", "VH############", None),
    ("Speedx", ("US",), r"SPX[A-Z]{3}\d{12,15}", "SPXLAX############", None),
    ("Amazon shipping", ("US",), r"TBA\d{12}", "TBA############", None),
    ("Amazon MCF", ("US",), r"TBA\d{12}", "TBA############", None),
    ("Cainiao US", ("US",), r"(LP|CNG)\d{14}", "LP00############", None),
    ("Yanwen", ("US",), r"BYS\d{9}|U[A-Z]\d{9}YP", "BYS#########", None),
    ("Royal Mail Tracked 24", ("GB",), r"[A-Z]{2}\d{9}GB", "TT########?GB", s10),
    ("Royal Mail Tracked 48", ("GB",), r"[A-Z]{2}\d{9}GB", "TU########?GB", s10),
    ("Evri", ("GB",), r"[A-Z]\d{2}[0-9A-Z]{3}\d{10}|\d{16}", "H01A00##########", None),
    ("DPD", ("GB",), r"\d{14}", "15############", None),
    ("Yodel", ("GB",), r"JD\d{16}", "JD0002############", None),
    ("Parcelforce", ("GB",), r"P[A-Z]\d{7}", "PB#######", None),
    ("Flash Express", ("TH", "MY", "PH", "SG"), r"[A-Z]{2}\d{10,14}[A-Z]", "TH############A", None),
    ("J&T Express", SEA, r"[678]\d{11}|J[A-Z]\d{10,13}", "8###########", None),
    ("Kerry Express", ("TH",), r"K[A-Z]{2,3}[0-9A-Z]{9,13}", "KEX############", None),
    _post("Thailand Post", "TH"),
    ("Ninja Van", SEA, r"N[JLV][A-Z]{2}[0-9A-Z]{9,14}", "NVTH############", None),
    ("SPX", ("TH",), r"SPX?TH\d{11,13}", "SPXTH############", None),
    ("Giao Hàng Nhanh", ("VN",), r"G[0-9A-Z]{7}", "G#######", None),
    ("Giao Hàng Tiết Kiệm", ("VN",), r"S\d{8,18}", "S############", None),
    ("Viettel Post", ("VN",), r"\d{10}|\d{13}", "2############", None),
    _post("VNPost", "VN"),
    _post("Pos Laju", "MY"),
    ("City-Link Express", ("MY",), r"060\d{9,12}", "060############", None),
    _post("SingPost", "SG"),
    ("LBC Express", ("PH",), r"\d{12}|\d{14}", "12##########", None),
    _post("PHLPost", "PH"),
    ("JNE", ("ID",), r"\d{16}|[A-Z]{3}[0-9A-Z]{7}\d{6}", "0141############", None),
    ("SiCepat", ("ID",), r"00\d{10}", "00##########", None),
    ("AnterAja", ("ID",), r"1[01]\d{12,13}", "10############", None),
    _post("Pos Indonesia", "ID"),
)


def _carrier(place: int, known: Known) -> Carrier:
    name, regions, form, sample, check = known
    made = Carrier(str(FIRST + place), name, regions, form, sample)
    return made if check is None else Carrier(made.id, name, regions, form, sample, check)


SELLERS_CARRIERS = tuple(_carrier(place, known) for place, known in enumerate(KNOWN, 1))
