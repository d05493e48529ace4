"""Whose a tracking number may be: the carriers whose formats it fits, the likeliest first. Several
are normal, since short numbers of digits alone fit many; none is possible.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from shipboard.carriers.formats import Format
from shipboard.carriers.known import CARRIERS, Carrier
from shipboard.carriers.naming import carrier_named
from shipboard.carriers.table import FORMATS

#: No carrier's number is longer; what is pasted by mistake is. The marketplace states no limit.
LONGEST = 40


@dataclass(frozen=True)
class Fit:
    """A carrier that the number fits; `is_checked` when a check digit says so as well."""

    carrier_key: str
    is_checked: bool


@dataclass(frozen=True)
class Narrowed:
    """Carrier names as the marketplace offers them: those the number may be of, the likeliest
    first, and the rest in their order.
    """

    fitting: tuple[str, ...]
    others: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """A format whose shape the number has, and whether its check digit is right (or not needed)."""

    format: Format
    is_right: bool


def fits(number: str, region: str = "") -> tuple[Fit, ...]:
    """The carriers whose number this may be, the likeliest first. Never raises.

    `number` as `clean` gives it; `region` the shop's country, empty when it is not known. A check
    digit weighs more than being at home in the region only when the number has letters too: one of
    digits alone passes a foreign carrier's check once in seven to eleven times.
    """
    best: dict[str, tuple[tuple[int, ...], Fit]] = {}
    for reading in readings(number, region):
        if reading.is_right:
            key = reading.format.carrier
            rank = _rank(reading.format, number, region)
            if key not in best or rank < best[key][0]:
                best[key] = (rank, Fit(key, reading.format.check is not None))
    return tuple(fit for _, fit in sorted(best.values(), key=lambda one: one[0]))


def narrow(number: str, offered: Sequence[str], region: str = "") -> Narrowed:
    """The carriers that a marketplace offers, by whether the number may be theirs.

    One of which no format is known (here, or at all) may be it, after those that the number fits.
    """
    places = {fit.carrier_key: place for place, fit in enumerate(fits(number, region))}
    last = len(places)
    placed: list[tuple[int, str]] = []
    others: list[str] = []
    for name in offered:
        carrier = carrier_named(name)
        found = [places[key] for key in family(carrier) if key in places] if carrier else []
        if found:
            placed.append((min(found), name))
        elif not number or carrier is None or not has_formats(carrier, region):
            placed.append((last, name))
        else:
            others.append(name)
    placed.sort(key=lambda one: one[0])
    return Narrowed(tuple(name for _, name in placed), tuple(others))


def readings(number: str, region: str = "") -> tuple[Reading, ...]:
    """Every format of the region whose shape the number has, in the table's order."""
    found = _readings(number.upper()) if len(number) <= LONGEST else ()
    return tuple(one for one in found if _is_used(one.format, region))


def family(carrier: Carrier) -> tuple[str, ...]:
    """The keys of the carriers whose numbers it uses, its own first."""
    return (carrier.key, *carrier.kin)


def has_formats(carrier: Carrier, region: str = "") -> bool:
    """Whether anything is known of what its numbers look like there."""
    keys = family(carrier)
    return any(one.carrier in keys and _is_used(one, region) for one in FORMATS)


def is_at_home(key: str, region: str) -> bool:
    return not region or region in CARRIERS[key].regions


def _is_used(format: Format, region: str) -> bool:
    return not region or not format.regions or region in format.regions


def _rank(format: Format, number: str, region: str) -> tuple[int, ...]:
    is_checked, has_letters = format.check is not None, not number.isdigit()
    is_local = bool(region) and is_at_home(format.carrier, region)
    if is_checked and has_letters:
        return (0, -format.fixed, not is_local)
    return (1, not (is_checked and is_local), not is_local, not is_checked, -format.fixed)


@lru_cache(maxsize=20_000)
def _readings(number: str) -> tuple[Reading, ...]:
    return tuple(
        Reading(format, format.check is None or format.check(number))
        for matches, format in _shapes()
        if matches(number)
    )


@cache
def _shapes() -> tuple[tuple[Callable[[str], re.Match[str] | None], Format], ...]:
    """The table's shapes, made ready with the first question."""
    return tuple((re.compile(one.shape, re.ASCII).fullmatch, one) for one in FORMATS)
