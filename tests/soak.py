"""How much a property test tries: a little in `make test`, a lot in `make soak`."""

from __future__ import annotations

import os

IS_SOAK = bool(os.environ.get("SHIPBOARD_SOAK"))
#: Of tests that draw for themselves; Hypothesis has its own.
SEED = int(os.environ.get("SHIPBOARD_FUZZ_SEED", "7"))


def examples(usually: int) -> int:
    """`usually`, or fifty times as many in a soak."""
    return usually * 50 if IS_SOAK else usually
