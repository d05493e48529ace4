"""The demo's orders as the channel tells of them: the same again, whole, and nobody's."""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata
from collections import Counter
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from shipboard.channels.contract import CaseKind, OrderFact, OrderType, Stage
from shipboard.demo.load import orders
from shipboard.demo.markets import MARKETS
from tests import make

FILES = next(market for market in MARKETS if not market.remote_id)
WHOLE = {"name", "phone", "country", "state", "city", "postal_code", "address"}
FINISHED = {Stage.DELIVERED, Stage.CLOSED, Stage.CANCELED}
SCRIPTS = {"LATIN", "THAI", "CJK", "CYRILLIC", "ARABIC", "HIRAGANA", "HANGUL"}
DIGEST = (
    "from datetime import datetime; from hashlib import sha256; import django; django.setup()\n"
    "from shipboard.demo.load import orders; from shipboard.demo.markets import MARKETS\n"
    "now = datetime.fromisoformat({now!r})\n"
    "print(sha256(repr([list(orders(m, now)) for m in MARKETS]).encode()).hexdigest())"
)


def everything(now: datetime = make.NOW) -> list[OrderFact]:
    return [fact for market in MARKETS for fact in orders(market, now)]


@pytest.fixture(scope="module")
def facts() -> list[OrderFact]:
    return everything()


def test_the_same_seed_and_instant_give_the_same_orders_in_another_process() -> None:
    ours = sha256(repr([list(orders(m, make.NOW)) for m in MARKETS]).encode()).hexdigest()
    program = DIGEST.format(now=make.NOW.isoformat())
    theirs = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONHASHSEED": "12345"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert theirs.stdout.strip() == ours


def test_another_seed_gives_other_orders_and_another_instant_other_times() -> None:
    market = MARKETS[0]
    first, other = orders(market, make.NOW, 7), orders(market, make.NOW, 8)
    assert [fact.lines for fact in first] != [fact.lines for fact in other]
    later = make.NOW + timedelta(days=1)
    before, after = list(orders(market, make.NOW))[:30], list(orders(market, later))[:30]
    assert [fact.lines for fact in before] == [fact.lines for fact in after]
    assert [fact.created_at + timedelta(days=1) for fact in before] == [
        fact.created_at for fact in after
    ]


def test_there_are_2400_of_which_most_are_finished(facts: list[OrderFact]) -> None:
    assert len(facts) == len({fact.order_id for fact in facts}) == 2400
    assert {market.currency for market in MARKETS} == {fact.currency for fact in facts}
    finished = sum(fact.stage in FINISHED for fact in facts)
    assert 0.55 < finished / 2400 < 0.65


def test_ids_have_the_form_of_real_ones(facts: list[OrderFact]) -> None:
    for fact in facts:
        assert len(fact.order_id) == 18
        assert fact.order_id.startswith("57")
        assert fact.order_id.isdigit()
        for line in fact.lines:
            assert len(line.item.sku_id) == 19
            assert line.item.sku_id.startswith("1729")


def test_every_buyer_of_a_file_is_masked(facts: list[OrderFact]) -> None:
    assert all(fact.buyer_username.endswith("****") for fact in facts)
    for fact in orders(FILES, make.NOW):
        assert bool(fact.recipient) == (fact.stage not in {Stage.UNPAID, Stage.ON_HOLD})
        for key in fact.recipient.keys() - {"country", "state", "city"}:
            assert "*" in fact.recipient[key]
        assert sum(sign.isdigit() for sign in fact.recipient.get("phone", "")) <= 4


def test_the_marketplace_knows_every_buyer_and_nobody_real(facts: list[OrderFact]) -> None:
    known = [fact for fact in facts if fact.currency != FILES.currency]
    assert len(known) == 1800
    for fact in known:
        assert set(fact.recipient) == WHOLE
        # Numbers that are set aside for fiction, or have no such form there.
        assert fact.recipient["phone"].startswith(("(+1)20255501", "(+66)8000001"))


def test_what_happened_happened_in_turn_and_before_now(facts: list[OrderFact]) -> None:
    for fact in facts:
        steps = [fact.created_at, fact.arranged_at, fact.collected_at, fact.delivered_at]
        if not fact.is_cod and fact.paid_at:
            steps.insert(1, fact.paid_at)
        happened = [step for step in [*steps, fact.canceled_at] if step]
        assert happened == sorted(happened)
        assert happened[-1] <= make.NOW
        assert all(step.microsecond == 0 for step in happened)
        for case in fact.cases:
            assert case.requested_at
            assert fact.created_at <= case.requested_at <= make.NOW
            assert not case.respond_by or case.respond_by > make.NOW


def test_the_total_is_what_lines_and_charges_add_up_to(facts: list[OrderFact]) -> None:
    added = ("shipping_fee", "taxes", "retail_delivery_fee", "shipping_insurance")
    for fact in facts:
        goods = sum(line.total for line in fact.lines if line.total is not None)
        charges = sum(fact.charges.get(name, 0) for name in (*added, "small_order_fee"))
        assert fact.total == goods + charges


def test_parcels_hold_no_more_than_was_ordered(facts: list[OrderFact]) -> None:
    for fact in facts:
        packed: Counter[int] = Counter()
        for parcel in fact.parcels:
            for content in parcel.contents:
                packed[content.line] += content.quantity
        ordered = {place: line.quantity for place, line in enumerate(fact.lines)}
        partly = fact.stage == Stage.PARTIALLY_SHIPPED
        assert packed.items() < ordered.items() if partly else not packed or packed == ordered


def test_carriers_number_their_parcels_each_in_its_own_way(facts: list[OrderFact]) -> None:
    forms: dict[str, set[tuple[int, str]]] = {}
    for fact in facts:
        for parcel in fact.parcels:
            if not (number := parcel.tracking_number):
                continue
            form = (len(number), "".join("9" if sign.isdigit() else sign for sign in number))
            forms.setdefault(parcel.carrier, set()).add(form)
    assert {name: len(of) for name, of in forms.items()} == dict.fromkeys(forms, 1)
    assert len(forms) == 9


def test_product_names_come_in_many_scripts(facts: list[OrderFact]) -> None:
    names = {line.item.product_name for fact in facts for line in fact.lines}
    signs = {sign for name in names for sign in name if sign.isalpha()}
    assert {unicodedata.name(sign).split()[0] for sign in signs} >= SCRIPTS
    assert "" in names
    assert max(map(len, names)) > 200


@pytest.mark.parametrize("market", MARKETS, ids=lambda market: market.name)
def test_every_shop_has_every_kind(market: object) -> None:
    facts = list(orders(market, make.NOW))  # type: ignore[arg-type]
    assert {fact.stage for fact in facts} == set(Stage)
    assert {fact.order_type for fact in facts} == set(OrderType)
    assert {case.kind for fact in facts for case in fact.cases} == set(CaseKind)
    assert {fact.canceled_by for fact in facts} == {"", "buyer", "seller", "system", "operator"}
    assert max(len(fact.lines) for fact in facts) == 12
    assert max(line.quantity for fact in facts for line in fact.lines) == 40
    assert any(fact.total == 0 for fact in facts)
    warehouses = Counter(fact.warehouse for fact in facts if not fact.is_platform_fulfilled)
    assert len(warehouses) == 2
    assert {fact.is_platform_fulfilled for fact in facts} == {True, False}
    assert any(fact.created_at < datetime(2026, 1, 1, tzinfo=UTC) for fact in facts)
    shared = Counter(p.package_id for fact in facts for p in fact.parcels)
    assert max(shared.values()) == 3
