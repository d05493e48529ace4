"""Noisy machines are slow at times; a deadline would call that a failure. `make test` tries the
same examples every time, so that a change is judged by itself; `make soak` looks for new ones.
"""

from __future__ import annotations

import hypothesis
from django.conf import settings
from django.test import TransactionTestCase

from tests.emptied import empty_tables
from tests.soak import FACTOR

hypothesis.settings.register_profile("shipboard", deadline=None, derandomize=FACTOR == 1)
hypothesis.settings.load_profile("shipboard")


def pytest_configure() -> None:
    """A person's password takes a quarter of a second to digest, so that guessing takes long. The
    demo's world stands still."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.DEMO_PACE = 0.0
    TransactionTestCase._fixture_teardown = empty_tables
