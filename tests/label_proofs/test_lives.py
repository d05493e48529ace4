"""Lives of a desk that labels, each from a seed: whatever people, buyers, the marketplace, the
network and `kill -9` do, each label is bought once, and its file is here or the reason why not.
"""

from __future__ import annotations

from random import Random

import pytest

from tests.label_proofs import books
from tests.label_proofs.life import LabelLife
from tests.soak import FACTOR, SEED

TURNS = 6
REGIONS = ("US", "TH", "US", "GB")
#: In `make soak` 32 each time; a part of them in `make test`.
LIVES, LIVES_WITH_THREADS = (30, 2) if FACTOR > 1 else (8, 1)
SEEDS = [SEED * 10_000 + 5_000 + number for number in range(LIVES * FACTOR)]
THREADED = [SEED * 10_000 + 8_000 + number for number in range(LIVES_WITH_THREADS * FACTOR)]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", SEEDS)
def test_every_label_is_bought_once(seed: int) -> None:
    with LabelLife(REGIONS[seed % len(REGIONS)], Random(seed)) as life:
        life.live(TURNS)
        books.prove(life)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", THREADED)
def test_every_label_is_bought_once_by_several_callers(seed: int) -> None:
    with LabelLife(REGIONS[seed % len(REGIONS)], Random(seed), is_kept=True) as life:
        life.live(TURNS)
        books.prove(life)
