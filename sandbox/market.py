"""The marketplace as one thing: its books, clock, facts, faults, webhooks and record, and the WSGI
app that speaks for it. A process has one; tests make as many as they like.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import sandbox
from sandbox.books import Books
from sandbox.clock import Clock
from sandbox.facts import Facts
from sandbox.faults import Faults
from sandbox.hooks import Hooks
from sandbox.latency import Latency
from sandbox.limits import Limits
from sandbox.record import Record

if TYPE_CHECKING:
    from flask import Flask

#: Modules that are not part of the marketplace itself.
APART = ("sandbox.__main__", "sandbox.serve", "sandbox.testing")

#: What happens by itself as time passes, in the order of registration.
TICKS: list[Callable[[Market], None]] = []


def tick(what: Callable[[Market], None]) -> Callable[[Market], None]:
    """Registers what happens by itself; it is called about every second with the market."""
    TICKS.append(what)
    return what


class Market:
    """State is in the file `sandbox.sqlite` of `state`, or in memory when there is no folder."""

    def __init__(self, state: Path | None = None, *, clock: Clock | None = None, seed: int = 0):
        load_parts()
        if state:
            state.mkdir(parents=True, exist_ok=True)
        self.books = Books(state / "sandbox.sqlite" if state else ":memory:")
        self.clock = clock or Clock()
        self.facts = Facts()
        self.faults = Faults(seed)
        self.latency = Latency()
        self.limits = Limits(lambda: int(self.facts.value("calls_per_second")))
        self.record = Record()
        self.hooks = Hooks(self)

    @cached_property
    def app(self) -> Flask:
        """The WSGI app."""
        from sandbox.web import make_app

        return make_app(self)

    def tick(self) -> None:
        """Lets happen what is due by now."""
        for what in TICKS:
            what(self)

    def close(self) -> None:
        self.books.close()


def load_parts() -> None:
    """Imports every module of the package, so that each enters its operations, facts and verbs."""
    for module in pkgutil.walk_packages(sandbox.__path__, "sandbox."):
        if module.name not in APART:
            importlib.import_module(module.name)
