"""`make bench`: every benchmark in one run, as ratios to a floor measured in the same run; the
table goes to docs/performance.md. Seconds are this machine's and are asserted nowhere.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import apply, page
from bench.order_files import write_csv, write_xlsx
from bench.timing import Result
from shipboard.embedded.database import database

#: About 200,000 rows, the most that one export holds being 200,000 orders.
ORDERS = int(os.environ.get("BENCH_ORDERS", "129000"))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000, help="of the desk that is filled")
    orders = parser.parse_args().orders
    folder = Path(tempfile.mkdtemp(prefix="shipboard-bench-"))
    folder.chmod(0o711)  # the account that runs PostgreSQL for root must get in
    os.environ["SHIPBOARD_HOME"] = str(folder)
    os.environ.setdefault("SHIPBOARD_SECRET_KEY", "only for benchmarks")
    try:
        with database(folder / "home") as url:
            os.environ["SHIPBOARD_DATABASE_URL"] = url
            results = [
                *import_results(folder),
                *apply_results(),
                *told_by("bench.desk", "--orders", str(orders)),
                *told_by("bench.export", "--orders", str(orders)),
            ]
            channel = told_by("bench.channel", "--json")
            sent = told_by("bench.shipments", "--json")
            labelled = told_by("bench.labels", "--json")
            printed = told_by("bench.prints", "--json")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    text = page.whole(results, orders, channel, sent, labelled, printed)
    page.PAGE.write_text(text)
    print(text)


def told_by(module: str, *arguments: str) -> list[Result]:
    """What a benchmark in a process of its own prints."""
    command = [sys.executable, "-m", module, *arguments]
    told = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    return [Result(*each) for each in json.loads(told)]


def apply_results() -> list[Result]:
    with apply.scratch():
        found = apply.measure()
    floor = f"COPY of the same rows: {found['copy_seconds']:.2f} s"
    orders = f"{found['orders']:,.0f}"
    names = {
        "new": f"Apply {orders} new orders",
        "again": f"Apply the same {orders} again",
        "changed": f"Apply {orders}, 30 % changed",
    }
    return [
        Result(what, f"{found[f'{key}_seconds']:.2f} s", floor, f"{found[f'{key}_ratio']:.2f}")
        for key, what in names.items()
    ]


def import_results(folder: Path) -> list[Result]:
    """`shipboard import` of a whole file in a process of its own, against reading it as CSV."""
    sheet, text = folder / "orders.xlsx", folder / "orders.csv"
    rows = write_csv(text, ORDERS, seed=7)
    write_xlsx(sheet, ORDERS, seed=7)
    run("shop", "add", "Bench csv", "--region", "US", "--timezone", "UTC")
    run("shop", "add", "Bench xlsx", "--region", "US", "--timezone", "UTC")
    results = []
    for file, shop in ((text, "bench-csv"), (sheet, "bench-xlsx")):
        floor = read_as_csv(text)
        seconds, peak = run("import", str(file), "--shop", shop)
        results.append(
            Result(
                f"Import {rows:,} rows, {file.suffix[1:].upper()}, peak memory {peak:.0f} MiB",
                f"{seconds:.1f} s",
                f"csv.reader over the CSV: {floor:.2f} s",
                f"{seconds / floor:.0f}",
            )
        )
    return results


def read_as_csv(path: Path) -> float:
    started = time.perf_counter()
    with path.open(encoding="utf-8-sig", newline="") as file:
        for _ in csv.reader(file):
            pass
    return time.perf_counter() - started


def run(*arguments: str) -> tuple[float, float]:
    """Seconds and peak MiB of a `shipboard` command."""
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "shipboard", *arguments])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"shipboard {' '.join(arguments)} ended with {process.returncode}")
    return time.perf_counter() - started, _mebibytes(usage)


def _mebibytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
