"""What to say of a tracking number and the carrier chosen for it, before the marketplace is asked:
it refuses what does not fit the carrier, in the United States it takes it with a warning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from shipboard.carriers.fitting import (
    LONGEST,
    family,
    fits,
    has_formats,
    is_at_home,
    readings,
)
from shipboard.carriers.known import CARRIERS, Carrier
from shipboard.carriers.naming import carrier_named
from shipboard.carriers.platform_labels import RULES
from shipboard.carriers.table import FORMATS

Kind = Literal["good", "warned", "refused"]
#: How a number stands to the carrier chosen for it. `broken`: meant to be its, but damaged.
Standing = Literal["unknown", "fits", "broken", "misfit"]
#: Takes a number that does not fit its carrier, with a warning.
LENIENT = "US"


@dataclass(frozen=True)
class Verdict:
    """`sentence` for the person, empty when there is nothing to say; `likely` names carriers whose
    number it rather is.
    """

    kind: Kind
    sentence: str = ""
    likely: tuple[str, ...] = ()


def verdict(
    number: str, carrier_name: str, region: str = "", *, is_cross_border: bool = False
) -> Verdict:
    """Whether to take a tracking number (as `clean` gives it) for a carrier, and what to say.

    `carrier_name` as the marketplace offers it, `region` the shop's country. A carrier that is not
    known, or of which no format is known, takes every number of letters and digits.
    """
    fault = _fault(number)
    if fault:
        return Verdict("refused", fault)
    carrier = carrier_named(carrier_name)
    if carrier is None:
        return Verdict("good")
    rule = RULES.get((carrier.key, region))
    if rule and is_cross_border:
        return Verdict("refused", rule.refusal)
    found = _of_fit(number, carrier, region)
    if rule and found.kind != "refused":
        return Verdict("warned", _joined(found.sentence, rule.warning), found.likely)
    return found


def _fault(number: str) -> str:
    """What is wrong with a number of any carrier; empty when nothing is."""
    if not number:
        return "Give the tracking number."
    strange = dict.fromkeys(re.findall(r"[^A-Za-z0-9]", number))
    if strange:
        shown = ", ".join("a blank" if sign.isspace() else f"“{sign}”" for sign in [*strange][:5])
        return f"A tracking number has letters and digits only: take out {shown}."
    if len(number) > LONGEST:
        return f"This has {len(number)} signs; no tracking number has more than {LONGEST}."
    return ""


def _of_fit(number: str, carrier: Carrier, region: str) -> Verdict:
    standing = _standing(number, carrier, region)
    if standing == "fits":
        return Verdict("good")
    likely = _likely(number, carrier, region)
    is_sure = _is_surely_anothers(number, carrier, region)
    kind: Kind = "warned" if region in ("", LENIENT) else "refused"
    if standing == "broken":
        return Verdict(kind, _broken(carrier, likely), likely)
    if is_sure:
        kind = kind if standing == "misfit" else "warned"
        return Verdict(kind, _anothers(carrier, likely), likely)
    if standing == "unknown" or carrier.covers == "some":
        return Verdict("good")
    return Verdict(kind if carrier.covers == "all" else "warned", _odd(carrier, likely), likely)


def _standing(number: str, carrier: Carrier, region: str) -> Standing:
    if not has_formats(carrier, region):
        return "unknown"
    keys = family(carrier)
    own = [one for one in readings(number, region) if one.format.carrier in keys]
    if any(one.is_right for one in own):
        return "fits"
    stems = [one.stem for one in FORMATS if one.stem and one.carrier == carrier.key]
    if own or number.upper().startswith(tuple(stems)):
        return "broken"
    return "misfit"


def _likely(number: str, carrier: Carrier, region: str) -> tuple[str, ...]:
    """The names of other carriers at home in the region that it fits, three at most."""
    keys = family(carrier)
    found = [fit.carrier_key for fit in fits(number, region)]
    near = [key for key in found if key not in keys and is_at_home(key, region)]
    return tuple(CARRIERS[key].name for key in near[:3])


def _is_surely_anothers(number: str, carrier: Carrier, region: str) -> bool:
    """A number with letters passes a foreign check digit by its shape, not by chance."""
    first = next(iter(fits(number, region)), None)
    return (
        first is not None
        and first.is_checked
        and not number.isdigit()
        and is_at_home(first.carrier_key, region)
        and first.carrier_key not in family(carrier)
    )


def _broken(carrier: Carrier, likely: tuple[str, ...]) -> str:
    return _joined(
        f"{carrier.name} has no such number: something in it is wrong or missing.",
        "Check it against the label.",
        _rather(likely),
    )


def _anothers(carrier: Carrier, likely: tuple[str, ...]) -> str:
    return _joined(f"{carrier.name} has no such number.", _rather(likely))


def _odd(carrier: Carrier, likely: tuple[str, ...]) -> str:
    odd = f"Numbers of {carrier.name} usually look different: check it against the label."
    return _joined(odd, _rather(likely))


def _rather(likely: tuple[str, ...]) -> str:
    if not likely:
        return ""
    *first, last = likely
    names = f"{', '.join(first)} or {last}" if first else last
    return f"It looks like a number of {names}."


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))
