"""Where the parts of a chart go: days as bars, what went wrong stacked on top, its rate as a line
and the limit. Numbers of SVG's own coordinates; templates/ui/charts.html draws them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from shipboard.orders.metrics import Share, shown

WIDTH, HEIGHT = 1080, 300
LEFT, RIGHT, TOP, BOTTOM = 56, 1024, 20, 262
#: Names of days are this wide; where they are closer, some are left out.
NAME = 56
#: The line's scale goes at least to so many per cent.
LEAST_TOP = Decimal(10)


@dataclass(frozen=True)
class Bar:
    """One day; `name` blank where there is no room for it."""

    name: str
    middle: float
    x: float
    width: float
    good_y: float
    good_height: float
    bad_y: float
    bad_height: float
    says: str


@dataclass(frozen=True)
class Mark:
    """A place on an axis."""

    y: float
    left: str
    right: str


@dataclass(frozen=True)
class Chart:
    key: str
    title: str
    text: str
    bars: Sequence[Bar]
    #: Points of the rate's line, in pieces: a day without any order has no rate.
    lines: Sequence[str]
    marks: Sequence[Mark]
    limit_y: float
    limit: str


def chart(
    key: str,
    title: str,
    text: str,
    days: Mapping[date, Share],
    limit: Decimal,
    *,
    of: str,
    bad: str,
    is_least: bool = False,
) -> Chart:
    """`of` and `bad` say what is counted, for whoever points at a bar. `is_least`: the line is the
    rate of what went well, as is the limit."""
    most = _round_up(max((max(each.of, each.bad) for each in days.values()), default=0))
    rates = [_told(each, is_least) for each in days.values()]
    limit = 100 - limit if is_least else limit
    top = max([LEAST_TOP, *(min(rate, Decimal(100)) for rate in rates if rate is not None)])
    top = Decimal(min(_round_up(int(top.to_integral_value(rounding="ROUND_CEILING"))), 100))
    step = (RIGHT - LEFT) / max(len(days), 1)
    bars = list(_bars(days, rates, step, most, of, bad))
    marks = [
        Mark(_y(Decimal(part), Decimal(4)), f"{most * part // 4:,}", f"{top * part / 4:.4g} %")
        for part in (range(5) if most % 4 == 0 else (0, 2, 4))
    ]
    lines = list(_lines([bar.middle for bar in bars], rates, top))
    return Chart(key, title, text, bars, lines, marks, _y(limit, top), f"{limit:f} % limit")


def _told(share: Share, is_least: bool) -> Decimal | None:
    return share.well if is_least else share.rate


def _bars(
    days: Mapping[date, Share],
    rates: Sequence[Decimal | None],
    step: float,
    most: int,
    of: str,
    bad: str,
) -> Iterator[Bar]:
    every = max(1, -(-NAME // max(int(step), 1)))
    for place, ((day, share), rate) in enumerate(zip(days.items(), rates, strict=True)):
        good = max(share.of - share.bad, 0)
        good_y = _y(Decimal(good), Decimal(most))
        bad_y = _y(Decimal(good + share.bad), Decimal(most))
        middle = LEFT + step * (place + 0.5)
        is_named = (len(days) - 1 - place) % every == 0
        yield Bar(
            f"{day.day} {day:%b}" if is_named else "",
            round(middle, 1),
            round(middle - step * 0.36, 1),
            round(step * 0.72, 1),
            good_y,
            round(BOTTOM - good_y, 1),
            bad_y,
            round(good_y - bad_y, 1),
            f"{day:%a} {day.day} {day:%b}: {share.of:,} {of}, {share.bad:,} {bad}"
            + (f", {shown(rate)} %" if share.of else ""),
        )


def _lines(
    middles: Sequence[float], rates: Sequence[Decimal | None], top: Decimal
) -> Iterator[str]:
    placed = zip(middles, rates, strict=True)
    for is_known, piece in groupby(placed, key=lambda each: each[1] is not None):
        if is_known:
            points = [f"{x},{_y(min(rate, top), top)}" for x, rate in piece if rate is not None]
            # A single day would be a line without length.
            yield " ".join(points if points[1:] else points * 2)


def _y(value: Decimal, top: Decimal) -> float:
    return round(BOTTOM - float(value / top) * (BOTTOM - TOP), 1)


def _round_up(value: int) -> int:
    """The next of 4, 8, 12, 20, 40, 80, 120, 200 and so on, which four equal steps reach."""
    scale = 1
    while True:
        for nice in (4, 8, 12, 20):
            if value <= nice * scale:
                return nice * scale
        scale *= 10
