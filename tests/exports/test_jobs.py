"""An export from asking to its end: once, whole or not at all, whatever dies in between."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

import pytest
from django.db import connection, connections

from shipboard.accounts.access import Access, NotAllowed, access_of
from shipboard.accounts.models import AuditEntry, User
from shipboard.accounts.roles import Role
from shipboard.channels.contract import Stage
from shipboard.channels.models import Shop
from shipboard.exports import exports, vault, writing
from shipboard.exports.models import Export
from shipboard.exports.write import Canceled, Wanted, Written
from shipboard.fulfilment.selection import Selection
from shipboard.ingest.removal import remove_shop
from shipboard.orders.filters import parse
from shipboard.orders.models import Order
from tests import make
from tests.exports.conftest import fill

pytestmark = pytest.mark.django_db(transaction=True)

State = Export.State


def wanted(query: str = "", **given: Any) -> Wanted:
    selection = given.pop("selection", None) or Selection(0, filter=parse(query))
    return Wanted(selection=selection, **{"layout": "orders", "format": "csv"} | given)


def ask(owner: User, of: Wanted | None = None, **given: Any) -> Export:
    values = {"key": uuid4(), "access": access_of(owner), "now": make.NOW} | given
    return exports.begin(of or wanted(), **values)


def carry_on(export: Export) -> Export:
    writing.carry_on(export.pk, lambda: make.NOW)
    export.refresh_from_db()
    return export


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def content(export: Export) -> bytes:
    return b"".join(vault.unseal(export.key).chunks)


def test_from_asking_to_the_file(owner: User, shop: Shop, exports_folder: Path) -> None:
    export = ask(owner)
    assert (export.state, export.orders, export.rows_planned) == (State.WAITING, 12, 12)
    assert not exports.is_offered(export, make.NOW)
    export = carry_on(export)
    assert (export.state, export.rows, export.problem) == (State.DONE, 12, "")
    plain = content(export)
    assert hashlib.sha256(plain).hexdigest() == export.sha256
    assert export.size == len(plain)
    assert plain.count(b"57600000000000") == 12
    assert files(exports_folder) == [export.key.hex]
    assert export.shop_ids == [shop.pk]
    assert export.expires_at == make.NOW + timedelta(days=7)


def test_the_same_form_twice_is_one_export(owner: User, shop: Shop) -> None:
    key = uuid4()
    assert ask(owner, key=key).pk == ask(owner, key=key).pk
    assert Export.objects.count() == 1
    stranger = User.objects.create_user("ben@shop.example", "a long password", role=Role.VIEWER)
    with pytest.raises(exports.NotOffered, match="somebody else already"):
        ask(stranger, key=key)


def test_nothing_is_made_of_nothing(owner: User, shop: Shop, exports_folder: Path) -> None:
    with pytest.raises(exports.NothingToExport):
        ask(owner, wanted("tab=canceled"))
    export = ask(owner)
    Order.objects.update(stage=Stage.CANCELED)
    Export.objects.filter(pk=export.pk).update(query="tab=pending_shipping")
    export = carry_on(export)
    assert (export.state, export.orders) == (State.DONE, 0)
    assert not exports.is_offered(export, make.NOW)
    assert files(exports_folder) == []


def test_a_choice_is_frozen_and_never_widens(owner: User, shop: Shop) -> None:
    pks = tuple(Order.objects.order_by("pk").values_list("pk", flat=True)[:3])
    export = ask(owner, wanted(selection=Selection(3, pks=pks)))
    export = carry_on(export)
    assert (export.orders, content(export).count(b"57600000000000")) == (3, 3)
    exports.purge(make.NOW + timedelta(days=8))
    Export.objects.filter(pk=export.pk).update(state=State.FAILED)
    with pytest.raises(exports.NotOffered):
        exports.retry(export, access=access_of(owner), now=make.NOW)
    Export.objects.filter(pk=export.pk).update(state=State.WAITING)
    assert carry_on(export).orders == 0


def broken(problem: BaseException) -> Callable[..., Written]:
    """A writer that writes a part of the file, then breaks."""

    def write(wanted: Wanted, access: Access, now: object, out: BinaryIO, *_: object) -> Written:
        out.write(b"half a file" * 20_000)
        raise problem

    return write


def test_a_failure_says_why_and_can_be_tried_again(
    owner: User, shop: Shop, exports_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = ask(owner)
    with monkeypatch.context() as patched:
        patched.setattr(writing, "write", broken(OSError(28, "No space left on device")))
        export = carry_on(export)
        assert export.state == State.FAILED
        assert "No space left on device" in export.problem
        assert files(exports_folder) == []
        patched.setattr(writing, "write", broken(RuntimeError("Jane Roe, 1 High Street")))
        exports.retry(export, access=access_of(owner), now=make.NOW)
        export = carry_on(export)
        assert (export.state, export.problem) == (State.FAILED, writing.BROKE)
    exports.retry(export, access=access_of(owner), now=make.NOW)
    assert carry_on(export).state == State.DONE
    with pytest.raises(exports.NothingToRetry):
        exports.retry(export, access=access_of(owner), now=make.NOW)


class Killed(BaseException):
    """As good as kill -9: nothing catches it but the interpreter's end."""


