"""Programs of the benchmarks: they begin with the tables of the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

Told = Callable[..., str]


@pytest.fixture
def told(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Told:
    """Runs a module of bench with arguments; gives what it prints."""
    with django_db_blocker.unblock():
        name = connection.settings_dict["NAME"]
        connection.close()  # a template may have no guests
    small = {"BENCH_TEMPLATE": name, "BENCH_ROUNDS": "1"}

    def run(module: str, *arguments: str) -> str:
        command = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=os.environ | small)
        return done.stdout.decode()

    return run
