"""The carriers that sellers name, by their keys: how marketplaces write them, and where they are at
home. A carrier may be here without any known format: then no number is ever doubted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

#: How much of a carrier's numbering the table of formats covers. `all`: a number of no format is
#: not the carrier's. `most`: it is worth a word. `some`: it says nothing.
Coverage = Literal["all", "most", "some"]


@dataclass(frozen=True)
class Carrier:
    """A carrier. `names` as marketplaces write them, `regions` ISO country codes where sellers use
    it, `kin` the keys of carriers whose numbers it uses too.
    """

    key: str
    name: str
    names: tuple[str, ...]
    regions: frozenset[str]
    covers: Coverage = "some"
    kin: tuple[str, ...] = ()


EUROPE = "DE ES FR IE IT"
WEST = f"US GB {EUROPE} JP MX BR SG"
SEA = "ID MY PH SG TH VN"


def _carrier(
    key: str,
    names: str,
    regions: str,
    covers: Coverage = "some",
    kin: tuple[str, ...] = (),
) -> Carrier:
    """`names`: divided by semicolons, the first one is shown."""
    first, *_ = written = tuple(name.strip() for name in names.split(";"))
    return Carrier(key, first, written, frozenset(regions.split()), covers, kin)


_TABLE = (
    # Everywhere.
    _carrier("ups", "UPS; United Parcel Service", WEST, "most"),
    _carrier("fedex", "FedEx; Federal Express", WEST, "most"),
    _carrier("dhl-express", "DHL Express", f"{WEST} {SEA}", "most"),
    _carrier("dhl-ecommerce", "DHL eCommerce; DHL Global Mail", f"{WEST} {SEA}", kin=("usps",)),
    _carrier("dhl-parcel", "DHL Parcel; DHL Paket; Deutsche Post", f"GB {EUROPE}"),
    _carrier(
        "dhl", "DHL", f"{WEST} {SEA}", kin=("dhl-express", "dhl-ecommerce", "dhl-parcel", "usps")
    ),
    _carrier("amazon", "Amazon Shipping; Amazon Logistics; Amazon MCF; Amazon", f"US GB {EUROPE}"),
    _carrier("asendia", "Asendia; Asendia US", f"US GB {EUROPE}", kin=("usps",)),
    _carrier("cainiao", "Cainiao; Cainiao US; AliExpress Standard Shipping", WEST),
    _carrier("yanwen", "Yanwen; Yanwen Logistics", WEST),
    _carrier("yunexpress", "YunExpress; Yun Express", WEST),
    # The United States.
    _carrier(
        "usps", "USPS; United States Postal Service; U.S. Postal Service; US Post", "US", "most"
    ),
    _carrier("ontrac", "OnTrac", "US", "most", kin=("lasership",)),
    _carrier("lasership", "LaserShip", "US", "most", kin=("ontrac",)),
    _carrier("gls-us", "GLS US; GLS USA; GSO", "US"),
    _carrier("uniuni", "UniUni", "US", "most"),
    _carrier("gofo", "GOFO Express; GOFO", "US"),
    _carrier("veho", "Veho", "US"),
    _carrier("speedx", "SpeedX", "US"),
    _carrier("osm", "OSM Worldwide; OSM", "US", kin=("usps",)),
    # The United Kingdom and Ireland.
    _carrier("royal-mail", "Royal Mail", "GB", kin=("parcelforce",)),
    _carrier("parcelforce", "Parcelforce; Parcelforce Worldwide; Parcel Force", "GB"),
    _carrier("evri", "Evri; Hermes/Evri; Evri (Hermes); Hermes; Hermes UK; myHermes", "GB", "most"),
    _carrier("yodel", "Yodel; Yodel Direct", "GB"),
    _carrier("dpd", "DPD; DPD UK; DPD Local; Interlink", f"GB {EUROPE}", "most"),
    _carrier("an-post", "An Post", "IE"),
    # The rest of Europe.
    _carrier("gls", "GLS; GLS Group", EUROPE),
    _carrier("inpost", "InPost; InPost Paczkomaty", f"GB {EUROPE}", kin=("yodel",)),
    _carrier("correos", "Correos; Correos de España", "ES"),
    _carrier("correos-express", "Correos Express", "ES"),
    _carrier("seur", "SEUR", "ES"),
    _carrier("mrw", "MRW", "ES"),
    _carrier("la-poste", "La Poste; Colissimo; La Poste / Colissimo", "FR", "most"),
    _carrier("chronopost", "Chronopost", "FR"),
    _carrier("mondial-relay", "Mondial Relay", "FR ES"),
    _carrier("poste-italiane", "Poste Italiane; Poste", "IT"),
    _carrier("brt", "BRT; Bartolini", "IT"),
    _carrier("hermes-de", "Hermes Germany; Hermes DE; Hermes Paketdienst", "DE"),
    # Japan.
    _carrier("yamato", "Yamato Transport; Yamato; Kuroneko Yamato; ヤマト運輸", "JP", "all"),
    _carrier("sagawa", "Sagawa Express; Sagawa; 佐川急便", "JP", "all"),
    _carrier("japan-post", "Japan Post; Yu-Pack; 日本郵便", "JP", "most"),
    # South-East Asia.
    _carrier("j-and-t", "J&T Express; J&T; J and T Express; JNT; J&T Cargo", SEA),
    _carrier("ninja-van", "Ninja Van; Ninja Xpress; NinjaVan", SEA),
    _carrier("spx", "SPX Express; SPX; Shopee Xpress; Shopee Express", SEA),
    _carrier("flash", "Flash Express; Flash", "TH PH MY"),
    _carrier("best", "BEST Express; Best Inc", "TH VN MY"),
    _carrier("kex", "KEX Express; KEX; Kerry Express; Kerry", "TH VN"),
    _carrier(
        "thailand-post", "Thailand Post; Thailand Post EMS; Thai Post; ไปรษณีย์ไทย", "TH", "most"
    ),
    _carrier("ghn", "GHN; Giao Hàng Nhanh; GHN Express", "VN"),
    _carrier("ghtk", "GHTK; Giao Hàng Tiết Kiệm", "VN"),
    _carrier("viettel-post", "Viettel Post; ViettelPost; VTP", "VN"),
    _carrier("vnpost", "VNPost; Vietnam Post; VN Post; EMS Vietnam", "VN"),
    _carrier("jne", "JNE; JNE Express", "ID"),
    _carrier("sicepat", "SiCepat; SiCepat Ekspres", "ID"),
    _carrier("anteraja", "AnterAja; Anter Aja", "ID"),
    _carrier("id-express", "ID Express; IDExpress; IDX", "ID"),
    _carrier("lion-parcel", "Lion Parcel", "ID"),
    _carrier("pos-indonesia", "Pos Indonesia", "ID"),
    _carrier("pos-malaysia", "Pos Malaysia; Pos Laju; Poslaju", "MY"),
    _carrier("city-link", "City-Link Express; City-Link", "MY"),
    _carrier("lbc", "LBC Express; LBC", "PH"),
    _carrier("singpost", "SingPost; Singapore Post", "SG"),
)

CARRIERS: Mapping[str, Carrier] = MappingProxyType({one.key: one for one in _TABLE})
