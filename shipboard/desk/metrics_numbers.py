"""The numbers of the metrics page in words: each with its limit, with what it was in the period
before, and with what is in neither side of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from shipboard.desk.metrics_asked import took
from shipboard.orders.metric_rules import ON_TIME_LEAST, RULES, Measure
from shipboard.orders.metrics import LATE, Figures, Meaning, Share, Span, is_over, shown


@dataclass(frozen=True)
class Number:
    """A number of the page, with that of the period before and its limit. `state`: over, within,
    or blank where there is no rate or no limit."""

    key: str
    title: str
    value: str
    counts: str
    change: str
    is_worse: bool
    limit: str
    state: str
    besides: str
    is_counted: bool = False
    #: What /metrics/against/ lists, and how the link there is called; blank for none.
    of: str = ""
    leads: str = ""


def numbers_of(total: Figures, told_by: set[Measure]) -> Iterator[Number]:
    for measure in (Measure.COLLECTED, Measure.ARRANGED, Measure.CANCELED, Measure.TRACKED):
        yield _number(measure, total, is_counted=counts(measure, told_by))
    yield _on_time(total, is_counted=Measure.COLLECTED in told_by)
    for meaning, title in ((Meaning.ARRANGED, "arranged"), (Meaning.COLLECTED, "scanned")):
        span, before = total.spans[meaning], total.spans_before[meaning]
        yield Number(
            f"took_{meaning}",
            f"From payment to {title}",
            took(span.median),
            f"9 of 10 within {took(span.slow)}; {span.orders:,} orders" if span.orders else "",
            f"before: {took(before.median)}, 9 of 10 {took(before.slow)}" if before.orders else "",
            _is_slower(span, before),
            "the median; no limit is stated",
            "",
            "",
            of=f"took_{meaning}",
            leads="See the slowest" if span.orders else "",
        )


def counts(measure: Measure, told_by: set[Measure]) -> bool:
    """Of the two meanings of late dispatch only that of a market of these shops."""
    return measure not in LATE or measure in told_by


def _number(measure: Measure, total: Figures, *, is_counted: bool) -> Number:
    rule, share, before = RULES[measure], total.now[measure], total.before[measure]
    rate, value = share.rate, share.rate
    if rule.is_least:
        value = share.well
    return Number(
        measure.value,
        rule.title,
        f"{shown(value)} %" if rate is not None else "—",
        f"{share.bad:,} of {share.of:,} {rule.what}" if share.of else "",
        _change(rate, before.rate, -1 if rule.is_least else 1),
        is_counted and rate is not None and before.rate is not None and rate > before.rate,
        rule.threshold if is_counted else f"does not count here; {rule.threshold} elsewhere",
        "" if rate is None or not is_counted else "over" if is_over(measure, rate) else "within",
        _besides(measure, share),
        is_counted and measure in LATE,
        measure.value,
        leads_to(measure, share),
    )


def _on_time(total: Figures, *, is_counted: bool) -> Number:
    """The other side of late dispatch by scan."""
    share, before = total.now[Measure.COLLECTED], total.before[Measure.COLLECTED]
    well = share.well
    return Number(
        "on_time",
        "On-time collection",
        f"{shown(well)} %" if well is not None else "—",
        f"{share.of - share.bad:,} of {share.of:,} scanned in time" if share.of else "",
        _change(share.rate, before.rate, -1),
        is_counted
        and share.rate is not None
        and before.rate is not None
        and share.rate > before.rate,
        f"more than {ON_TIME_LEAST:f} %",
        "" if well is None or not is_counted else "within" if well > ON_TIME_LEAST else "over",
        _besides(Measure.COLLECTED, share),
        of=Measure.COLLECTED.value,
        leads=leads_to(Measure.COLLECTED, share),
    )


def leads_to(measure: Measure, share: Share) -> str:
    return f"See the {bad_words(measure, share.bad)}" if share.bad else ""


def bad_words(measure: Measure, many: int) -> str:
    """`1 order`, `12 packages`."""
    return f"{many:,} {'package' if measure is Measure.TRACKED else 'order'}{'s' * (many != 1)}"


def _change(rate: Decimal | None, before: Decimal | None, sign: int) -> str:
    """Of what is shown: `sign` -1 where that is what went well."""
    if rate is None or before is None:
        return ""
    points = sign * (rate - before)
    size = shown(abs(points))
    if size == "0.0":
        return "as in the period before"
    return f"{'up' if points > 0 else 'down'} {size} points from the period before"


def _besides(measure: Measure, share: Share) -> str:
    parts = ((share.unknown, unknown_words(measure)), (share.undated, undated_words(measure)))
    said = [f"{many:,} {words}" for many, words in parts if many]
    return f"Not counted: {', '.join(said)}." if said else ""


def undated_words(measure: Measure) -> str:
    return {
        Measure.CANCELED: "without a known date",
        Measure.TRACKED: "shipped on a day that is not known",
    }.get(measure, "whose deadline is not known")


def unknown_words(measure: Measure) -> str:
    return {
        Measure.CANCELED: "canceled by nobody knows whom",
        Measure.TRACKED: "without a known package",
    }.get(measure, "of which nobody told when they went")


def _is_slower(span: Span, before: Span) -> bool:
    return bool(span.median and before.median and span.median > before.median)
