"""What a shop's region fixes when nobody says otherwise: currency and time zone to offer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Region:
    name: str
    currency: str
    timezone: str


#: Markets where TikTok Shop is open; any other ISO code may be used too, without these defaults.
REGIONS: Mapping[str, Region] = {
    "BR": Region("Brazil", "BRL", "America/Sao_Paulo"),
    "DE": Region("Germany", "EUR", "Europe/Berlin"),
    "ES": Region("Spain", "EUR", "Europe/Madrid"),
    "FR": Region("France", "EUR", "Europe/Paris"),
    "GB": Region("United Kingdom", "GBP", "Europe/London"),
    "ID": Region("Indonesia", "IDR", "Asia/Jakarta"),
    "IE": Region("Ireland", "EUR", "Europe/Dublin"),
    "IT": Region("Italy", "EUR", "Europe/Rome"),
    "JP": Region("Japan", "JPY", "Asia/Tokyo"),
    "MX": Region("Mexico", "MXN", "America/Mexico_City"),
    "MY": Region("Malaysia", "MYR", "Asia/Kuala_Lumpur"),
    "PH": Region("Philippines", "PHP", "Asia/Manila"),
    "SG": Region("Singapore", "SGD", "Asia/Singapore"),
    "TH": Region("Thailand", "THB", "Asia/Bangkok"),
    "US": Region("United States", "USD", "America/Los_Angeles"),
    "VN": Region("Vietnam", "VND", "Asia/Ho_Chi_Minh"),
}

#: Names in use that are not the ISO code.
ALIASES: Mapping[str, str] = {"UK": "GB"}


def country_of(said: str) -> str:
    """The ISO code of a country that is named by its code (UK is GB) or in English; blank for what
    is neither."""
    code = said.strip().upper()
    code = ALIASES.get(code, code)
    if len(code) == 2 and code.isascii() and code.isalpha():
        return code
    named = (
        code for code, region in REGIONS.items() if region.name.upper() == said.strip().upper()
    )
    return next(named, "")
