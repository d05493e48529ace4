"""Measuring in turns, so that a noisy machine is noisy to everything that is compared."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "7"))


@dataclass(frozen=True)
class Result:
    """A line of the table."""

    what: str
    measured: str
    floor: str
    ratio: str


def medians(works: Mapping[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, float]:
    """Median milliseconds of each, all of them once in every round; the first round only warms."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds + 1):
        for name, work in works.items():
            started = time.perf_counter()
            work()
            taken[name].append((time.perf_counter() - started) * 1000)
    return {name: statistics.median(times[1:]) for name, times in taken.items()}


def against(what: str, measured: float, floor: float, named: str) -> Result:
    """Milliseconds against a floor in milliseconds, called `named`."""
    return Result(what, f"{measured:.1f} ms", f"{named}: {floor:.1f} ms", f"{measured / floor:.2f}")
