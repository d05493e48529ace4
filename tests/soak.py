"""How much a property test tries: a little in `make test`, a lot in `make soak`."""

from __future__ import annotations

import os

FACTOR = int(os.environ.get("SHIPBOARD_SOAK", "1"))
#: Of tests that draw for themselves; Hypothesis has its own.
SEED = int(os.environ.get("SHIPBOARD_FUZZ_SEED", "7"))


def examples(usually: int) -> int:
    """`usually`, or SHIPBOARD_SOAK times as many."""
    return usually * FACTOR
