"""The durable run: frozen, every row once, whatever is killed, and its counts add up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from shipboard.accounts.access import Access, NotAllowed
from shipboard.accounts.models import AuditEntry
from shipboard.channels.models import Shop
from shipboard.fulfilment import runner, work
from shipboard.fulfilment.allowed import Verb
from shipboard.fulfilment.models import Run, RunRow
from shipboard.fulfilment.runs import CountChanged, NothingToRetry, retry_failed, tally
from shipboard.fulfilment.selection import BadSelection, Selection
from shipboard.fulfilment.wishes import Wishes
from shipboard.ingest.removal import remove_shop
from shipboard.orders.flags import set_flag
from shipboard.orders.holds import place_hold
from shipboard.orders.models import Colour, Event, Flag, Note, Order
from shipboard.orders.overlays import BadWords
from tests import make
from tests.fulfilment.conftest import MAI, RED, Begin, all_of, some, stock
from tests.ingest.test_apply_together import together

NOTE = Wishes(text="Gift wrap")
BUYER = "Ada Marlow"
Outcome = RunRow.Outcome


class Killed(BaseException):
    """Stands for kill -9: nothing in the program may catch it."""


def now() -> Any:
    return make.NOW


def counts(run: Run) -> tuple[int, int, int, int]:
    found = tally(run)
    assert sum(found.values()) == Run.objects.get(pk=run.pk).rows
    return (
        found[Outcome.DONE],
        found[Outcome.SKIPPED],
        found[Outcome.FAILED],
        found[Outcome.WAITING],
    )


@pytest.mark.django_db
class TestBeginning:
    def test_it_freezes_what_was_chosen_and_enqueues_once(self, begun: Begin) -> None:
        shop = make.shop()
        pks = stock(shop, 3)
        run = begun(some(*pks[:2]))
        rows = RunRow.objects.filter(run=run).order_by("position")
        assert [(row.position, row.order_id, row.number, row.shop_name) for row in rows] == [
            (1, pks[0], "northwind-0", "Northwind"),
            (2, pks[1], "northwind-1", "Northwind"),
        ]
        job = ProcrastinateJob.objects.get(task_name="carry_on_run")
        assert job.args == {"run_pk": run.pk}
        entry = AuditEntry.objects.get()
        assert (entry.by, entry.kind, entry.detail) == (
            "mai",
            "run_begun",
            {"verb": "flag", "orders": 2},
        )

    def test_what_matches_later_is_not_touched(self, begun: Begin) -> None:
        shop = make.shop()
        stock(shop, 2)
        run = begun(all_of("tab=pending_shipping", 2))
        make.row(shop, "later").save()
        runner.carry_on(run.pk, now)
        assert counts(run) == (2, 0, 0, 0)
        assert Flag.objects.count() == 2

    @pytest.mark.parametrize("seen", [1, 2, 4, 791])
    def test_another_count_begins_nothing(self, begun: Begin, seen: int) -> None:
        stock(make.shop(), 3)
        with pytest.raises(CountChanged, match=r"3 match now\. Nothing was begun\.") as refused:
            begun(all_of("", seen))
        assert (refused.value.expected, refused.value.found) == (seen, 3)
        left = (Run.objects.count(), RunRow.objects.count(), ProcrastinateJob.objects.count())
        assert (*left, AuditEntry.objects.count()) == (0, 0, 0, 0)

    def test_orders_of_shops_that_the_actor_may_not_see_are_not_chosen(self, begun: Begin) -> None:
        ours, theirs = stock(make.shop("Ours"), 1), stock(make.shop("Theirs"), 1)
        narrow = Access(by="bo", shop_ids=frozenset({Order.objects.get(pk=ours[0]).shop_id}))
        with pytest.raises(CountChanged, match="2 orders were chosen, 1 matches now"):
            begun(some(*ours, *theirs), access=narrow)
        run = begun(all_of("", 1), access=narrow)
        assert list(run.each.values_list("order", flat=True)) == ours
        nobody = Access(by="x", shop_ids=frozenset())
        with pytest.raises(CountChanged, match="1 order was chosen, 0 match now"):
            begun(all_of("", 1), access=nobody)

    def test_no_order_and_no_right_are_refused(self, begun: Begin) -> None:
        with pytest.raises(BadSelection, match="No order is chosen"):
            begun(Selection(0, pks=()))
        with pytest.raises(BadSelection, match="No order is chosen"):
            begun(all_of("", 0))
        viewer = Access(by="bo", rights=frozenset())
        with pytest.raises(NotAllowed):
            begun(some(*stock(make.shop(), 1)), access=viewer)

    def test_wishes_that_no_order_could_have_are_refused_at_once(self, begun: Begin) -> None:
        chosen = some(*stock(make.shop(), 1))
        for verb, wishes in (
            (Verb.NOTE, Wishes(text=" ")),
            (Verb.HOLD, Wishes(reason="x" * 301)),
            (Verb.HOLD, Wishes(reason="x", until=make.NOW)),
        ):
            with pytest.raises(BadWords):
                begun(chosen, verb, wishes)
        assert not Run.objects.exists()

    def test_the_same_form_twice_is_one_run(self, begun: Begin) -> None:
        pks, key = stock(make.shop(), 2), uuid4()
        first = begun(some(*pks), key=key)
        runner.carry_on(first.pk, now)
        assert begun(all_of("", 791), key=key).pk == first.pk
        assert ProcrastinateJob.objects.count() == AuditEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_form_twice_at_once_is_one_run(begun: Begin) -> None:
    pks, key = stock(make.shop(), 20), uuid4()
    both = together(*[lambda: begun(some(*pks), key=key).pk] * 3)
    assert len(set(map(str, both))) == 1, both
    assert (Run.objects.count(), RunRow.objects.count()) == (1, 20)
    assert ProcrastinateJob.objects.filter(task_name="carry_on_run").count() == 1


@pytest.mark.django_db
class TestEachVerb:
    def test_outcomes_with_their_reasons(self, begun: Begin) -> None:
        pks = stock(make.shop(), 3)
        orders = {pk: Order.objects.get(pk=pk) for pk in pks}
        set_flag(orders[pks[0]], Colour.RED, by="bo", now=make.NOW)
        run = begun(some(*pks))
        runner.carry_on(run.pk, now)
        assert counts(run) == (2, 1, 0, 0)
        assert run.each.get(outcome=Outcome.SKIPPED).reason == "It is flagged red already."
        assert Event.objects.filter(kind="flag_set").count() == 3

    def test_hold_leaves_what_is_held_or_on_its_way(self, begun: Begin) -> None:
        shop = make.shop()
        pks = stock(shop, 2)
        place_hold(Order.objects.get(pk=pks[0]), reason="Ask", by="bo", now=make.NOW)
        gone = make.row(shop, "gone", stage="in_transit")
        gone.save()
        run = begun(some(*pks, gone.pk), Verb.HOLD, Wishes(reason="Recount"))
        runner.carry_on(run.pk, now)
        assert counts(run) == (1, 2, 0, 0)
        reasons = run.each.filter(outcome=Outcome.SKIPPED).order_by("position")
        assert list(reasons.values_list("reason", flat=True)) == [
            "bo holds it here already: Ask",
            "It is on its way already. A hold would stop nothing.",
        ]
        back = begun(some(*pks, gone.pk), Verb.RELEASE, Wishes())
        runner.carry_on(back.pk, now)
        assert counts(back) == (2, 1, 0, 0)

    def test_a_row_that_breaks_is_named_and_the_others_go_on(
        self, begun: Begin, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        pks = stock(make.shop(), 3)
        add = work.add_note

        def breaks(order: Order, **given: Any) -> None:
            if order.pk == pks[1]:
                with connection.cursor() as cursor:
                    cursor.execute("select %s::int", [BUYER])
            add(order, **given)

        monkeypatch.setattr(work, "add_note", breaks)
        run = begun(some(*pks), Verb.NOTE, NOTE)
        runner.carry_on(run.pk, now)
        assert counts(run) == (2, 0, 1, 0)
        failed = run.each.get(outcome=Outcome.FAILED)
        assert failed.reason == "Something broke here; try this row again."
        assert "DataError" in caplog.text
        assert "Marlow" not in caplog.text
        monkeypatch.undo()
        assert retry_failed(run, access=MAI) == 1
        runner.carry_on(run.pk, now)
        assert counts(run) == (3, 0, 0, 0)
        assert Note.objects.count() == 3, "what was done is not done again"
        assert sorted(run.each.values_list("attempts", flat=True)) == [1, 1, 2]
        with pytest.raises(NothingToRetry):
            retry_failed(run, access=MAI)


class Steps:
    """Counts statements sent to the database, and dies at the `die_at`-th."""

    def __init__(self, die_at: int) -> None:
        self.die_at, self.sent = die_at, 0

    def __call__(self, execute: Callable[..., Any], *given: Any) -> Any:
        self.sent += 1
        if self.sent == self.die_at:
            raise Killed
        return execute(*given)


@pytest.mark.django_db(transaction=True)
def test_wherever_it_is_killed_every_row_is_accounted_for_once(begun: Begin) -> None:
    shop = make.shop()
    pks = stock(shop, 3)
    key = uuid4()

    def all_the_way() -> Run:
        run = begun(some(*pks), Verb.NOTE, NOTE, key=key)
        runner.carry_on(run.pk, now)
        return run

    whole = Steps(die_at=0)
    with connection.execute_wrapper(whole):
        all_the_way()
    assert whole.sent > 20
    for die_at in range(1, whole.sent + 1):
        Run.objects.all().delete()
        Note.objects.all().delete()
        with pytest.raises(Killed), connection.execute_wrapper(Steps(die_at)):
            all_the_way()
        connection.close()  # as a killed program's connection, and its lock with it
        for run in Run.objects.all():
            done = run.each.filter(outcome=Outcome.DONE).values_list("order", flat=True)
            assert sorted(done) == sorted(Note.objects.values_list("order", flat=True)), die_at
        run = all_the_way()
        assert counts(run) == (3, 0, 0, 0), die_at
        assert sorted(Note.objects.values_list("order", flat=True)) == pks, die_at
        assert Run.objects.get().state == Run.State.DONE


@pytest.mark.django_db(transaction=True)
def test_two_runners_at_once_and_the_shop_removed_meanwhile(begun: Begin) -> None:
    kept, doomed = make.shop("Kept"), make.shop("Doomed")
    pks = [*stock(kept, 60), *stock(doomed, 60)]
    run = begun(some(*pks), Verb.HOLD, Wishes(reason="Recount"))
    outcomes = together(
        lambda: runner.carry_on(run.pk, now),
        lambda: runner.carry_on(run.pk, now),
        lambda: remove_shop(Shop.objects.get(slug="doomed")),
    )
    assert outcomes == [None, None, None]
    runner.carry_on(run.pk, now)
    done, skipped, _, waiting = counts(run)
    assert (skipped, waiting) == (0, 0)
    assert done >= 60
    assert set(run.each.filter(outcome=Outcome.FAILED).values_list("reason", flat=True)) <= {
        "The order is not here any more."
    }
    assert Event.objects.filter(kind="hold_placed").count() == 60
    assert not Shop.objects.filter(slug="doomed").exists()


@pytest.mark.django_db(transaction=True)
def test_two_runners_do_each_row_once(begun: Begin) -> None:
    pks = stock(make.shop(), 50)
    run = begun(some(*pks), Verb.NOTE, NOTE)
    together(*[lambda: runner.carry_on(run.pk, now)] * 3)
    runner.carry_on(run.pk, now)
    assert counts(run) == (50, 0, 0, 0)
    assert Note.objects.count() == 50
    assert set(run.each.values_list("attempts", flat=True)) == {1}


PROGRAM = """
import django
django.setup()
from django.conf import settings
from shipboard import clock
from shipboard.fulfilment import runner
print("going", flush=True)
runner.carry_on({pk}, clock.now)
"""


@pytest.mark.django_db(transaction=True)
def test_kill_9_in_the_middle_and_another_goes_on(begun: Begin) -> None:
    pks = stock(make.shop(), 600)
    run = begun(some(*pks), Verb.NOTE, NOTE)
    given = connection.get_connection_params()
    address = "postgresql:///{dbname}?host={host}&user={user}&port={port}".format_map(
        {"port": "", "user": "", "host": ""} | given
    )
    child = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(pk=run.pk)],
        env=os.environ
        | {"SHIPBOARD_DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "shipboard.settings"},
    )
    try:
        while not run.each.filter(outcome=Outcome.DONE).exists():
            assert child.poll() is None, "it ended before it began"
        assert runner.resume(now) == [], "somebody carries it on"
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    assert Run.objects.get().state == Run.State.RUNNING
    assert 0 < counts(run)[0] == Note.objects.count() < 600
    while not runner.resume(now):  # the server takes a moment to see that the program has gone
        pass
    runner.carry_on(run.pk, now)
    assert counts(run) == (600, 0, 0, 0)
    assert sorted(Note.objects.values_list("order", flat=True)) == pks


@pytest.mark.django_db
def test_the_schedule_finds_what_nobody_carries_on(begun: Begin) -> None:
    run = begun(some(*stock(make.shop(), 1)))
    ProcrastinateJob.objects.all().delete()
    assert runner.resume(now) == [run.pk]
    assert ProcrastinateJob.objects.get().args == {"run_pk": run.pk}
    runner.carry_on(run.pk, now)
    assert runner.resume(now) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("verb", "wishes"),
    [
        (Verb.NOTE, NOTE),
        (Verb.FLAG, RED),
        (Verb.HOLD, Wishes(reason="Recount")),
        (Verb.RELEASE, Wishes()),
    ],
)
def test_each_row_costs_the_same(begun: Begin, verb: Verb, wishes: Wishes) -> None:
    def cost(many: int) -> int:
        pks = stock(make.shop(f"Shop of {many}"), many)
        if verb == Verb.RELEASE:
            for pk in pks:
                place_hold(Order.objects.get(pk=pk), reason="x", by="bo", now=make.NOW)
        run = begun(some(*pks), verb, wishes)
        with CaptureQueriesContext(connection) as captured:
            runner.carry_on(run.pk, now)
        return len(captured)

    one, three, six = cost(1), cost(3), cost(6)
    assert (three - one) / 2 == (six - three) / 3 <= 16


def test_words_of_a_count() -> None:
    said = str(CountChanged(791, 794))
    assert said == "791 orders were chosen, 794 match now. Nothing was begun."
