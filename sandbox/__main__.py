"""`python -m sandbox --port N --state DIR [--seed FILE] [--app KEY:SECRET:REDIRECT]`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from sandbox.seed import BadSeed
from sandbox.serve import open_market, serve


def main() -> None:
    given = arguments().parse_args()
    said = {
        "state": str(given.state.resolve()),
        "seed": str(given.seed.resolve()) if given.seed else "",
        "apps": json.dumps(given.app),
        "record": str(given.record.resolve()) if given.record else "",
        "latency": str(given.latency),
    }
    try:
        market = open_market(said)
    except (BadSeed, OSError) as error:
        sys.exit(f"sandbox: {error}")
    market.close()
    said["seed"] = ""
    if given.with_parent:
        said["with_parent"] = str(os.getppid())
    print(f"The sandbox marketplace: http://127.0.0.1:{given.port}/control/", flush=True)
    serve(given.port, said)


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m sandbox", description="A sandbox marketplace.")
    parser.add_argument("--port", type=int, default=8790)
    parser.add_argument("--state", type=Path, required=True, help="folder of its books")
    parser.add_argument("--seed", type=Path, help="JSON lines: shops, orders, cases, packages")
    parser.add_argument(
        "--app",
        type=_app,
        action="append",
        default=[],
        metavar="KEY:SECRET:REDIRECT",
        help="an app that sellers can let in; may be given several times",
    )
    parser.add_argument("--record", type=Path, help="file that every exchange is written to")
    parser.add_argument(
        "--latency", type=int, default=0, metavar="MS", help="how long every call takes at least"
    )
    parser.add_argument(
        "--with-parent", action="store_true", help="end when the starting process ends"
    )
    return parser


def _app(text: str) -> list[str]:
    parts = text.split(":", 2)
    if len(parts) != 3:
        raise argparse.ArgumentTypeError("write it as KEY:SECRET:REDIRECT")
    return parts


if __name__ == "__main__":
    main()
