"""The control page's JSON twin, for tests of a sandbox that runs as a process: everything in the
books to read, and every act of control_do.py to post.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

import flask

from sandbox import control_do, courses, purchases, shipments, shops
from sandbox.control_do import Wrong
from sandbox.guard import guard
from sandbox.kinds import Doc
from sandbox.seed import BadSeed, seed
from sandbox.verbs import VERBS
from sandbox.web import PAGES

if TYPE_CHECKING:
    from sandbox.market import Market


def pages(market: Market) -> flask.Blueprint:
    here = flask.Blueprint("control_api", __name__, url_prefix="/control/api")
    here.before_request(guard)

    @here.get("/state")
    def state() -> Doc:
        faults = market.faults
        return {
            "now": market.clock.now(),
            "setting": market.clock.setting(),
            "latency": market.latency.milliseconds,
            "shops": [asdict(shop) for shop in shops.everyone(market.books)],
            "facts": [asdict(row) | {"set": value} for row, value in market.facts.rows()],
            "faults": [asdict(rule) for rule in faults.rules()],
            "shots": faults.shots(),
            "struck": faults.struck(),
            "verbs": [
                {"name": one.name, "words": one.words, "fields": one.fields}
                for one in VERBS.values()
            ],
        }

    @here.get("/documents/<kind>")
    def documents(kind: str) -> Doc:
        wanted = flask.request.args.to_dict()
        return {"documents": market.books.find(kind, wanted.pop("shop", None), **_plain(wanted))}

    @here.get("/ledger")
    def ledger() -> Doc:
        wanted = _plain(flask.request.args.to_dict())
        return {"entries": [asdict(entry) for entry in market.books.ledger(**wanted)]}

    @here.get("/shipments")
    def sent() -> Doc:
        shop = flask.request.args.get("shop", "")
        return {"shipments": [asdict(one) for one in shipments.shipments(market, shop)]}

    @here.get("/double_shipments")
    def sent_twice() -> Doc:
        shop = flask.request.args.get("shop", "")
        return {"shipments": [asdict(one) for one in shipments.double_shipments(market, shop)]}

    @here.get("/label_purchases")
    def bought() -> Doc:
        shop = flask.request.args.get("shop", "")
        return {"labels": [asdict(one) for one in purchases.label_purchases(market, shop)]}

    @here.get("/double_labels")
    def bought_twice() -> Doc:
        shop = flask.request.args.get("shop", "")
        return {"labels": [asdict(one) for one in purchases.double_labels(market, shop)]}

    @here.get("/courses")
    def what_became() -> Doc:
        shop = flask.request.args.get("shop", "")
        return {"courses": [asdict(one) for one in courses.courses(market, shop)]}

    @here.get("/record")
    def record() -> Doc:
        name = flask.request.args.get("operation")
        kept = [one for one in market.record.exchanges() if name in (None, one.operation)]
        return {"exchanges": [asdict(one) for one in kept]}

    @here.delete("/record")
    def forget() -> Doc:
        market.record.clear()
        return {}

    @here.post("/seed")
    def more() -> Doc | tuple[Doc, int]:
        try:
            return dict(seed(market, flask.request.get_data(as_text=True).splitlines()))
        except BadSeed as error:
            return {"error": str(error)}, 400

    for name in control_do.ACTS:
        here.add_url_rule(f"/{name}", name, _act(market, name), methods=["POST"])
    here.add_url_rule("/do/<verb>", "verb", _act(market, "do"), methods=["POST"])
    return here


def _act(market: Market, name: str) -> Callable[..., Doc | tuple[Doc, int]]:
    def post(**path: str) -> Doc | tuple[Doc, int]:
        try:
            given = (flask.request.get_json(silent=True) or {}) | path
            return control_do.act(market, name, given)
        except Wrong as error:
            return {"error": str(error)}, 400

    return post


def _plain(wanted: dict[str, str]) -> dict[str, str]:
    """Only names that can stand in a query."""
    if not all(name.isidentifier() and name.isascii() for name in wanted):
        flask.abort(400)
    return wanted


PAGES.append(pages)
