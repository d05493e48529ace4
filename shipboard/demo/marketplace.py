"""The sandbox marketplace as the demo uses it: what it is given to begin with, and its sellers, who
let the desk in on the page that is made for that.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from urllib.parse import parse_qs, urlencode, urlsplit

from shipboard.channels import http
from shipboard.channels.models import App
from shipboard.channels.tiktok import oauth
from shipboard.demo.labels import Obstacle
from shipboard.demo.markets import Market

#: Documents that are sent at once.
AT_ONCE = 250
#: Seconds that a sandbox may take to start.
PATIENCE = 30.0
FORM = {"content-type": "application/x-www-form-urlencoded"}


class NoMarketplace(Exception):
    """The sandbox does not answer, or not as it should; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Site:
    """Two origins: of the sandbox, and of the desk as a browser on this machine reaches it."""

    sandbox: str
    desk: str

    @property
    def authorize_url(self) -> str:
        return f"{self.sandbox}/open/authorize"


def shops_of(site: Site) -> set[str]:
    """The ids of the shops on its books; waits until it answers. Raises NoMarketplace."""
    ends = time.monotonic() + PATIENCE
    while True:
        try:
            reply = http.send("GET", f"{site.sandbox}/control/api/state")
            return {shop["id"] for shop in json.loads(reply.body)["shops"]}
        except http.CallFailed as problem:
            if time.monotonic() > ends:
                raise NoMarketplace(f"The sandbox marketplace does not answer: {problem}") from None
            time.sleep(0.1)


def give(site: Site, lines: Iterable[str]) -> None:
    """Put documents on its books. Raises NoMarketplace."""
    rest = iter(lines)
    while some := list(islice(rest, AT_ONCE)):
        _sent("POST", f"{site.sandbox}/control/api/seed", "\n".join(some).encode())


def start_over(site: Site) -> None:
    """Nothing is on its books any more but its apps. Raises NoMarketplace."""
    _do(site, "start_over")


def live(site: Site, rate: float, seed: int) -> None:
    """Have buyers and carriers do `rate` things a minute; 0: nothing. Raises NoMarketplace."""
    _do(site, "live", rate=rate, seed=seed)


def reject_label(site: Site, market: Market, order_id: str, obstacle: Obstacle) -> None:
    """Have the label of an order rejected. Raises NoMarketplace."""
    fields = {"code": obstacle.code, "times": obstacle.times}
    _do(site, "reject_label", shop=market.remote_id, order_id=order_id, **fields)


def let_in(site: Site, app: App, market: Market) -> str:
    """What a seller does in a browser: open the page, choose the shop, agree. Gives the code that
    the browser brings back to the desk. Raises NoMarketplace."""
    state = secrets.token_urlsafe(16)
    page = oauth.authorize_url(app, state, region=market.region)
    shown = _sent("GET", page)
    if market.remote_id not in shown.body.decode():
        raise NoMarketplace(f"The sandbox marketplace does not know the shop {market.name}.")
    agreed = urlencode({"shop": market.remote_id, "answer": "agree"}).encode()
    answer = _sent("POST", page, agreed, FORM)
    back = parse_qs(urlsplit(answer.headers.get("location", "")).query)
    if back.get("state") != [state] or "code" not in back:
        raise NoMarketplace("The sandbox marketplace sent nobody back to the desk.")
    return back["code"][0]


def _do(site: Site, verb: str, **fields: float | str) -> None:
    url = f"{site.sandbox}/control/api/do/{verb}"
    _sent("POST", url, json.dumps(fields).encode(), {"content-type": "application/json"})


def _sent(
    method: str, url: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> http.Reply:
    try:
        reply = http.send(method, url, body=body, headers=headers)
    except http.CallFailed as problem:
        raise NoMarketplace(f"The sandbox marketplace does not answer: {problem}") from None
    if reply.status >= 400:
        raise NoMarketplace(f"The sandbox marketplace refuses (HTTP {reply.status}).")
    return reply
