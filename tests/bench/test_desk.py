"""The benchmark of Manage Orders, on a desk too small to tell anything, so that it cannot rot."""

from __future__ import annotations

import json

from tests.bench.conftest import Told


def test_the_desk_can_be_measured(told: Told) -> None:
    lines = [what for what, *_ in json.loads(told("bench.desk", "--orders", "1000"))]
    for each in ("90 % depth", "equal to a recount", "1,000 mixed values", "two server processes"):
        assert [what for what in lines if each in what], each
