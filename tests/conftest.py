"""Noisy machines are slow at times; a deadline would call that a failure. `make test` tries the
same examples every time, so that a change is judged by itself; `make soak` looks for new ones.
"""

from __future__ import annotations

from hypothesis import settings

from tests.soak import FACTOR

settings.register_profile("shipboard", deadline=None, derandomize=FACTOR == 1)
settings.load_profile("shipboard")
