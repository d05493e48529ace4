"""Carriers by the names that the marketplace writes, for shops that no channel tells of theirs. The
upload of shipment information takes a carrier by exactly such a name.
"""

from __future__ import annotations

from collections.abc import Mapping

from shipboard.channels.regions import ALIASES

#: The list of the United States is that of working upload files; the United Kingdom's from the
#: marketplace's help pages. The others are the carriers that sellers there commonly ship with:
#: check the name against the list in Seller Center when an upload refuses it.
NAMES: Mapping[str, tuple[str, ...]] = {
    "US": (
        "USPS",
        "UPS",
        "FedEx",
        "DHL eCommerce",
        "DHL express",
        "OnTrac",
        "OSM Worldwide",
        "LaserShip",
        "GLS US",
        "Asendia US",
        "UniUni",
        "Veho",
        "Speedx",
        "Amazon shipping",
        "Amazon MCF",
        "Cainiao US",
        "Yanwen",
    ),
    "GB": (
        "Royal Mail Tracked 24",
        "Royal Mail Tracked 48",
        "Evri",
        "DPD",
        "Yodel",
        "Parcelforce",
        "DHL eCommerce",
        "UPS",
        "FedEx",
    ),
    "DE": ("DHL", "Hermes", "DPD", "GLS", "UPS", "FedEx"),
    "FR": ("Colissimo", "Chronopost", "Mondial Relay", "DPD", "GLS", "UPS"),
    "ES": ("Correos", "SEUR", "MRW", "GLS", "UPS"),
    "IT": ("Poste Italiane", "BRT", "GLS", "SDA", "UPS"),
    "IE": ("An Post", "DPD", "Fastway", "GLS", "UPS"),
    "JP": ("Yamato Transport", "Sagawa Express", "Japan Post"),
    "TH": ("Flash Express", "J&T Express", "Kerry Express", "Thailand Post", "Ninja Van", "SPX"),
    "VN": ("Giao Hàng Nhanh", "Giao Hàng Tiết Kiệm", "J&T Express", "Viettel Post", "VNPost"),
    "MY": ("J&T Express", "Ninja Van", "Pos Laju", "Flash Express", "City-Link Express", "DHL"),
    "SG": ("Ninja Van", "J&T Express", "SingPost", "Flash Express"),
    "PH": ("J&T Express", "Flash Express", "Ninja Van", "LBC Express", "PHLPost"),
    "ID": ("J&T Express", "JNE", "SiCepat", "AnterAja", "Ninja Van", "Pos Indonesia"),
    "MX": ("Estafeta", "DHL", "FedEx", "J&T Express", "Correos de México"),
    "BR": ("Correios", "Jadlog", "Loggi", "J&T Express"),
}


def known_in(region: str) -> tuple[str, ...]:
    """The carriers of a region (ISO; UK is GB), the most usual first; none where nobody knows."""
    code = region.upper()
    return NAMES.get(ALIASES.get(code, code), ())