STEPS = ["write", "size_of", "rename", "told", "end"]


@pytest.mark.parametrize("step", STEPS)
def test_cut_short_at_any_step_it_is_written_anew(
    owner: User, shop: Shop, exports_folder: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    export = ask(owner)

    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        places: dict[str, tuple[Any, str, Any]] = {
            "write": (writing, "write", broken(Killed())),
            "size_of": (vault, "size_of", die),
            "rename": (Path, "rename", die),
            "told": (writing._Teller, "_say", die),
            "end": (writing, "_end", die),
        }
        patched.setattr(*places[step])
        with pytest.raises(Killed):
            carry_on(export)
    export.refresh_from_db()
    assert export.state == State.RUNNING
    assert not exports.is_offered(export, make.NOW)
    exports.purge(make.NOW)
    writing.resume()
    export = carry_on(export)
    assert (export.state, export.attempts, export.orders) == (State.DONE, 2, 12)
    assert content(export).count(b"57600000000000") == 12
    assert files(exports_folder) == [export.key.hex]


def test_a_real_kill_in_the_middle(owner: User, shop: Shop, exports_folder: Path) -> None:
    export = ask(owner)
    name = connection.settings_dict["NAME"]
    program = f"""
        import os, time
        from django.conf import settings
        import django
        django.setup()
        settings.DATABASES["default"]["NAME"] = {name!r}
        from pathlib import Path
        from django.db import connections
        connections["default"].settings_dict["NAME"] = {name!r}
        settings.EXPORTS = Path({str(exports_folder)!r})
        from shipboard import clock
        from shipboard.exports import writing
        def write(wanted, access, now, out, told, is_canceled):
            out.write(b"x" * 500_000)
            told(1)
            print("half", flush=True)
            time.sleep(60)
        writing.write = write
        writing.carry_on({export.pk}, clock.now)
    """
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "shipboard.settings"},
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "half\n"
    assert files(exports_folder) == [f"{export.key.hex}.part"]
    assert carry_on(export).state == State.RUNNING, "another writer has it"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    deadline = time.monotonic() + 20
    while carry_on(export).state != State.DONE and time.monotonic() < deadline:
        time.sleep(0.1)  # until PostgreSQL has noticed that its client is gone
    assert (export.state, export.rows) == (State.DONE, 12)
    assert files(exports_folder) == [export.key.hex]


def test_it_is_not_begun_again_for_ever(owner: User, shop: Shop) -> None:
    export = ask(owner)
    Export.objects.update(state=State.RUNNING, attempts=writing.MOST_ATTEMPTS)
    export = carry_on(export)
    assert export.state == State.FAILED
    assert "5 times" in export.problem


