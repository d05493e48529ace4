"""`make soak`: the proofs that take long, each with a seed of its own; seeds and results go to
docs/reliability.md, so that a failing run can be had again.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
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
    "Exports: any cell, 200,000 orders, killed and damaged": "tests/exports",
    "Supervisor and embedded database, killed and damaged": "tests/embedded",
}


def main() -> None:
    rows, failed = [], 0
    for _ in range(ROUNDS):
        seed = random.SystemRandom().randrange(10**9)
        for what, where in PROOFS.items():
            started = time.monotonic()
            code = run(where, seed)
            failed += bool(code)
            spent = f"{time.monotonic() - started:.0f} s"
            result = "failed" if code else "passed"
            rows.append(f"| {what} | {seed} | {result} | {spent} |")
            print(rows[-1], flush=True)
    write(rows)
    sys.exit(1 if failed else 0)


def run(where: str, seed: int) -> int:
    command = [sys.executable, "-m", "pytest", "-q", where, f"--hypothesis-seed={seed}"]
    environment = os.environ | {"SHIPBOARD_SOAK": FACTOR, "SHIPBOARD_FUZZ_SEED": str(seed)}
    return subprocess.run(command, env=environment, check=False).returncode


def write(rows: list[str]) -> None:
    table = "\n".join(rows)
    PAGE.write_text(f"""# Reliability

Written by `make soak` on {datetime.now(UTC):%Y-%m-%d}; change nothing by hand. Each proof tried
{FACTOR} times what `make test` tries. To have a run again:
`SHIPBOARD_SOAK={FACTOR} SHIPBOARD_FUZZ_SEED=SEED .venv/bin/pytest FOLDER --hypothesis-seed=SEED`.

| proof | seed | result | time |
| --- | --- | --- | --- |
{table}
""")


if __name__ == "__main__":
    main()
