"""Reading what changed in a shop, page by page, without losing an order that changes meanwhile.

Each poll asks for all that changed between the end of the last one, less an overlap, and now.
Orders come by the time of their last change, the oldest first. One that changes while pages are
read moves to the end, where it is read later or by the next poll, and it leaves a gap before which
all others move up: asking for "page 2" would skip one. So the next page is asked for as the first
page of what changed since the last row read (`reached`); whatever has moved, nothing before that
row is unread. Only when a whole page changed at one instant is the channel's page token used; if
the channel's total changes on the way, that instant is read again from its beginning.

Storing many orders at once is cheaper by far than page by page, so a step asks for several pages,
as long as that is quick, and stores them together. The window's lower end moves along in the same
transaction; a kill costs the pages that were on their way. `seen_until` moves when the window is
done. What the channel lists late, or by a clock that differs from ours, the overlap finds.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.conf import settings
from django.db import connection

from shipboard.channels.contract import (
    CasesPage,
    Channel,
    ChannelFailure,
    FailureKind,
    Heard,
    OrdersPage,
    Stage,
    Stream,
)
from shipboard.channels.models import Shop
from shipboard.ingest.asking import orders_by_id, said_nothing, says_nothing
from shipboard.ingest.cases import Told, by_order
from shipboard.ingest.copying import array
from shipboard.ingest.cursors import cursor_of, note_success
from shipboard.ingest.line import Line, line_of
from shipboard.ingest.models import Cursor
from shipboard.ingest.pages import Taken, take, together
from shipboard.ingest.windows import Pass, Window
from shipboard.orders.stages import RANK

#: After so many failures in a row, an empty answer is believed.
BELIEVED = 3
#: So many pages are stored together, and after so many seconds of asking no further one is asked
#: for: others wait for the line.
TOGETHER = 10
ENOUGH_SECONDS = 1.0
STAGES = 'select order_id, stage from "order" where shop_id = %s and order_id = any(%s::text[])'
OF_CASES = (Stream.CANCELLATIONS, Stream.RETURNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One stream of a shop, read up to `until`, the instant at which the reader began (UTC).
    `clock` gives the present instant."""

    shop: Shop
    stream: Stream
    channel: Channel
    until: datetime
    clock: Callable[[], datetime]
    pass_: Pass = field(default_factory=Pass)

    def step(self) -> tuple[Taken, bool]:
        """Read and store some pages, going on where the last reader stopped, whoever it was. Says
        whether all up to `until` is read. Raises ChannelFailure and LineLost, with everything as
        it was."""
        with line_of(self.shop) as line, without_collector():
            cursor = cursor_of(self.shop, self.stream)
            window = self._window(cursor)
            try:
                return self._read(line, cursor, window)
            except ChannelFailure as failure:
                if not self.pass_.may_begin_again(failure, window.page):
                    raise
                Cursor.objects.filter(pk=cursor.pk).update(page="")
                return Taken(), False

    def _window(self, cursor: Cursor) -> Window:
        """The one that is being read, else a new one. A buyer's request need not count as a change
        of the order, so all that ask are read again each time; they are few, as each must be
        answered within days."""
        if cursor.window_from and cursor.window_until:
            return Window(cursor.window_from, cursor.window_until, cursor.page)
        seen = None if self.stream is Stream.CANCEL_REQUESTS else cursor.seen_until
        if seen is None:
            return Window(self.until - settings.SYNC_LOOK_BACK, self.until)
        return Window(min(seen, self.until) - settings.SYNC_OVERLAP, self.until)

    def _read(self, line: Line, cursor: Cursor, window: Window) -> tuple[Taken, bool]:
        self.pass_.raise_failed(window)
        changed = self._ask(cursor, window)
        following = self._following(window, changed)
        told: Told = {}
        if isinstance(changed, CasesPage):
            told = by_order(changed.cases)
            orders = self._told_of(cursor, list(told))
            page = replace(orders, unheard=(*orders.unheard, *changed.unheard))
        else:
            pages, following = self._more(changed, following)
            page, changed = self._confirmed(together(pages)), pages[-1]

        is_silent = says_nothing(changed)

        def move(taken: Taken) -> Taken:
            _move(cursor, window, following, self.clock(), is_silent=is_silent)
            return taken

        taken = take(line, self.channel, page, self.clock(), told=told, then=move)
        return taken, following is None and window.until >= self.until

    def _more(
        self, page: OrdersPage, following: Window | None
    ) -> tuple[list[OrdersPage], Window | None]:
        """The page and those after it, and what is left then. One that says nothing is not taken:
        it is asked for again in the next step. A failure is raised in the next step. A page with an
        order that cannot be read is the last: only what is told later puts that right."""
        pages, ends = [page], time.monotonic() + ENOUGH_SECONDS
        while following and len(pages) < TOGETHER and time.monotonic() < ends:
            asked = following
            if page.unheard:
                break
            try:
                page = self.channel.changed_orders(
                    self.stream, asked.since, asked.until, asked.page
                )
                if says_nothing(page):
                    break
                following = self._following(asked, page)
            except Exception as failure:
                self.pass_.failed = asked, failure
                break
            pages.append(page)
        return pages, following

    def _ask(self, cursor: Cursor, window: Window) -> OrdersPage | CasesPage:
        """A success without any data may be a slip of the channel, so it is asked again. An empty
        answer to an ordinary poll is then believed for now, and the next poll begins where this one
        did; where a window is read for the first time, only after some tries."""
        page = self._page(window)
        if says_nothing(page):
            page = self._page(window)
        is_ordinary = cursor.seen_until is not None and cursor.window_from is None
        if says_nothing(page) and not is_ordinary and cursor.failures < BELIEVED:
            raise said_nothing(self.stream)
        return page

    def _told_of(self, cursor: Cursor, order_ids: list[str]) -> OrdersPage:
        """The orders of cases; one that its own channel does not know may be a slip as well, and
        with it the case would go, so that is believed after some tries only."""
        page = orders_by_id(self.channel, order_ids)
        named = {each.fact.order_id for each in page.heard}
        named |= {each.order_id for each in page.unheard}
        if not named.issuperset(order_ids) and cursor.failures < BELIEVED:
            raise said_nothing(self.stream)
        return page

    def _page(self, window: Window) -> OrdersPage | CasesPage:
        ask = self.channel.changed_cases if self.stream in OF_CASES else self.channel.changed_orders
        return ask(self.stream, window.since, window.until, window.page)

    def _confirmed(self, page: OrdersPage) -> OrdersPage:
        """What is listed may lag behind what was read of an order by its id a moment ago. So an
        order that a list would take back a step is read by its id before that is believed."""
        doubted = list(self._doubted(page.heard))
        if not doubted:
            return page
        again = {each.fact.order_id: each for each in orders_by_id(self.channel, doubted).heard}
        sure = tuple(again.get(each.fact.order_id, each) for each in page.heard)
        return replace(page, heard=sure)

    def _doubted(self, heard: Sequence[Heard]) -> Iterator[str]:
        """Ids of those that are behind what is stored or what was told of them just before."""
        with connection.cursor() as cursor:
            ids = array(each.fact.order_id for each in heard)
            cursor.execute(STAGES, [self.shop.pk, ids])
            stages = {order_id: Stage(stage) for order_id, stage in cursor.fetchall()}
        for each in heard:
            order_id, stage = each.fact.order_id, each.fact.stage
            if stage is Stage.UNKNOWN:
                continue
            if RANK[stage] < RANK[stages.get(order_id, stage)]:
                yield order_id
            stages[order_id] = stage

    def _following(self, window: Window, page: OrdersPage | CasesPage) -> Window | None:
        """What is left after this page; None after the last."""
        if self.pass_.is_disturbed(page.total, window.page):
            return replace(window, page="")
        if not page.next_page:
            return None
        if page.reached and page.reached > window.since:
            self.pass_.passes = 1
            return Window(page.reached, window.until)
        if page.next_page == window.page:
            raise _goes_in_circles(self.stream)
        return replace(window, page=page.next_page)


@contextmanager
def without_collector() -> Iterator[None]:
    """A thousand orders on their way to the tables are no garbage, and none of them is part of a
    circle; looking through them for some again and again takes longer than to parse them."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _goes_in_circles(stream: Stream) -> ChannelFailure:
    return ChannelFailure(
        FailureKind.FINAL,
        operation=stream.value,
        sentence="The marketplace names the same page as the next one again and again.",
        next_step="It is tried again by itself. If it stays so, tell the marketplace's support.",
    )


def _move(
    cursor: Cursor, window: Window, following: Window | None, now: datetime, *, is_silent: bool
) -> None:
    """What was answered with nothing at all, not even that there is nothing, counts as unread."""
    cursor.tried_at = now
    if following:
        cursor.window_from, cursor.window_until = following.since, following.until
        cursor.page = following.page
    else:
        seen = max(cursor.seen_until or window.since, window.since)
        cursor.seen_until = seen if is_silent else window.until
        cursor.window_from = cursor.window_until = None
        cursor.page = ""
        note_success(cursor, now)
    cursor.save()
