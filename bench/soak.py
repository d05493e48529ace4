"""`make soak`: the proofs that take long, each with a seed of its own; seeds and results go to
docs/reliability.md, so that a failing run can be had again. With folders, only their proofs are
run anew: `python -m bench.soak tests/exports`.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "reliability.md"
ROUNDS = int(os.environ.get("SOAK_ROUNDS", "5"))
#: So many times the examples of `make test`.
FACTOR = os.environ.get("SOAK_FACTOR", "20")
#: Property tests, by what they prove.
PROOFS = {
    "Merging facts, in any order and repeated": "tests/ingest",
    "Tabs, cards, filters, paging, clocks": "tests/orders",
    "Order files, mutated": "tests/channels",
    "The channel against the sandbox: lives with faults and kills": "tests/channel_proofs",
    "Shipments: 42 lives times `times`, with faults and kills": "tests/shipping_proofs",
    "Labels: 32 lives times `times`, with faults and kills": "tests/label_proofs",
    "Decisions: 32 lives times `times`, with faults and kills": "tests/case_proofs",
    "Splitting, printing, verbs in SQL as in Python": "tests/fulfilment",
    "Label PDFs: any pages, 300 within a minute": "tests/uploads",
    "The demo at each of eight instants": "tests/demo",
    "Exports: any cell, 200,000 orders, killed and damaged": "tests/exports",
    "Supervisor and embedded database, killed and damaged": "tests/embedded",
}
HEAD = """# Reliability

Written by `make soak`; change nothing by hand. `times` is how many times as much was tried as in
`make test`. To have a run again, with those and with the row's seed:
`SHIPBOARD_SOAK=TIMES SHIPBOARD_FUZZ_SEED=SEED .venv/bin/pytest FOLDER --hypothesis-seed=SEED`.

| proof | seed | times | on | result | took |
| --- | --- | --- | --- | --- | --- |
"""


def main() -> None:
    only = sys.argv[1:] or list(PROOFS.values())
    rows = []
    for _ in range(ROUNDS):
        seed = random.SystemRandom().randrange(10**9)
        for what, where in PROOFS.items():
            if where in only:
                started = time.monotonic()
                code = run(where, seed)
                rows.append(row(what, seed, code, time.monotonic() - started))
                print(rows[-1], flush=True)
    write(rows)
    sys.exit(1 if any("| failed |" in each for each in rows) else 0)


def run(where: str, seed: int) -> int:
    command = [sys.executable, "-m", "pytest", "-q", where, f"--hypothesis-seed={seed}"]
    environment = os.environ | {"SHIPBOARD_SOAK": FACTOR, "SHIPBOARD_FUZZ_SEED": str(seed)}
    return subprocess.run(command, env=environment, check=False).returncode


def row(what: str, seed: int, code: int, seconds: float) -> str:
    if PROOFS[what] == "tests/exports":
        what += f" ({'with' if shutil.which('soffice') else 'without'} LibreOffice)"
    result = "failed" if code else "passed"
    on = f"{datetime.now(UTC):%Y-%m-%d}"
    return f"| {what} | {seed} | {FACTOR} | {on} | {result} | {seconds:.0f} s |"


def write(rows: Sequence[str]) -> None:
    """Proofs that were not run this time keep what is told of them."""
    told = PAGE.read_text().splitlines() if PAGE.exists() else []
    lines = []
    for what in PROOFS:
        new = [each for each in rows if each.startswith(f"| {what}")]
        lines += new or [each for each in told if each.startswith(f"| {what}")]
    PAGE.write_text(HEAD + "".join(f"{each}\n" for each in lines))


if __name__ == "__main__":
    main()
