"""Long lives from seeds: under every value of every switch of the marketplace's behaviour, and of a
desk that gets no webhook at all.
"""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from sandbox.facts import switches
from tests.channel_proofs import proof
from tests.channel_proofs.rig import Rig
from tests.soak import FACTOR, SEED

pytestmark = pytest.mark.django_db
TURNS = 12
REGIONS = ("TH", "US", "GB")
SEEDS = [SEED * 1000 + number for number in range(FACTOR)]


def test_the_worlds_have_every_value_of_every_switch() -> None:
    had = {(key, value) for world in proof.worlds() for key, value in world.items()}
    assert had == {(row.key, other) for row in switches() for other in row.others}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("number", range(len(proof.worlds())))
def test_whatever_the_marketplace_is_taken_to_do(number: int, seed: int) -> None:
    world: dict[str, Any] = proof.worlds()[number]
    with Rig(REGIONS[number % 3], world) as rig:
        proof.live(rig, Random(seed + number), TURNS)
        proof.prove(rig)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("region", REGIONS)
def test_polling_alone_is_enough(region: str, seed: int) -> None:
    with Rig(region, has_hooks=False) as rig:
        proof.live(rig, Random(seed), TURNS)
        proof.prove(rig)
        assert not rig.market.books.find("hook")


@pytest.mark.parametrize("region", REGIONS)
def test_polls_alone_reach_nearly_all_without_the_night(region: str) -> None:
    """What moves an order's status or a case is here with the next poll, and no later."""
    random = Random(SEED)
    with Rig(region, has_hooks=False) as rig:
        for _ in range(TURNS):
            for _ in range(6):
                rig.world(random)
            rig.pass_(random.choice(proof.PAUSES))
            assert not rig.sync().failed
            stages = {id: went[-1] for id, went in rig.history.stages().items()}
            assert rig.stages() == stages
