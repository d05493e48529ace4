"""Lives of a desk whose buyers cancel and return at the worst moments, each from a seed: whatever
people, the marketplace, the network and `kill -9` do, nothing is shipped that was canceled first,
nothing canceled that has left, each case is answered once, and everybody knows it.
"""

from __future__ import annotations

from random import Random

import pytest

from tests.case_proofs import books
from tests.case_proofs.life import CaseLife, SellerLife
from tests.soak import FACTOR, SEED

TURNS = 6
REGIONS = ("US", "TH", "US", "GB")
#: In `make soak` 32 each time; a part of them in `make test`.
LIVES, LIVES_OF_SELLERS, LIVES_WITH_THREADS = (20, 10, 2) if FACTOR > 1 else (4, 3, 1)
SEEDS = [SEED * 10_000 + 6_000 + number for number in range(LIVES * FACTOR)]
SELLERS = [SEED * 10_000 + 7_000 + number for number in range(LIVES_OF_SELLERS * FACTOR)]
THREADED = [SEED * 10_000 + 9_000 + number for number in range(LIVES_WITH_THREADS * FACTOR)]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", SEEDS)
def test_everything_is_decided_once(seed: int) -> None:
    with CaseLife(REGIONS[seed % len(REGIONS)], Random(seed)) as life:
        life.live(TURNS)
        books.prove(life)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", SELLERS)
def test_everything_is_decided_once_where_files_are_uploaded(seed: int) -> None:
    with SellerLife(REGIONS[seed % len(REGIONS)], Random(seed)) as life:
        life.live(TURNS)
        books.prove(life)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", THREADED)
def test_everything_is_decided_once_by_several_callers(seed: int) -> None:
    with CaseLife(REGIONS[seed % len(REGIONS)], Random(seed), is_kept=True) as life:
        life.live(TURNS)
        books.prove(life)
