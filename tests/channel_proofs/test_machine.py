"""Buyers, carriers, the platform, the clock, faults, webhooks, kills: in any order that Hypothesis
can think of. Once it is quiet, the desk has what the marketplace has.
"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.channel_proofs import proof
from tests.channel_proofs.rig import Rig
from tests.soak import FACTOR, examples

pytestmark = pytest.mark.django_db
chances = st.integers(0, 2**32 - 1).map(Random)
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
slow = settings(
    max_examples=examples(8),
    stateful_step_count=25,
    deadline=None,
    # Where a soak finds something, it is made small; in `make test` the seed is enough.
    phases=(*PHASES, Phase.shrink) if FACTOR > 1 else PHASES,
    suppress_health_check=list(HealthCheck),
)


class Life(RuleBasedStateMachine):
    """One shop, from its connection until it is quiet."""

    rig: Rig | None = None

    @initialize(
        region=st.sampled_from(["TH", "US", "GB"]),
        chance=chances,
        has_hooks=st.booleans(),
        skew=st.sampled_from([0, 0, -90, 45]),
    )
    def connect(self, region: str, chance: Random, has_hooks: bool, skew: int) -> None:
        facts = proof.sampled(chance)
        self.rig = Rig(region, facts, has_hooks=has_hooks, skew=skew)
        self.rig.__enter__()
        self.rig.say(f"{region}, webhooks: {has_hooks}, clocks {skew} s apart, {facts}")
        self.rig.grow(chance)

    @property
    def here(self) -> Rig:
        assert self.rig is not None
        return self.rig

    @rule(chance=chances, many=st.integers(3, 15))
    def world(self, chance: Random, many: int) -> None:
        for _ in range(many):
            self.here.world(chance)

    @rule(chance=chances)
    def seller(self, chance: Random) -> None:
        self.here.world(chance, "seller")

    @rule(chance=chances)
    def step_back(self, chance: Random) -> None:
        self.here.does("step_back", chance)

    @rule(seconds=st.sampled_from(proof.PAUSES))
    def time(self, seconds: int) -> None:
        self.here.pass_(seconds)

    @rule(chance=chances)
    def faults(self, chance: Random) -> None:
        self.here.say(proof.let_faults_strike(self.here.market.faults, chance))

    @rule(chance=chances)
    def spoil(self, chance: Random) -> None:
        proof.spoil(self.here, chance)

    @rule()
    def sync(self) -> None:
        self.here.sync()

    @rule(chance=chances, rate=st.sampled_from([0.1, 0.5]))
    def sync_while_the_world_goes_on(self, chance: Random, rate: float) -> None:
        with self.here.meanwhile(chance, rate):
            self.here.sync()

    @rule(at=st.integers(1, 150), what=st.sampled_from(["sync", "reconcile", "work"]))
    def killed(self, at: int, what: str) -> None:
        with self.here.points.kill_at(at):
            getattr(self.here, what)()
        self.here.say(f"{what} was killed at point {at}, or it had fewer")

    @rule(chance=chances, ahead=st.sampled_from([0, 700, 50_000]))
    @precondition(lambda self: self.rig and self.rig.has_hooks)
    def webhooks(self, chance: Random, ahead: int) -> None:
        self.here.deliver(chance, ahead)

    @rule(chance=chances, at=st.integers(1, 12))
    @precondition(lambda self: self.rig and self.rig.has_hooks)
    def killed_while_a_webhook_comes(self, chance: Random, at: int) -> None:
        with self.here.points.kill_at(at):
            self.here.deliver(chance, 700)

    @rule()
    def work(self) -> None:
        self.here.work()

    @rule(chance=chances)
    def forge(self, chance: Random) -> None:
        proof.forge(self.here, chance)

    @rule()
    def night(self) -> None:
        self.here.reconcile()

    def teardown(self) -> None:
        if self.rig is None:
            return
        try:
            proof.prove(self.rig)
        finally:
            self.rig.__exit__(None, None, None)


def test_the_desk_has_what_the_marketplace_has() -> None:
    run_state_machine_as_test(Life, settings=slow)
