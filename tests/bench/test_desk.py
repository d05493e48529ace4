"""The benchmark of Manage Orders, on a desk too small to tell anything, so that it cannot rot."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest


@pytest.mark.django_db
def test_the_desk_can_be_measured() -> None:
    command = [sys.executable, "-m", "bench.desk", "--orders", "1000"]
    once = os.environ | {"BENCH_ROUNDS": "1"}
    told = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=once).stdout
    lines = [what for what, *_ in json.loads(told)]
    for each in ("90 % depth", "equal to a recount", "1,000 mixed values", "two server processes"):
        assert [what for what in lines if each in what], each
