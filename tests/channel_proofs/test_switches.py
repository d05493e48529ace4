"""Every switch of the marketplace's behaviour by itself: in a small world in which all happens that
it may be about, in each of its positions, the desk has what the marketplace has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

import pytest

from sandbox.facts import TABLE, switches
from tests.channel_proofs import proof, season
from tests.channel_proofs.rig import Rig
from tests.soak import FACTOR, SEED

pytestmark = pytest.mark.django_db
#: About calls by which sellers change something, some of which the desk does not make; the lives of
#: test_lives.py have them all.
OF_WRITES = frozenset(
    """
    eligibility_user idempotency_scope cancel_refused_code order_cancelled_code
    reject_reason_code case_closed_code decision_misfit_code return_closed_code
    create_packages_twice label_exists_code ship_twice already_shipped_code label_seconds
    slow_label_seconds label_not_ready_code document_before_ship_code document_picked_up_code
    document_seller_ships_code after_sale_code platform_code cancelled_code wrong_region_code
    ship_batch_most handover_ignored_in_sea label_allocation edit_once
    edit_counted_by edit_after_collection orders_per_number used_number_code
    carrier_not_offered_code hyphens_in_numbers number_check_times_out number_of_several_carriers
    us_takes_misfitting_numbers number_of_no_carrier many_numbers union_post_barred
    union_post_barred_for_all invoice_seconds case_pictures_are_product_pictures
    """.split()
)
KEYS = [row.key for row in switches() if row.key not in OF_WRITES]
REGIONS = ("TH", "US", "GB")
ONLY = {
    "sea_buyers_cancel_before_collection": "TH",
    "unpaid_hours": "TH",
    "masked_4pl_addresses": "TH",
    "us_rejects_by_call": "US",
    "us_ships_through_requests": "US",
    "uk_package_at_payment": "GB",
    "unpaid_hours_uk": "GB",
    "partial_cancel_renames_package": "GB",
    "cancel_uncombines": "TH",
}
DEEDS: Mapping[str, Callable[[Rig], None]] = {
    "auth_refusals_http": season.take_back,
    "deauthorised_code": season.take_back,
    "refresh_rotates": season.renew,
    "refresh_token_days": season.renew,
    "loopback_webhooks": season.move_webhooks,
    "unknown_ids_in_detail": season.name_unknown,
    "cancel_uncombines": season.cancel_of_shared,
}
MOST_SEASONS = 12
SEEDS = [SEED * 1000 + number for number in range(FACTOR)]


def test_no_switch_is_left_out() -> None:
    assert {*KEYS} | OF_WRITES == {row.key for row in switches()}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("key", KEYS)
def test_a_switch_in_each_position(key: str, seed: int) -> None:
    """A soak goes back and forth, in every market; here its other positions are enough, since all
    the other lives have the usual one."""
    turn = seed - SEEDS[0]
    region = ONLY.get(key) or REGIONS[(KEYS.index(key) + turn) % len(REGIONS)]
    random, positions = Random(f"{key} {seed}"), [*TABLE[key].others]
    if turn:
        positions.append(TABLE[key].value)
        random.shuffle(positions)
    with Rig(region, {key: positions[0]}) as rig:
        asked = _asked(rig)
        for position in positions:
            rig.market.facts.set(key, position)
            rig.say(f"{key} is {position}, in {region}")
            season.season(rig, random)
            if key in DEEDS:
                DEEDS[key](rig)
        for _ in range(MOST_SEASONS - len(positions)):
            if key not in asked:
                season.season(rig, random)
        assert key in asked, "nothing happened that it is about"
        proof.prove(rig)


def _asked(rig: Rig) -> set[str]:
    """The facts that the marketplace looks up, from now on."""
    asked, value = set[str](), rig.market.facts.value

    def noted(key: str) -> object:
        asked.add(key)
        return value(key)

    rig.market.facts.value = noted  # type: ignore[method-assign]
    return asked
