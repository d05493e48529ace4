"""Which carrier a name means, however the marketplace, a file or a person writes it."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from shipboard.carriers.known import CARRIERS, Carrier


@lru_cache(maxsize=4096)
def carrier_named(name: str) -> Carrier | None:
    """The carrier of a name such as "UPS Ground", "DHL express" or "j&t express (TH)"; or None.

    Case, blanks, accents and signs do not count; what follows the carrier's name (a service, a
    country) is passed over.
    """
    words = _words(name)
    for count in range(len(words), 0, -1):
        found = _BY_NAME.get("".join(words[:count]))
        if found:
            return found
    return None


def _words(name: str) -> list[str]:
    """`J&T Express` is read `jt`, `express`."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(sign for sign in plain if sign not in "&." and not unicodedata.combining(sign))
    return [word for word in re.split(r"[\W_]+", bare) if word]


_BY_NAME = {
    "".join(_words(name)): carrier for carrier in CARRIERS.values() for name in carrier.names
}
