"""A marketplace over a dict of orders, with the worst paging there is: its page tokens are places
in a list that changes while it is read. What happens between calls is up to the test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from shipboard.channels.case_contract import CaseStep
from shipboard.channels.contract import (
    CaseFact,
    CaseKind,
    CasesPage,
    Channel,
    ChannelFailure,
    FailureKind,
    Heard,
    OrdersPage,
    Stage,
    Stream,
    Unheard,
    WarehouseFact,
)
from shipboard.channels.models import App, Connection, Grant, Shop
from shipboard.ingest.models import Cursor
from tests import make

SECRET_WORDS = "Somchai Jaidee, 12 Sukhumvit Road"


def connected_shop(name: str = "Northwind", **given: Any) -> Shop:
    """A shop with a line, connected an hour before make.NOW."""
    shop = make.shop(name, channel="tiktok", remote_id=f"7495{name}", **given)
    app, _ = App.objects.get_or_create(
        channel="tiktok", key="key", defaults={"name": "Ours", "added_at": make.NOW}
    )
    ends = make.NOW + timedelta(days=7)
    grant = Grant.objects.create(
        app=app, open_id=name, access_ends_at=ends, refresh_ends_at=ends, granted_at=make.NOW
    )
    at = make.NOW - make.HOUR
    Connection.objects.create(shop=shop, grant=grant, state_at=at, connected_at=at)
    return shop


def failure(kind: FailureKind, **given: Any) -> ChannelFailure:
    values: dict[str, Any] = {"operation": "search", "sentence": "No.", "next_step": "Wait."}
    return ChannelFailure(kind, **values | given)


@dataclass(kw_only=True)
class Remote:
    """An order over there."""

    order_id: str
    stage: Stage
    changed_at: datetime
    is_asked: bool = False
    is_bad: bool = False
    given: dict[str, Any] = field(default_factory=dict)


class Clock:
    """Moves only when told."""

    def __init__(self) -> None:
        self.now = make.NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **delta: float) -> None:
        self.now += timedelta(**delta)


class FakeChannel(Channel):
    """`before`: called with the name and number of each call before it is answered. `page_size`:
    rows of a page. `tells_reached`: whether pages say how far they go."""

    def __init__(self, clock: Clock, page_size: int = 3) -> None:
        self.clock, self.page_size = clock, page_size
        self.remote: dict[str, Remote] = {}
        self.cases: dict[str, tuple[str, CaseFact, datetime]] = {}
        self.calls: list[tuple[Any, ...]] = []
        self.before: Callable[[str, int], None] = lambda name, number: None
        self.tells_reached = True
        self.refused_tokens: set[str] = set()

    # What happens over there.

    def place(self, order_id: str, stage: Stage = Stage.AWAITING_SHIPMENT, **given: Any) -> None:
        ago = given.pop("ago", timedelta())
        self.remote[order_id] = Remote(
            order_id=order_id, stage=stage, changed_at=self.clock.now - ago, given=given
        )

    def place_many(self, count: int, spread: timedelta = timedelta(minutes=1)) -> None:
        """Orders "0000", "0001", ..., the oldest first, the last one changed just now."""
        for number in range(count):
            self.place(f"{number:04}", ago=(count - 1 - number) * spread)

    def change(self, order_id: str, stage: Stage | None = None, **given: Any) -> None:
        order = self.remote[order_id]
        order.stage = stage or order.stage
        order.given |= given
        order.changed_at = self.clock.now

    def ask_to_cancel(self, order_id: str, case_id: str = "C1") -> None:
        """As TikTok Shop has it: the order's time of change stays."""
        self.remote[order_id].is_asked = True
        self.cases[case_id] = (
            order_id,
            CaseFact(
                kind=CaseKind.CANCELLATION,
                case_id=case_id,
                is_open=True,
                reason="Changed my mind",
                respond_by=make.NOW + 48 * make.HOUR,
            ),
            self.clock.now,
        )

    def ask_back(self, order_id: str, kind: CaseKind, case_id: str = "R1") -> None:
        """A return, refund or replacement that waits."""
        step = {
            CaseKind.RETURN: CaseStep.RETURN,
            CaseKind.REFUND: CaseStep.REFUND,
            CaseKind.REPLACEMENT: CaseStep.REPLACEMENT,
        }[kind]
        case = CaseFact(kind=kind, case_id=case_id, is_open=True, step=step)
        self.cases[case_id] = (order_id, case, self.clock.now)

    def close_case(self, case_id: str, **more: Any) -> None:
        order_id, case, _ = self.cases[case_id]
        over = replace(case, is_open=False, step=CaseStep.NOTHING, **more)
        self.cases[case_id] = (order_id, over, self.clock.now)
        self.remote[order_id].is_asked = False

    # What the desk may ask.

    def changed_orders(
        self, stream: Stream, since: datetime, until: datetime, page: str = ""
    ) -> OrdersPage:
        self._called("changed_orders", stream, since, until, page)
        rows = [each for each in self.remote.values() if since <= each.changed_at <= until]
        if stream is Stream.CANCEL_REQUESTS:
            rows = [each for each in rows if each.is_asked]
        rows.sort(key=lambda each: (each.changed_at, each.order_id))
        start = self._start(page)
        told = rows[start : start + self.page_size]
        end = start + self.page_size
        return replace(
            self._page(told),
            next_page=str(end) if end < len(rows) else "",
            total=len(rows),
            reached=told[-1].changed_at if told and self.tells_reached else None,
        )

    def changed_cases(
        self, stream: Stream, since: datetime, until: datetime, page: str = ""
    ) -> CasesPage:
        self._called("changed_cases", stream, since, until, page)
        is_cancellation = stream is Stream.CANCELLATIONS
        rows = sorted(
            (at, case.case_id, order_id, case)
            for order_id, case, at in self.cases.values()
            if since <= at <= until and (case.kind is CaseKind.CANCELLATION) == is_cancellation
        )
        start = self._start(page)
        told, end = rows[start : start + self.page_size], start + self.page_size
        return CasesPage(
            cases=tuple((order_id, case) for _, _, order_id, case in told),
            next_page=str(end) if end < len(rows) else "",
            total=len(rows),
            reached=told[-1][0] if told and self.tells_reached else None,
        )

    def cases_of(
        self, order_ids: Sequence[str], stream: Stream = Stream.CANCELLATIONS
    ) -> CasesPage:
        self._called("cases_of", tuple(order_ids))
        is_cancellation = stream is Stream.CANCELLATIONS
        return CasesPage(
            cases=tuple(
                (order_id, case)
                for order_id, case, _ in self.cases.values()
                if order_id in order_ids and (case.kind is CaseKind.CANCELLATION) == is_cancellation
            )
        )

    def orders(
        self, order_ids: Sequence[str], cases: Mapping[str, Sequence[CaseFact]] | None = None
    ) -> OrdersPage:
        assert len(order_ids) <= 50
        self._called("orders", tuple(order_ids))
        return self._page([self.remote[each] for each in order_ids if each in self.remote])

    def warehouses(self) -> tuple[WarehouseFact, ...]:
        self._called("warehouses")
        return ()

    def _called(self, name: str, *arguments: Any) -> None:
        self.calls.append((name, *arguments))
        self.before(name, len(self.calls))

    def _start(self, page: str) -> int:
        if page in self.refused_tokens:
            raise failure(FailureKind.FINAL, sentence="That page is not known.")
        return int(page or 0)

    def _page(self, rows: Sequence[Remote]) -> OrdersPage:
        return OrdersPage(
            heard=tuple(self._heard(each) for each in rows if not each.is_bad),
            unheard=tuple(
                Unheard(order_id=each.order_id, reason="It has no lines.", payload=SECRET_WORDS)
                for each in rows
                if each.is_bad
            ),
        )

    def _heard(self, order: Remote) -> Heard:
        flag = (CaseFact(kind=CaseKind.CANCELLATION, is_open=True),) if order.is_asked else ()
        fact = make.order(
            order.order_id,
            **{
                "stage": order.stage,
                "as_of": self.clock.now,
                "cases": flag,
                "recipient": {"name": SECRET_WORDS},
                **order.given,
            },
        )
        payload = f"{order.order_id} {order.stage} {SECRET_WORDS}"
        return Heard(fact=fact, payload=payload, changed_at=order.changed_at)


def cursor(shop: Shop, stream: str = Stream.ORDERS) -> Cursor:
    return Cursor.objects.get(shop=shop, stream=stream)


@contextmanager
def before(channel: FakeChannel, name: str, act: Callable[[], None]) -> Iterator[None]:
    """`act` once, before the next call of that name is answered."""
    acted = []

    def once(called: str, number: int) -> None:
        if called == name and not acted:
            acted.append(number)
            act()

    channel.before = once
    yield
    channel.before = lambda name, number: None
    assert acted, f"{name} was never called"
