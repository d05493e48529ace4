"""Lives of a desk that ships, each from a seed: whatever people, buyers, the marketplace, the
network and `kill -9` do, each shipment happens once, and everybody is told what became of it.
"""

from __future__ import annotations

from random import Random

import pytest

from tests.shipping_proofs import books
from tests.shipping_proofs.life import Life
from tests.soak import FACTOR, SEED

TURNS = 6
REGIONS = ("US", "TH", "US", "GB")
#: In `make soak` 42 each time; a part of them in `make test`.
LIVES, LIVES_WITH_THREADS = (40, 2) if FACTOR > 1 else (15, 1)
SEEDS = [SEED * 10_000 + number for number in range(LIVES * FACTOR)]
THREADED = [SEED * 10_000 + 9_000 + number for number in range(LIVES_WITH_THREADS * FACTOR)]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", SEEDS)
def test_everything_is_shipped_once(seed: int) -> None:
    with Life(REGIONS[seed % len(REGIONS)], Random(seed)) as life:
        life.live(TURNS)
        books.prove(life)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", THREADED)
def test_everything_is_shipped_once_by_several_callers(seed: int) -> None:
    with Life(REGIONS[seed % len(REGIONS)], Random(seed), is_kept=True) as life:
        life.live(TURNS)
        books.prove(life)
