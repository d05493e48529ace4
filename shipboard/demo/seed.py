"""What the sandbox marketplace is given of a demo shop, as JSON lines: the shop, its orders, their
packages and cases, each a document as its API shows it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from shipboard.channels.contract import OrderFact
from shipboard.demo.case_payloads import case_of
from shipboard.demo.markets import Market
from shipboard.demo.package_payloads import packages_of
from shipboard.demo.payloads import order_of

Doc = dict[str, Any]


def seed_of(market: Market, facts: Iterable[OrderFact]) -> Iterator[str]:
    """One document a line, the shop first, and nothing before what it names: the marketplace lives
    while it reads."""
    yield _line({"shop": shop_of(market)})
    told = [(fact, order_of(fact, market)) for fact in facts]
    shop = market.remote_id
    for package in packages_of(told, market):
        yield _line({"package": package, "shop": shop})
    for fact, order in told:
        yield _line({"order": order, "shop": shop})
        for case in fact.cases:
            kind, doc = case_of(case, fact, order)
            yield _line({kind: doc, "shop": shop})


def shop_of(market: Market) -> Doc:
    return {
        "id": market.remote_id,
        "name": market.name,
        "region": market.region,
        "warehouses": [
            {"id": remote_id, "name": name, "region": market.region}
            for name, remote_id in market.warehouse_ids.items()
        ],
    }


def _line(entry: Doc) -> str:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
