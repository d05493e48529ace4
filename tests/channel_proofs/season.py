"""A few days of a shop in which, on purpose, all happens that a switch of the marketplace's may be
about: every way an order goes, every case, renewed access, access taken back, webhooks elsewhere.
"""

from __future__ import annotations

from contextlib import suppress
from random import Random

from sandbox import tokens
from sandbox.world import steps
from sandbox.world.placing import place
from shipboard.channels.contract import ChannelFailure
from shipboard.channels.models import Grant
from shipboard.channels.tiktok import hooking
from shipboard.channels.tiktok.tokens import access_token
from tests.channel_proofs.rig import ADDRESS, SHOP, Rig

HOUR, DAY = 3600, 86400
SHAPES = ("lines", "lines", "lines", "plain", "plain", "units", "seller", "seller", "cod")
BUYERS = (
    ("buyer_cancels", {"status": "UNPAID"}),
    ("buyer_cancels", {"status": "ON_HOLD"}),
    ("change_address", {}),
)
READY = (
    ("buyer_cancels", {"status": "AWAITING_SHIPMENT"}),
    ("buyer_cancels", {"status": "AWAITING_SHIPMENT"}),
    ("buyer_withdraws", {}),
)
CLAIMS = ("ask_refund", "ask_return", "ask_return", "ask_return", "ask_replacement")
BACK = ("ship_back", "ship_back", "return_arrives", "answer_offer", "dispute", "withdraw_return")


def season(rig: Rig, random: Random) -> None:
    """From the order to what comes back, with a sync or webhooks after each part of it."""
    for shape in SHAPES:
        rig.does("place", random, shape=shape, paid="yes")
    rig.does("place", random, paid="no")
    _all(rig, random, BUYERS)
    rig.pass_(HOUR + 60)
    rig.sync()
    _ready(rig, random)
    rig.pass_(DAY)
    rig.deliver(random, 700, most=20)
    rig.work()
    _after(rig, random)
    rig.pass_(HOUR + 60)
    rig.sync()


def _ready(rig: Rig, random: Random) -> None:
    """What can be shipped: cancelled in part or whole, split, combined, shipped, collected."""
    seller = rig.seller
    _all(rig, random, READY)
    for act in (seller.cancel, seller.cancel_part, seller.answer_cancel, seller.split):
        act(random)
    seller.combine(random)
    for _ in range(len(SHAPES)):
        seller.ship(random)
    seller.edit(random)
    seller.cancel(random, "AWAITING_COLLECTION")
    rig.does("buyer_cancels", random, status="AWAITING_COLLECTION")
    for verb in ("collect", "deliver") * 2 + ("collect", "lose") + ("collect",) * 3:
        rig.does(verb, random)


def _after(rig: Rig, random: Random) -> None:
    """What buyers ask for once they have it, or while it is on its way."""
    rig.does("ask_refund", random, status="IN_TRANSIT")
    rig.does("deliver", random)
    for verb in CLAIMS:
        rig.does(verb, random)
    for _ in range(4):
        rig.seller.answer_return(random)
    for verb in BACK:
        rig.does(verb, random)
    rig.seller.answer_return(random)


def _all(rig: Rig, random: Random, deeds: tuple[tuple[str, dict[str, str]], ...]) -> None:
    for verb, given in deeds:
        rig.does(verb, random, **given)


def renew(rig: Rig) -> None:
    """The access token is renewed twice."""
    for _ in range(2):
        grant = Grant.objects.get()
        assert access_token(grant, refused=access_token(grant))


def take_back(rig: Rig) -> None:
    """The seller takes access back and gives it again; the desk says so in between."""
    tokens.withdraw(rig.market, SHOP)
    assert [each.kind for each in rig.sync().failed] == ["auth"]
    rig.connect_again()


def name_unknown(rig: Rig) -> None:
    """A webhook names an order that nobody knows, and one that is known."""
    for id in ("576000000000000001", rig.documents()[0]["id"]):
        told = {"order_id": id, "order_status": "UNPAID", "update_time": 1}
        assert rig.market.hooks.emit_raw(1, SHOP, told)
    rig.market.hooks.deliver_due()
    rig.work()


def move_webhooks(rig: Rig) -> None:
    """To this machine, where the marketplace may refuse to send any; and back."""
    with suppress(ChannelFailure):
        hooking.ask(rig.shop.connection, "http://127.0.0.1:9/hooks/tiktok/")
    hooking.ask(rig.shop.connection, ADDRESS)


def cancel_of_shared(rig: Rig) -> None:
    """Of two orders that one buyer has in one package, all of the older is canceled."""
    first, second = (place(rig.market, SHOP, Random(7), "plain") for _ in range(2))
    for order in (first, second):
        steps.pay(rig.market, SHOP, order)
    rig.pass_(HOUR + 60)
    rig.sync()
    assert rig.seller.combine(Random(0), with_order=first["id"])
    rig.sync()
    assert rig.seller.cancel_one(first["id"])
    rig.sync()
