"""The demo's shops that are on the marketplace: connected through its sign-in and read over its API
like any seller's shop; and their lines when the desk starts again, with the marketplace or without.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from shipboard.channels import connecting
from shipboard.channels.connecting import AppGiven
from shipboard.channels.contract import OrderFact
from shipboard.channels.models import App, Connection, Shop
from shipboard.channels.tiktok import hooking, oauth
from shipboard.demo.labels import obstacles
from shipboard.demo.marketplace import NoMarketplace, Site, give, let_in, reject_label
from shipboard.demo.markets import Market
from shipboard.demo.seed import seed_of
from shipboard.embedded.sandbox import KEY, SECRET
from shipboard.ingest import schedule
from shipboard.ingest.sync import sync
from shipboard.orders.sla import PRESETS

BY = "demo"
State = Connection.State


def open_shop(site: Site, market: Market, facts: Iterable[OrderFact], now: datetime) -> Shop:
    """The market's shop with its orders: on the marketplace first, then, read from there, here.
    Raises BadShop, NoMarketplace and ChannelFailure."""
    facts = list(facts)
    give(site, seed_of(market, facts))
    for order_id, obstacle in obstacles(facts):
        reject_label(site, market, order_id, obstacle)
    app = _app(site, now)
    grant = oauth.exchange(app, let_in(site, app, market))
    remote = next(one for one in oauth.shops(grant) if one.remote_id == market.remote_id)
    line = connecting.connect(
        grant,
        remote,
        name=market.name,
        timezone=market.timezone,
        rules=market.rules,
        presets=set(PRESETS),
        by=BY,
        now=now,
        is_demo=True,
    )
    connecting.set_up_hooks(line, site.desk)
    for failed in sync(line.shop, lambda: now).failed:
        raise NoMarketplace(f"{market.name} could not be read: {failed.sentence}")
    return line.shop


def go_on(site: Site, now: datetime) -> None:
    """The desk has started again: the sandbox may be at another port by now, and so may the desk.
    What was stopped for want of a sandbox goes on, and is read at once."""
    App.objects.filter(key=KEY).update(
        api_host=site.sandbox, auth_host=site.sandbox, authorize_url=site.authorize_url
    )
    for line in _lines():
        if line.state == State.PAUSED and line.state_by == BY:
            connecting.resume(line, BY, now)
        if line.state == State.ON:
            if line.hooks_address != f"{site.desk}{hooking.PATH}":
                connecting.set_up_hooks(line, site.desk)
            schedule.sync_now(line.shop)


def rest(now: datetime) -> None:
    """The desk has started without a sandbox: nobody is asked."""
    for line in _lines():
        if line.state == State.ON:
            connecting.pause(line, BY, now)


def _lines() -> list[Connection]:
    lines = Connection.objects.filter(shop__is_demo=True, grant__app__key=KEY)
    return list(lines.select_related("shop", "grant__app").order_by("shop"))


def _app(site: Site, now: datetime) -> App:
    return connecting.keep_app(
        AppGiven(
            key=KEY,
            secret=SECRET,
            name="Demo marketplace",
            api_host=site.sandbox,
            auth_host=site.sandbox,
            authorize_url=site.authorize_url,
        ),
        now,
    )
