"""docs/performance.md: the whole of it, or only one of its parts anew."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from pathlib import Path

from bench.timing import Result

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
MARKETPLACE = "\n## A marketplace\n"
SHIPMENTS = "\n## Shipments\n"
LABELS = "\n## Labels\n"
PAPER = "\n## Paper\n"


def whole(
    results: Sequence[Result],
    orders: int,
    channel: Sequence[Result],
    sent: Sequence[Result],
    labelled: Sequence[Result],
    printed: Sequence[Result],
) -> str:
    """`orders`: of the desk that was filled."""
    return f"""# Performance

Written by `make bench ORDERS={orders}`; change nothing by hand. Ratios compare two measurements
of one run, taken in turns where both are short; seconds are those of one small machine
({os.cpu_count()} cores, Python {platform.python_version()}) and mean little elsewhere. Pages,
counts, search and the whole response are of a desk of {orders:,} orders.

{_table(results)}{marketplace(channel)}{shipments(sent)}{labels(labelled)}{paper(printed)}"""


def marketplace(results: Sequence[Result]) -> str:
    """Alone: `python -m bench.channel --write`."""
    return f"""{MARKETPLACE}
Against the sandbox as a process of its own, over loopback (`python -m bench.channel`). A pull's
time is the desk's: what serving the same answers to a reader that throws them away takes is taken
off. The floor is COPY of the rows that all new orders make: orders, items, lines, parcels, events
and payloads. Seconds of processor are those of the desk and of its connection at the database; on
a busy machine they compare better than time.

{_table(results)}"""


def shipments(results: Sequence[Result]) -> str:
    """Alone: `python -m bench.shipments --write`."""
    return f"""{SHIPMENTS}
Against the sandbox as a process of its own that takes 200 ms over every call, ten calls in flight
(`python -m bench.shipments`). A call's wait is the whole of it as the desk's caller sees it; the
limits of calls a second are off on both sides, which would otherwise be what is measured. Of
processor: the desk's own process and its connection at the database.

{_table(results)}"""


def labels(results: Sequence[Result]) -> str:
    """Alone: `python -m bench.labels --write`."""
    return f"""{LABELS}
As with shipments (`python -m bench.labels`): calls are those that buy, those that read orders, and
two for each file. First all are bought, then all files fetched, so that ten calls are out at most;
a worker does both at once. The sandbox's carriers make a label at once here.

{_table(results)}"""


def paper(results: Sequence[Result]) -> str:
    """Alone: `python -m bench.prints --write`."""
    return f"""{PAPER}
In a process of its own, without a desk (`python -m bench.prints`). Slips are of texts that were not
printed before, with the fonts at hand; the labels that are merged have fonts of their own each.

{_table(results)}"""


def write(heading: str, part: str) -> None:
    """Puts one part, which begins with `heading`, in its place; the rest of the page stays."""
    before, _, after = PAGE.read_text().partition(heading)
    _, next_heading, rest = after.partition("\n## ")
    PAGE.write_text(before + part + next_heading + rest)


def _table(results: Sequence[Result]) -> str:
    rows = "".join(
        f"| {each.what} | {each.measured} | {each.floor} | {each.ratio} |\n" for each in results
    )
    return f"| what | measured | floor in the same run | ratio |\n| --- | --- | --- | --- |\n{rows}"
