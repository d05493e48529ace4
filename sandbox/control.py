"""The control page: what the market holds, what it is set to, and every verb as a form. The same as
JSON is in control_api.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import flask

from sandbox import control_do, purchases, shipments, shops
from sandbox.api import operations
from sandbox.control_do import Wrong
from sandbox.faults import CALL, HOOK, VIEW
from sandbox.fulfilment.obstacles import OBSTACLE
from sandbox.guard import guard
from sandbox.kinds import Doc
from sandbox.verbs import VERBS, Verb
from sandbox.web import PAGES

if TYPE_CHECKING:
    from sandbox.market import Market

LATEST = 100
#: Sections of verbs, by the module that they are written in; what is new stands under Other.
GROUPS = {
    "sandbox.world.buyers": ("buyers", "What buyers do"),
    "sandbox.world.carriers": ("carriers", "What carriers do"),
    "sandbox.world.wrong_scans": ("carriers", "What carriers do"),
    "sandbox.world.claims": ("claims", "Returns, refunds and disputes"),
    "sandbox.world.worst_moments": ("world", "The world and the platform"),
    "sandbox.world.living": ("world", "The world and the platform"),
    "sandbox.world.stepping_back": ("world", "The world and the platform"),
    "sandbox.world.after_label": ("labels", "Labels that are rejected, or grow stale"),
    "sandbox.fulfilment.obstacles": ("labels", "Labels that are rejected, or grow stale"),
    "sandbox.errands": ("access", "Access and webhooks"),
}
OTHER = ("other", "Other")
#: Where the page goes on after each act.
SECTIONS = {
    "clock": "clock",
    "latency": "clock",
    "fact": "facts",
    "fault": "faults",
    "deliver": "webhooks",
}


def pages(market: Market) -> flask.Blueprint:
    here = flask.Blueprint("control", __name__, url_prefix="/control")
    here.before_request(guard)
    here.add_app_template_filter(_when, "when")

    @here.get("/")
    def page() -> str:
        shop = flask.request.args.get("shop", "")
        return flask.render_template("control.html", said=flask.request.args, **_all(market, shop))

    @here.get("/document/<kind>/<shop>/<id>")
    def document(kind: str, shop: str, id: str) -> str:
        doc = market.books.get(kind, shop, id)
        if doc is None:
            flask.abort(404)
        return flask.render_template("document.html", kind=kind, id=id, text=_pretty(doc))

    @here.get("/confirm/<name>")
    def confirm(name: str) -> str:
        verb = VERBS.get(name)
        if verb is None or not verb.danger:
            flask.abort(404)
        try:
            shop = shops.shop(market.books, flask.request.args.get("shop", ""))
        except LookupError:
            flask.abort(404)
        return flask.render_template("confirm.html", verb=verb, shop=shop)

    @here.get("/exchange/<int:number>")
    def exchange(number: int) -> str:
        kept = market.record.exchanges()
        if number >= len(kept):
            flask.abort(404)
        return flask.render_template("exchange.html", one=kept[number], pretty=_pretty_text)

    for name in control_do.ACTS:
        here.add_url_rule(f"/{name}", name, _form(market, name), methods=["POST"])
    return here


def _form(market: Market, name: str) -> Callable[[], flask.Response]:
    """Does what a form asks, and goes back to the page with a sentence of what came of it."""

    def post() -> flask.Response:
        given: Doc = {key: value for key, value in flask.request.form.items() if value}
        verb = VERBS.get(str(given.get("verb", ""))) if name == "do" else None
        if verb and verb.danger and not given.pop("sure", None):
            asked = flask.url_for("control.confirm", name=verb.name, shop=given.get("shop"))
            return flask.redirect(asked, 303)  # type: ignore[return-value]
        try:
            came = control_do.act(market, name, given)
            said = ", ".join(f"{key} {value}" for key, value in came.items()) or "Done."
        except Wrong as error:
            said = str(error)
        section = section_of(verb)[0] if verb else SECTIONS.get(name)
        back = flask.url_for(
            "control.page", said=said[:300], shop=given.get("shop") or None, _anchor=section
        )
        return flask.redirect(back, 303)  # type: ignore[return-value]

    return post


def section_of(verb: Verb) -> tuple[str, str]:
    """The anchor and the title of the section that a verb stands in."""
    return ("danger", "") if verb.danger else GROUPS.get(verb.run.__module__, OTHER)


def sections() -> dict[tuple[str, str], list[Verb]]:
    """The harmless verbs by section, in the order of GROUPS."""
    found: dict[tuple[str, str], list[Verb]] = {each: [] for each in (*GROUPS.values(), OTHER)}
    for verb in VERBS.values():
        if not verb.danger:
            found[section_of(verb)].append(verb)
    return {section: verbs for section, verbs in found.items() if verbs}


def _all(market: Market, shop: str) -> dict[str, Any]:
    """Everything that the page shows; documents are of one shop, or of all when it is blank."""
    wanted = {"shop": shop} if shop else {}
    kept = market.record.exchanges()
    return {
        "market": market,
        "now": market.clock.now(),
        "setting": market.clock.setting(),
        "shop": shop,
        "shops": shops.everyone(market.books),
        "operations": sorted({one.name for one in operations()}),
        "sections": sections(),
        "dangers": [verb for verb in VERBS.values() if verb.danger],
        "facts": market.facts.rows(),
        "faults": {"Of calls": CALL, "Of views": VIEW, "Of webhooks": HOOK},
        "orders": latest(market, "order", shop),
        "cases": latest(market, "cancellation", shop) + latest(market, "return", shop),
        "hooks": latest(market, "hook", shop),
        "shipments": shipments.shipments(market, shop),
        "double_shipments": shipments.double_shipments(market, shop),
        "labels": purchases.label_purchases(market, shop),
        "double_labels": purchases.double_labels(market, shop),
        "obstacles": market.books.find(OBSTACLE, shop or None),
        "ledger": market.books.ledger(**wanted)[: -LATEST - 1 : -1],
        "exchanges": list(enumerate(kept))[: -LATEST - 1 : -1],
    }


def latest(market: Market, kind: str, shop: str) -> list[Doc]:
    """The latest documents of a kind, as `{shop, id, status, created, updated}`."""
    names = ("shop", "id", "status", "created", "updated")
    rows = market.books.rows(
        f"SELECT {', '.join(names)} FROM documents"  # noqa: S608
        " WHERE kind = ? AND (? = '' OR shop = ?) ORDER BY updated DESC, id DESC LIMIT ?",
        (kind, shop, shop, LATEST),
    )
    return [dict(zip(names, row, strict=True)) | {"kind": kind} for row in rows]


def _when(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _pretty(doc: Doc) -> str:
    return json.dumps(doc, indent=2, ensure_ascii=False)


def _pretty_text(text: str) -> str:
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text


PAGES.append(pages)
