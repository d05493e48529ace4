"""Carriers make labels: each waits for its time (real time), and can be printed then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.kinds import UNTOLD, Doc
from sandbox.market import tick

if TYPE_CHECKING:
    from sandbox.market import Market

#: A kind of document: the packages whose labels are being made, and when they are done.
AWAITED = "awaited_label"


def await_label(market: Market, shop: str, package: Doc, seconds: float) -> str:
    """The carrier begins on the label of a package; gives the package's sub status."""
    due = market.clock.real() + seconds
    package.setdefault(UNTOLD, {})["label_ready"] = due
    if not seconds:
        return "RTS"
    market.books.put(AWAITED, shop, {"id": package["package_id"], "due": due})
    return "RTSING"


def is_ready(market: Market, package: Doc) -> bool:
    return bool(package.get(UNTOLD, {}).get("label_ready", 0) <= market.clock.real())


@tick
def finish_labels(market: Market) -> None:
    with market.books.change():
        for shop in market.books.find("shop", ""):
            for waits in market.books.find(AWAITED, shop["id"]):
                if waits["due"] <= market.clock.real():
                    _finish(market, shop["id"], waits["id"])


def _finish(market: Market, shop: str, id: str) -> None:
    market.books.remove(AWAITED, shop, id)
    package = market.books.get("package", shop, id)
    if package is not None and package["package_sub_status"] == "RTSING":
        package["package_sub_status"] = "RTS"
        market.books.put("package", shop, package)
