"""What must be true of a desk once it is quiet, and a life drawn from a seed to prove it on."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from sandbox.facts import settings, switches
from sandbox.faults import CALL, HOOK, VIEW, Faults
from sandbox.market import load_parts
from shipboard.ingest.models import Finding
from shipboard.orders.models import Order
from tests.channel_proofs.equal import differences
from tests.channel_proofs.rig import Rig
from tests.channel_proofs.traces import applied, is_in_turn, leaks, written

# Every part of the marketplace enters its switches when it is loaded.
load_parts()
FAULTS = tuple(sorted({*CALL, *HOOK, *VIEW}))
REJECTIONS = tuple(
    f"reject:{code}" for code in (36009003, 36009007, 21001003, 10002014, 36009010, 105005)
)
PAUSES = (3, 60, 600, 3600, 20_000, 90_000)


def prove(rig: Rig) -> None:
    """Fails with all that is wrong, and with what happened before."""
    _prove_page(rig)
    rig.wire.spoilt.clear()
    rig.rest()
    went, given = rig.history.stages(), applied()
    wrong = differences(rig.market, rig.shop, rig.history.addresses())
    wrong += [
        f"{id} was given {given[id]}, it went {went[id]}"
        for id in given
        if not is_in_turn(given[id], went[id])
    ]
    found = leaks(rig.history.secrets(), [*written(), *rig.logs.lines])
    wrong += [f"personal: {text}" for text in found]
    wrong += [
        f"no row of a webhook that was answered with 200: {each.hex()}" for each in rig.unkept()
    ]
    assert not wrong, "\n".join([*wrong, "-- What happened:", *rig.happened])


def _prove_page(rig: Rig) -> None:
    """Orders that nobody can read keep no other from being here, and each is told of until it has
    been read; no other is."""
    if not rig.wire.ever_spoilt:
        return
    rig.market.faults.clear()
    rig.authorise_again()
    rig.pass_(60)
    assert not rig.sync().failed
    here = set(Order.objects.filter(shop=rig.shop).values_list("order_id", flat=True))
    unreadable = Finding.objects.filter(shop=rig.shop, kind=Finding.Kind.UNREADABLE_ORDER)
    told = set(unreadable.values_list("order_id", flat=True))
    lost = {doc["id"] for doc in rig.documents()} - here - told
    assert not lost, f"neither here nor told of: {lost}"
    assert told <= rig.wire.ever_spoilt, f"told of for no reason: {told - rig.wire.ever_spoilt}"


def worlds() -> list[dict[str, Any]]:
    """As few settings of all switches as have every switch at each of its values once."""
    most = max(len(row.others) for row in switches())
    return [{row.key: row.others[n % len(row.others)] for row in switches()} for n in range(most)]


def sampled(random: Random) -> Mapping[str, Any]:
    """A few switches, each at one of its other values."""
    known = list(settings())
    return dict(random.sample(known, random.randint(0, 6)))


def let_faults_strike(faults: Faults, random: Random) -> str:
    """Some faults at some rates, or none."""
    faults.clear()
    faults.seed(random.randrange(2**32))
    chosen = random.sample((*FAULTS, *REJECTIONS), random.randint(0, 4))
    for fault in chosen:
        faults.switch(fault, random.choice((0.05, 0.3, 1.0)))
    return ", ".join(chosen) or "no faults"


def live(rig: Rig, random: Random, turns: int) -> None:
    """Turns of a life in which everything goes on at once and little goes well."""
    for _ in range(turns):
        for _ in range(random.randint(0, 8)):
            rig.world(random)
        rig.pass_(random.choice(PAUSES))
        act(rig, random)


def act(rig: Rig, random: Random) -> None:
    """One thing that the desk does, or that is done to it."""
    what = random.random()
    if what < 0.15:
        rig.say(let_faults_strike(rig.market.faults, random))
    elif what < 0.2:
        spoil(rig, random)
    elif what < 0.3:
        forge(rig, random)
    elif what < 0.4:
        rig.reconcile()
    elif what < 0.6 and rig.has_hooks:
        rig.deliver(random, random.choice((0, 0, 700)))
        rig.work()
    elif what < 0.75:
        with rig.points.kill_at(random.randint(1, 120)):
            random.choice((rig.sync, rig.work, rig.reconcile))()
        rig.say("(killed, or not)")
    elif what < 0.85:
        with rig.meanwhile(random, 0.3):
            rig.sync()
    else:
        rig.sync()


def spoil(rig: Rig, random: Random) -> None:
    """Some orders arrive in a state that nobody can read, or well again."""
    docs = rig.documents()
    rig.wire.spoilt = {each["id"] for each in random.sample(docs, min(len(docs), 2))}
    rig.wire.ever_spoilt |= rig.wire.spoilt
    if random.random() < 0.5:
        rig.wire.spoilt.clear()
    rig.say(f"spoilt: {rig.wire.spoilt}")


def forge(rig: Rig, random: Random) -> None:
    """Somebody else posts to the address of webhooks; a real one comes with a signature of none,
    with one letter changed, or not as JSON at all."""
    due = rig.market.hooks.waiting(rig.market.clock.real() + 10**6)
    body = random.choice(due)[1]["text"].encode() if due else b'{"type": 1}'
    if random.random() < 0.5:
        body = body.replace(b"1", b"7", 1)
    headers = random.choice(({}, {"Authorization": "0" * 64}, {"Authorization": "é"}))
    assert rig.receive("", headers, body, 3.0) == 401
    rig.say("a webhook that nobody signed")
