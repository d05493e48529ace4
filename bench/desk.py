"""Fills a desk in a database of its own and measures Manage Orders on it, in a process of its own:
Django knows one database. Prints the results as JSON.

    SHIPBOARD_DATABASE_URL=... python -m bench.desk [--orders N]
"""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import astuple

from bench.apply import NOW, scratch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000)
    orders = parser.parse_args().orders
    os.environ["SHIPBOARD_NOW"] = NOW.isoformat()
    with scratch():
        from bench import manage_orders

        print(json.dumps([astuple(each) for each in manage_orders.results(orders)]))


if __name__ == "__main__":
    main()