def test_cancel_before_and_while_it_is_written(
    owner: User, shop: Shop, exports_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = ask(owner)
    exports.cancel(waiting, access=access_of(owner), now=make.NOW)
    assert carry_on(waiting).state == State.CANCELED
    export = ask(owner)
    took: list[float] = []

    def write(
        wanted: Wanted, access: Access, now: object, out: BinaryIO, told: Any, is_canceled: Any
    ) -> Written:
        asked = threading.Event()
        threading.Thread(target=cancel_elsewhere, args=(export, owner, asked)).start()
        asked.wait(10)
        begun = time.monotonic()
        for rows in range(10_000):
            out.write(b"a row\n")
            told(rows)
            if is_canceled():
                took.append(time.monotonic() - begun)
                raise Canceled
            time.sleep(0.01)
        raise AssertionError("never heard of it")

    monkeypatch.setattr(writing, "write", write)
    export = carry_on(export)
    assert export.state == State.CANCELED
    assert took[0] < 2
    assert files(exports_folder) == []
    assert Export.objects.get(pk=export.pk).rows >= 0


def cancel_elsewhere(export: Export, owner: User, asked: threading.Event) -> None:
    exports.cancel(export, access=access_of(owner), now=make.NOW)
    asked.set()
    connections.close_all()


def test_progress_is_seen_by_others_while_it_is_written(
    owner: User, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "PACE", 0)
    export, real, seen = ask(owner), writing.write, []

    def write(*given: Any) -> Written:
        given[4](7)
        seen.extend(Export.objects.values_list("state", "rows"))
        return real(*given)

    monkeypatch.setattr(writing, "write", write)
    assert carry_on(export).rows == 12
    assert seen == [(State.RUNNING, 7)]


def test_whoever_lost_a_right_exports_no_more_by_it(owner: User, shop: Shop) -> None:
    manager = User.objects.create_user("eve@shop.example", "a long password", role=Role.MANAGER)
    unmasked, masked = (ask(manager, wanted(unmasked=which)) for which in (True, False))
    User.objects.filter(pk=manager.pk).update(role=Role.PACKER)
    assert carry_on(unmasked).state == State.FAILED
    assert carry_on(masked).state == State.DONE
    left = ask(owner)
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert "closed" in carry_on(left).problem
    packer = User.objects.get(pk=manager.pk)
    with pytest.raises(NotAllowed):
        ask(packer, wanted(unmasked=True))


def test_who_may_take_a_file(owner: User, shop: Shop) -> None:
    other = fill(make.shop("Southwind"), 3)
    manager = User.objects.create_user("eve@shop.example", "a long password", role=Role.MANAGER)
    export = carry_on(ask(manager, wanted(unmasked=True)))

    def take(person: User) -> bytes:
        opened = exports.take(export, access=access_of(person), now=make.NOW)
        return b"".join(opened.chunks)

    assert take(manager) == take(owner) == content(export)
    export.refresh_from_db()
    assert [each["by"] for each in export.downloads] == [manager.email, owner.email]
    assert AuditEntry.objects.filter(kind="export_taken", detail__personal_data=True).count() == 2
    stranger = User.objects.create_user("ben@shop.example", "a long password", role=Role.MANAGER)
    with pytest.raises(NotAllowed):
        take(stranger)
    manager.sees_all_shops = False
    manager.save()
    manager.shops.set([shop])
    with pytest.raises(NotAllowed, match="not open to you any more"):
        take(manager)
    manager.shops.set([shop, other])
    assert take(manager)
    User.objects.filter(pk=manager.pk).update(role=Role.PACKER)
    with pytest.raises(NotAllowed):
        take(User.objects.get(pk=manager.pk))


def test_files_go_after_seven_days_and_with_their_shop(
    owner: User, shop: Shop, exports_folder: Path
) -> None:
    export = carry_on(ask(owner))
    late = make.NOW + timedelta(days=7)
    with pytest.raises(exports.NotOffered):
        exports.take(export, access=access_of(owner), now=late)
    vault.place(export.key).with_name("notes.txt").write_text("of somebody else")
    exports.purge(late - timedelta(seconds=1))
    assert export.key.hex in files(exports_folder)
    exports.purge(late)
    assert files(exports_folder) == ["notes.txt"]
    second = carry_on(ask(owner))
    remove_shop(shop)
    with pytest.raises(NotAllowed):
        exports.take(second, access=access_of(owner), now=make.NOW)
    exports.purge(make.NOW)
    assert files(exports_folder) == ["notes.txt"]


def test_a_purge_leaves_what_is_being_written(owner: User, shop: Shop) -> None:
    export = ask(owner)
    Export.objects.update(state=State.RUNNING)
    with vault.sealed(export.key) as out:
        out.write(b"so far")
        exports.purge(make.NOW)
    assert content(export) == b"so far"


def test_a_damaged_file_is_not_handed_out(owner: User, shop: Shop) -> None:
    export = carry_on(ask(owner))
    place = vault.place(export.key)
    place.write_bytes(place.read_bytes()[:-1])
    with pytest.raises(vault.Damaged):
        exports.take(export, access=access_of(owner), now=make.NOW)
    export.refresh_from_db()
    assert export.downloads == []
