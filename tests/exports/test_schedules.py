"""Schedules: every time once, as its owner; of what changed nothing is missed or told twice."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections, transaction
from django.db.models import F

from shipboard.accounts.access import access_of
from shipboard.accounts.models import AuditEntry, User
from shipboard.accounts.roles import Role
from shipboard.channels.contract import Stage
from shipboard.channels.models import Shop
from shipboard.exports import delivery, exports, schedules, vault, writing
from shipboard.exports.delivery import FolderRefused
from shipboard.exports.models import Export, ExportSchedule
from shipboard.exports.schedules import ScheduleRefused
from shipboard.orders.filters import parse
from shipboard.orders.holds import place_hold
from shipboard.orders.models import Order
from tests import make
from tests.exports.conftest import fill

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(days=1)
State = Export.State


def keep(owner: User, **given: Any) -> ExportSchedule:
    values: dict[str, Any] = {
        "name": "Every morning",
        "query": "tab=pending_shipping",
        "layout": "orders",
        "format": "csv",
        "at": time(6),
        "timezone": "UTC",
    }
    made = ExportSchedule(**values | given)
    return schedules.schedule_export(made, access=access_of(owner), now=make.NOW)


def run(now: datetime) -> list[Export]:
    made = schedules.run_due(now)
    for export in made:
        writing.carry_on(export.pk, lambda: now)
        export.refresh_from_db()
    return made


def ids(export: Export) -> list[str]:
    plain = b"".join(vault.unseal(export.key).chunks).decode("utf-8-sig")
    return sorted(word for word in plain.replace(",", " ").split() if word.startswith("576000"))


def numbers(*which: int) -> list[str]:
    return [f"5760000000000{n:05d}" for n in which]


def test_each_time_runs_once_and_a_desk_that_was_off_makes_up_for_the_latest(
    owner: User, shop: Shop
) -> None:
    keep(owner)
    six = datetime(2026, 11, 23, 6, tzinfo=UTC)
    assert run(make.NOW) == run(six - timedelta(minutes=1)) == []
    (first,) = run(six)
    assert (first.slot, first.state, first.orders) == (six, State.DONE, 12)
    assert "Pending shipping" in first.words
    noted = AuditEntry.objects.get(kind="export_scheduled")
    assert (noted.by, noted.subject) == (owner.email, f"export {first.pk}")
    assert noted.detail == {"layout": "orders", "personal_data": False, "schedule": "Every morning"}
    assert run(six) == run(six + timedelta(hours=23)) == []
    (later,) = run(six + 5 * DAY + timedelta(hours=3))
    assert later.slot == six + 5 * DAY
    assert run(six + 5 * DAY + timedelta(hours=4)) == []


def test_many_workers_ask_once(owner: User, shop: Shop) -> None:
    keep(owner)
    six = datetime(2026, 11, 23, 6, tzinfo=UTC)
    gate = threading.Barrier(4)

    def worker() -> None:
        gate.wait()
        schedules.run_due(six)
        connections.close_all()

    workers = [threading.Thread(target=worker) for _ in range(4)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert Export.objects.count() == 1


def test_pause_resume_remove(owner: User, shop: Shop) -> None:
    kept, access = keep(owner), access_of(owner)
    schedules.pause(kept, access=access)
    kept.refresh_from_db()
    assert schedules.next_run(kept, make.NOW) is None
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)
    assert run(noon) == []
    schedules.resume(kept, access=access, now=noon)
    kept.refresh_from_db()
    assert run(noon) == [], "what passed while it was paused is not made up for"
    assert schedules.next_run(kept, noon) == datetime(2026, 11, 25, 6, tzinfo=UTC)
    (made,) = run(noon + DAY)
    schedules.remove(kept, access=access)
    made.refresh_from_db()
    assert (made.schedule, exports.is_offered(made, noon + DAY)) == (None, True)


def test_it_acts_with_what_its_owner_may_then(owner: User, shop: Shop) -> None:
    manager = User.objects.create_user("eve@shop.example", "a long password", role=Role.MANAGER)
    keep(manager, unmasked=True)
    User.objects.filter(pk=manager.pk).update(role=Role.VIEWER)
    (made,) = run(make.NOW + DAY)
    assert made.state == State.FAILED
    assert "does not show buyers' names" in made.problem
    User.objects.filter(pk=manager.pk).update(is_active=False)
    assert run(make.NOW + 2 * DAY) == []
    kept = ExportSchedule.objects.get()
    assert kept.is_paused
    assert "eve@shop.example is closed" in kept.problem
    with pytest.raises(ScheduleRefused):
        schedules.resume(kept, access=access_of(owner), now=make.NOW)


def test_a_period_becomes_days_of_the_filter(owner: User, shop: Shop) -> None:
    keep(owner, timezone="Asia/Bangkok", period="yesterday")
    (made,) = run(datetime(2026, 11, 23, 0, tzinfo=UTC))  # 06:00 was 23:00 UTC the day before
    asked = parse(made.query)
    assert (asked.created_from, asked.created_to) == (date(2026, 11, 22), date(2026, 11, 22))
    assert asked.tab == "pending_shipping"
    assert made.orders == 12
    with pytest.raises(ScheduleRefused, match="Take one of them out"):
        keep(owner, query="created_from=2026-11-01", period="yesterday")


def test_a_filter_that_is_not_understood_any_more_is_said(owner: User, shop: Shop) -> None:
    kept = keep(owner)
    ExportSchedule.objects.filter(pk=kept.pk).update(query="colour=green")
    (made,) = run(make.NOW + DAY)
    assert made.state == State.FAILED
    assert "'colour' is not a filter" in made.problem
    assert run(make.NOW + DAY) == []


def change(*orders: int) -> None:
    Order.objects.filter(order_id__in=numbers(*orders)).update(version=F("version") + 1)


def test_changed_since_misses_nothing_that_commits_late_and_tells_nothing_twice(
    owner: User, shop: Shop
) -> None:
    keep(owner, changed_only=True)
    (first,) = run(make.NOW + DAY)
    assert first.orders == 12
    begun, told, ended = threading.Event(), threading.Event(), threading.Event()

    def slow() -> None:
        """Writes, in a savepoint too, before the second export, and commits after it."""
        with transaction.atomic():
            change(1)
            with transaction.atomic():
                change(2)
            begun.set()
            told.wait(20)
        connections.close_all()
        ended.set()

    writer = threading.Thread(target=slow)
    writer.start()
    begun.wait(20)
    change(3)
    (second,) = run(make.NOW + 2 * DAY)
    assert ids(second) == numbers(3)
    told.set()
    ended.wait(20)
    writer.join()
    change(4)
    (third,) = run(make.NOW + 3 * DAY)
    assert ids(third) == numbers(1, 2, 4)
    (fourth,) = run(make.NOW + 4 * DAY)
    assert (fourth.state, fourth.orders) == (State.DONE, 0)
    change(3)
    (fifth,) = run(make.NOW + 5 * DAY)
    assert ids(fifth) == numbers(3)


def test_an_export_that_failed_moves_no_bookmark(owner: User, shop: Shop) -> None:
    keep(owner, changed_only=True)
    run(make.NOW + DAY)
    change(5)
    (failed,) = schedules.run_due(make.NOW + 2 * DAY)
    Export.objects.filter(pk=failed.pk).update(attempts=writing.MOST_ATTEMPTS)
    writing.carry_on(failed.pk, lambda: make.NOW)
    failed.refresh_from_db()
    assert failed.state == State.FAILED
    change(6)
    (after,) = run(make.NOW + 3 * DAY)
    assert ids(after) == numbers(5, 6)


def test_in_a_copied_database_everything_counts_as_changed(owner: User, shop: Shop) -> None:
    keep(owner, changed_only=True)
    (first,) = run(make.NOW + DAY)
    moved = first.bookmark | {"of": "another 1"}
    Export.objects.filter(pk=first.pk).update(bookmark=moved)
    (second,) = run(make.NOW + 2 * DAY)
    assert second.orders == 12


def test_without_its_schedule_nothing_is_guessed(owner: User, shop: Shop) -> None:
    kept = keep(owner, changed_only=True)
    (made,) = schedules.run_due(make.NOW + DAY)
    schedules.remove(kept, access=access_of(owner))
    writing.carry_on(made.pk, lambda: make.NOW)
    made.refresh_from_db()
    assert made.state == State.FAILED
    assert "not known" in made.problem


def test_delivery_is_whole_plain_and_inside_the_allowed_folder(
    owner: User, shop: Shop, settings: Any, tmp_path: Path
) -> None:
    root = tmp_path / "out"
    (root / "daily").mkdir(parents=True)
    with pytest.raises(FolderRefused, match="SHIPBOARD_EXPORT_FOLDER"):
        keep(owner, folder=str(root / "daily"))
    settings.EXPORT_FOLDER = str(root)
    (root / "away").symlink_to(tmp_path)
    (root / "file").write_text("")
    for folder in (tmp_path, root / "away", root / ".." / "x", root / "none", root / "file"):
        with pytest.raises(FolderRefused):
            keep(owner, folder=str(folder))
    with pytest.raises(FolderRefused, match="from its root on"):
        keep(owner, folder="daily")
    with pytest.raises(ScheduleRefused, match="personal data"):
        keep(owner, folder=str(root / "daily"), unmasked=True)
    keep(owner, folder=str(root / "daily"))
    (made,) = run(make.NOW + DAY)
    (put,) = (root / "daily").iterdir()
    assert put.name == f"every-morning-{made.schedule_id}-20261123T060000Z.csv"
    assert put.stat().st_mode & 0o777 == 0o600
    assert put.read_bytes() == b"".join(vault.unseal(made.key).chunks)
    with delivery.staged(made) as put_again:
        assert len(list((root / "daily").iterdir())) == 2, "beside the whole one"
        put_again()
    assert list((root / "daily").iterdir()) == [put]
    (root / "daily").rename(root / "moved")
    (later,) = run(make.NOW + 2 * DAY)
    assert later.state == State.FAILED
    assert "make it first" in later.problem


def test_the_database_names_itself(owner: User, shop: Shop) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select has_function_privilege('public', 'pg_control_system()', 'execute')")
        assert cursor.fetchone() == (True,), "changed.py reads it as whatever role the desk has"


CLOCK = {
    "held for an hour": {"stage": Stage.ON_HOLD, "hold_ends_at": make.NOW + DAY + make.HOUR},
    "closing": {"stage": Stage.DELIVERED, "closes_at": make.NOW + DAY + make.HOUR},
}


@pytest.mark.parametrize("what", CLOCK)
def test_what_the_clock_makes_of_an_order_is_a_change(owner: User, shop: Shop, what: str) -> None:
    keep(owner, query="", changed_only=True)
    moving = Order.objects.filter(order_id__in=numbers(7))
    moving.update(**CLOCK[what])
    (first,) = run(make.NOW + DAY)
    assert first.orders == 12
    (second,) = run(make.NOW + 2 * DAY)
    assert ids(second) == numbers(7)
    (third,) = run(make.NOW + 3 * DAY)
    assert third.orders == 0


def test_a_hold_that_ends_by_itself_is_a_change(owner: User, shop: Shop) -> None:
    keep(owner, query="", changed_only=True)
    for which, hours in ((1, 30), (2, 60)):
        order = Order.objects.get(order_id=numbers(which)[0])
        until = make.NOW + hours * make.HOUR
        place_hold(order, reason="Address", by="mai@shop.example", now=make.NOW, until=until)
    run(make.NOW + DAY)
    assert [ids(each) for each in run(make.NOW + 2 * DAY)] == [numbers(1)]
    assert [ids(each) for each in run(make.NOW + 3 * DAY)] == [numbers(2)]


def test_what_comes_into_the_filter_by_the_clock_is_new(owner: User, shop: Shop) -> None:
    """Days of a period, deadlines, and shops that its owner sees only since."""
    Order.objects.update(created_at=make.NOW - 9 * make.HOUR)  # 03:00 of the 22nd
    keep(owner, query="", period="yesterday", changed_only=True)
    keep(owner, query="urgency=overdue", changed_only=True)
    Order.objects.filter(order_id__in=numbers(3)).update(ship_by=make.NOW + 20 * make.HOUR)
    far = make.NOW + 30 * DAY
    Order.objects.exclude(order_id__in=numbers(3)).update(ship_by=far, auto_cancel_at=far)
    early = make.NOW.replace(hour=6)
    ExportSchedule.objects.update(counts_from=early - DAY)
    before = run(early)
    assert [each.orders for each in before] == [0, 0]
    yesterday, overdue = run(early + DAY + 3 * make.HOUR)
    assert yesterday.orders == 12
    assert ids(overdue) == numbers(3)
    assert [each.orders for each in run(early + 2 * DAY)] == [0, 0]


def test_a_shop_that_its_owner_may_see_since_is_told_whole(owner: User, shop: Shop) -> None:
    second = fill(make.shop("Southwind"), 3)
    manager = User.objects.create_user("eve@shop.example", "a long password", role=Role.MANAGER)
    manager.sees_all_shops = False
    manager.save()
    manager.shops.set([shop])
    keep(manager, changed_only=True)
    assert [each.orders for each in run(make.NOW + DAY)] == [12]
    manager.shops.set([shop, second])
    assert [each.orders for each in run(make.NOW + 2 * DAY)] == [3]


def test_an_older_time_that_is_tried_again_begins_where_it_would_have(
    owner: User, shop: Shop
) -> None:
    kept = keep(owner, changed_only=True)
    run(make.NOW + DAY)
    change(5)
    (failed,) = schedules.run_due(make.NOW + 2 * DAY)
    Export.objects.filter(pk=failed.pk).update(attempts=writing.MOST_ATTEMPTS)
    writing.carry_on(failed.pk, lambda: make.NOW + 2 * DAY)
    change(6)
    (later,) = run(make.NOW + 3 * DAY)
    assert ids(later) == numbers(5, 6)
    change(7)
    failed.refresh_from_db()
    late = make.NOW + 3 * DAY + make.HOUR
    exports.retry(failed, access=access_of(owner), now=late)
    writing.carry_on(failed.pk, lambda: late)
    failed.refresh_from_db()
    assert ids(failed) == numbers(5, 6, 7)
    change(8)
    (last,) = run(make.NOW + 4 * DAY)
    assert ids(last) == numbers(8), "what the late one told is not told again"
    assert Export.objects.filter(schedule=kept, state=State.DONE).count() == 4


@pytest.fixture
def daily(owner: User, shop: Shop, settings: Any, tmp_path: Path) -> Path:
    """A folder into which a schedule puts its files."""
    folder = tmp_path / "out"
    folder.mkdir()
    settings.EXPORT_FOLDER = str(folder)
    keep(owner, folder=str(folder))
    return folder


def test_canceled_at_the_last_moment_nothing_lies_in_the_folder(
    owner: User, daily: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (made,) = schedules.run_due(make.NOW + DAY)
    size_of = vault.size_of

    def canceled_meanwhile(key: UUID) -> int:
        exports.cancel(made, access=access_of(owner), now=make.NOW + DAY)
        return size_of(key)

    monkeypatch.setattr(vault, "size_of", canceled_meanwhile)
    writing.carry_on(made.pk, lambda: make.NOW + DAY)
    made.refresh_from_db()
    assert made.state == State.CANCELED
    assert list(daily.iterdir()) == []


def test_once_it_is_delivered_nobody_cancels_it(
    owner: User, daily: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (made,) = schedules.run_due(make.NOW + DAY)
    put, late = delivery._put, []

    def cancel() -> None:
        exports.cancel(made, access=access_of(owner), now=make.NOW + DAY)
        connections.close_all()

    def canceled_meanwhile(part: Path, place: Path) -> None:
        put(part, place)
        late.append(threading.Thread(target=cancel))
        late[0].start()
        late[0].join(0.3)
        assert late[0].is_alive(), "it waits for the end of the step"

    monkeypatch.setattr(delivery, "_put", canceled_meanwhile)
    writing.carry_on(made.pk, lambda: make.NOW + DAY)
    late[0].join()
    made.refresh_from_db()
    assert (made.state, made.cancel_asked_at) == (State.DONE, None)
    assert len(list(daily.iterdir())) == 1


def test_killed_while_it_delivers_and_canceled_then_it_takes_the_file_back(
    owner: User, daily: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (made,) = schedules.run_due(make.NOW + DAY)
    put = delivery._put

    class Killed(BaseException):
        pass

    def killed(part: Path, place: Path) -> None:
        put(part, place)
        part.write_text("half")
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(delivery, "_put", killed)
        with pytest.raises(Killed):
            writing.carry_on(made.pk, lambda: make.NOW + DAY)
    assert len(list(daily.iterdir())) == 1
    exports.cancel(made, access=access_of(owner), now=make.NOW + DAY)
    writing.carry_on(made.pk, lambda: make.NOW + DAY)
    made.refresh_from_db()
    assert made.state == State.CANCELED
    assert list(daily.iterdir()) == []
