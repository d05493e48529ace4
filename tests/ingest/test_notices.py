"""ingest/watching and notices: what is wrong with a shop's line is said once while it lasts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from shipboard.channels.contract import SET_CLOCK, FailureKind, Stream
from shipboard.channels.models import Connection, Grant, Shop
from shipboard.ingest import findings, inbox, notices, watching
from shipboard.ingest.cursors import cursor_of, note_failure, note_success
from shipboard.ingest.findings import Kind
from shipboard.ingest.models import Hook, Notice
from shipboard.ingest.notices import About, Trouble
from tests import make
from tests.ingest.fake_channel import connected_shop, failure

MINUTE = timedelta(minutes=1)


@pytest.fixture
def well(shop: Shop) -> Shop:
    """Read just now, with access for a year."""
    Grant.objects.update(refresh_ends_at=make.NOW + timedelta(days=365))
    cursor = cursor_of(shop, Stream.ORDERS)
    note_success(cursor, make.NOW)
    cursor.save()
    return shop


def said(after: timedelta = timedelta()) -> dict[str, str]:
    watching.watch(make.NOW + after, make.NOW + after)
    standing = Notice.objects.filter(over_at=None)
    return {notice.about: f"{notice.sentence} {notice.next_step}" for notice in standing}


def test_a_shop_that_is_well_has_none(well: Shop) -> None:
    assert said() == {}


def test_stale_data_is_said_once_and_over_when_it_is_read(well: Shop) -> None:
    assert said(14 * MINUTE) == {}
    assert "last read to the end at 2026-11-22 12:00 UTC" in said(15 * MINUTE)["stale"]
    said(16 * MINUTE)
    assert Notice.objects.count() == 1
    cursor = cursor_of(well, Stream.ORDERS)
    note_success(cursor, make.NOW + 17 * MINUTE)
    cursor.save()
    assert said(17 * MINUTE) == {}
    assert Notice.objects.get().over_at == make.NOW + 17 * MINUTE
    assert "stale" in said(40 * MINUTE)
    assert Notice.objects.count() == 2


def test_why_it_is_stale_is_said(well: Shop) -> None:
    note_failure(well, Stream.ORDERS, failure(FailureKind.SCOPE, sentence="No scope."), make.NOW)
    assert said(15 * MINUTE)["stale"].endswith("UTC. No scope. Wait.")


def no_access(shop: Shop) -> None:
    Grant.objects.update(ended_at=make.NOW, problem="The seller withdrew it.")


def locked_out(shop: Shop) -> None:
    refused = failure(FailureKind.AUTH, sentence="Key refused.")
    note_failure(shop, Stream.RETURNS, refused, make.NOW)


def ends_soon(shop: Shop) -> None:
    Grant.objects.update(refresh_ends_at=make.NOW + timedelta(days=30))


def told_of_the_end(shop: Shop) -> None:
    sentence = "This desk's access ends on 2026-12-01."
    Grant.objects.update(granted_at=make.NOW - make.HOUR)
    Hook.objects.create(
        channel="tiktok",
        shop=shop,
        received_at=make.NOW,
        state=Hook.State.DONE,
        body=b"",
        sha256=b"",
        key="1",
        notice=sentence,
    )


def wrong_clock(shop: Shop) -> None:
    off = failure(FailureKind.TRANSIENT, sentence="5 minutes ahead.", next_step=SET_CLOCK)
    note_failure(shop, Stream.ORDERS, off, make.NOW)


def unsigned(shop: Shop) -> None:
    inbox._note_strange("tiktok", shop, Hook.State.UNSIGNED, 2, b"{}", "No.", make.NOW)


def too_big(shop: Shop) -> None:
    inbox.refuse_big("tiktok", 20_000_000, make.NOW)


def many_unreadable(shop: Shop) -> None:
    ids = [str(number) for number in range(10)]
    found = [findings.Found(Kind.UNREADABLE_ORDER, each, "No lines.", "") for each in ids]
    findings.note(shop, found, make.NOW)


def test_a_missed_change_or_two_are_no_alarm(well: Shop) -> None:
    findings.note(well, findings.plain(Kind.MISSED_CHANGE, ["1", "2"]), make.NOW)
    assert said() == {}


def missed(shop: Shop) -> None:
    findings.note(shop, findings.plain(Kind.MISSED_CHANGE, [str(n) for n in range(20)]), make.NOW)


@pytest.mark.parametrize(
    ("so", "about", "words"),
    [
        (no_access, About.RECONNECT, "Northwind: The seller withdrew it. Connect the shop again"),
        (locked_out, About.RECONNECT, "Northwind: Key refused. Wait."),
        (ends_soon, About.EXPIRING, "ends on 2026-12-22 12:00 UTC. Connect the shop again"),
        (told_of_the_end, About.EXPIRING, "Northwind: This desk's access ends on 2026-12-01."),
        (wrong_clock, About.CLOCK, f"Northwind: 5 minutes ahead. {SET_CLOCK}"),
        (unsigned, About.HOOKS_UNSIGNED, "signature that does not fit"),
        (too_big, About.HOOKS_TOO_BIG, "was too big to be read"),
        (many_unreadable, About.UNREADABLE, "10 orders of Northwind or more"),
        (missed, About.MISSED, "nothing had told of"),
    ],
)
def test_each_trouble_in_words(
    well: Shop, so: Callable[[Shop], None], about: About, words: str
) -> None:
    so(well)
    found = said(MINUTE)
    assert list(found) == [about]
    assert words in found[about]


def test_what_is_of_a_while_ago_is_over(well: Shop) -> None:
    for so in (unsigned, too_big, missed):
        so(well)
    assert len(said(MINUTE)) == 3
    cursor = cursor_of(well, Stream.ORDERS)
    note_success(cursor, make.NOW + timedelta(hours=25))
    cursor.save()
    assert said(timedelta(hours=25)) == {}


def test_a_paused_shop_is_not_called_stale(well: Shop) -> None:
    Connection.objects.update(state=Connection.State.PAUSED)
    assert said(timedelta(hours=3)) == {}


def test_with_the_connection_its_notices_end(well: Shop) -> None:
    no_access(well)
    other = connected_shop("Southwind")
    note_failure(other, Stream.ORDERS, failure(FailureKind.AUTH), make.NOW)
    said()
    Connection.objects.filter(shop=well).update(state=Connection.State.OFF)
    said()
    standing = Notice.objects.filter(over_at=None)
    assert [notice.shop for notice in standing] == [other]


def test_strangers_of_another_shop_are_not_this_shops(well: Shop) -> None:
    unsigned(connected_shop("Southwind"))
    assert About.HOOKS_UNSIGNED in said()
    assert not Notice.objects.filter(shop=well).exists()


def test_begin_says_whether_it_is_new(shop: Shop) -> None:
    trouble = Trouble("It is so.", "Do that.")
    assert notices.begin(shop, About.CLOCK, trouble, make.NOW)
    assert not notices.begin(shop, About.CLOCK, Trouble("Still."), make.NOW + MINUTE)
    assert notices.over(shop, [About.CLOCK, About.STALE], make.NOW + MINUTE) == 1
    assert notices.over(shop, [About.CLOCK], make.NOW + MINUTE) == 0
    assert notices.forget_old(make.NOW + timedelta(days=90)) == 0
    assert notices.forget_old(make.NOW + timedelta(days=91)) == 1
