"""The outbox on screen: what leaves when, shop by shop, why it does not, taking it back; and the
slim bar over the list that says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from shipboard import clock
from shipboard.accounts import audit
from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.channels.models import Shop
from shipboard.desk.attempt_words import counted
from shipboard.desk.attempts import Blocked, Shown, blocked, going, marketplace, shown
from shipboard.desk.door import access_for, needs
from shipboard.fulfilment import outbox as waiting
from shipboard.fulfilment.models import Run, RunRow
from shipboard.orders.attempts import Attempt
from shipboard.orders.filters import OrderFilter
from shipboard.orders.queries import in_view, visible_shops

#: So many of a shop's shipments are listed; the rest are counted.
LISTED = 100
#: So many orders are named of what was taken back; the rest are counted.
NAMED = 5
#: What was refused longer ago stands on its order only.
REFUSED_FOR = timedelta(days=1)
#: In the session: the newest refused attempt that the reader has seen.
SEEN = "refused_seen"
State = Attempt.State
PAUSED = RunRow.objects.filter(attempt=OuterRef("pk"), run__state=Run.State.PAUSED)


@dataclass(frozen=True)
class OfShop:
    """A shop with something in its outbox. `seconds`: until the first leaves; None: none waits."""

    shop: Shop
    marketplace: str
    rows: list[Shown]
    paused: frozenset[int]
    waiting: int
    sending: int
    asking: int
    seconds: int | None
    blocked: Blocked | None

    @property
    def total(self) -> int:
        return self.waiting + self.sending + self.asking


@require_safe
@never_cache
def outbox(request: HttpRequest) -> HttpResponse:
    """GET /outbox/. Whoever has looked at it knows what came back refused."""
    shops, now, wall = _shops(access_for(request)), clock.now(), clock.wall()
    refused = list(refused_since(now - REFUSED_FOR).filter(shop__in=shops)[:LISTED])
    if refused:
        request.session[SEEN] = max(each.pk for each in refused)
    recorded = Attempt.objects.filter(shop__in=shops, state=State.RECORDED, handed_over_at=None)
    recorded = recorded.filter(kind=Attempt.Kind.SHIP)
    context = {
        "of_shops": list(_of_shops(shops, now, wall)),
        "recorded": recorded.count(),
        "refused": [shown(each, wall) for each in refused],
        "at": now,
    }
    return render(request, "outbox.html", context)


def refused_since(since: datetime) -> QuerySet[Attempt]:
    """What was asked for one by one and came to nothing since, the latest first: a run's page tells
    of its own."""
    found = Attempt.objects.filter(state=State.REFUSED, is_bulk=False, ended_at__gt=since)
    return found.select_related("order", "shop").order_by("-ended_at", "-pk")


def own_refused(request: HttpRequest) -> list[Attempt]:
    """The reader's own that were refused, and that they have not seen in the outbox since."""
    found = refused_since(clock.now() - REFUSED_FOR).filter(person=request.user.pk)
    return list(found.filter(pk__gt=request.session.get(SEEN, 0))[:3])


def _shops(access: Access) -> list[Shop]:
    """Those whose shipments stand together: the demo's never beside real ones."""
    return in_view(OrderFilter(), list(visible_shops(access)))


def _of_shops(shops: list[Shop], now: datetime, wall: datetime) -> Iterable[OfShop]:
    counted = _counted(shops)
    stopped = blocked((shop for shop in shops if shop.pk in counted), now, wall)
    for shop in shops:
        if counts := counted.get(shop.pk):
            here = Attempt.objects.filter(going(), shop=shop).select_related("order", "shop")
            rows = list(here.annotate(is_paused=Exists(PAUSED)).order_by("due_at", "pk")[:LISTED])
            first = counts["first"]
            yield OfShop(
                shop,
                marketplace(shop),
                [shown(row, wall) for row in rows],
                frozenset(row.pk for row in rows if row.is_paused),
                counts["waits"],
                counts["calls"],
                counts["asks"],
                max(0, int((first - wall).total_seconds())) if first else None,
                stopped.get(shop.pk),
            )


def _counted(shops: list[Shop]) -> dict[int, dict[str, Any]]:
    waits = Q(state=State.WAITING)
    rows = (
        Attempt.objects.filter(going(), shop__in=shops)
        .values("shop")
        .annotate(
            waits=Count("pk", filter=waits),
            calls=Count("pk", filter=Q(state=State.CALLING)),
            asks=Count("pk", filter=Q(state=State.UNKNOWN)),
            first=Min("due_at", filter=waits),
        )
    )
    return {row["shop"]: dict(row) for row in rows.order_by()}


@require_POST
@needs(Right.WORK)
def undo_many(request: HttpRequest) -> HttpResponse:
    """POST /outbox/undo/ with attempt=<pk>, once for each, or all=yes[&shop=slug]: what has not
    left is taken back."""
    access, given = access_for(request), request.POST
    shops = _shops(access)
    if given.get("all") == "yes":
        slug = given.get("shop", "")
        of = [shop for shop in shops if slug in ("", shop.slug)]
        chosen = Attempt.objects.filter(shop__in=of)
    else:
        pks = [int(pk) for pk in given.getlist("attempt") if pk.isdecimal() and len(pk) < 19]
        chosen = Attempt.objects.filter(shop__in=shops, pk__in=pks)
    asked = list(chosen.filter(state=State.WAITING).values_list("pk", flat=True))
    done = waiting.revoke_all(chosen, access=access, now=clock.now())
    if done:
        audit.note(access.by, "shipments_undone", "", shipments=done)
    _say(request, asked)
    return redirect("outbox")


def _say(request: HttpRequest, asked: list[int]) -> None:
    """`asked`: keys of those that waited just before they were taken back."""
    if not asked:
        messages.info(request, "Nothing was taken back: nothing that was chosen still waits.")
        return
    taken = Attempt.objects.filter(pk__in=asked, state=State.REVOKED).order_by("pk")
    rows = list(taken.values_list("kind", "order__order_id"))
    said = []
    if rows:
        numbers = list(dict.fromkeys(number for _, number in rows))
        more = f" and {len(numbers) - NAMED:,} more" if len(numbers) > NAMED else ""
        of = f"order{'' if len(numbers) == 1 else 's'} {', '.join(numbers[:NAMED])}{more}"
        said.append(f"Taken back: {counted(Counter(kind for kind, _ in rows))} ({of}).")
    if left := len(asked) - len(rows):
        said.append(f"{left:,} had just left.")
    messages.success(request, " ".join(said))


@dataclass(frozen=True)
class Bar:
    """What is in the outboxes: how many wait, how many are on their way out, both by kind in words,
    until when the first can be undone, and since when a marketplace cannot be reached."""

    waiting: int = 0
    leaving: int = 0
    waiting_words: str = ""
    leaving_words: str = ""
    words: str = ""
    seconds: int | None = None
    blocked_at: datetime | None = None
    marketplace: str = ""

    @property
    def total(self) -> int:
        return self.waiting + self.leaving


def bar_of(shops: Iterable[Shop], wall: datetime) -> Bar:
    """One query. `shops`: all that the reader sees together; `wall`: real time."""
    shops = in_view(OrderFilter(), list(shops))
    waits = Q(state=State.WAITING)
    kinds = Attempt.objects.filter(going(), shop__in=shops).values("kind").order_by()
    rows = list(
        kinds.annotate(
            waiting=Count("pk", filter=waits),
            all=Count("pk"),
            first=Min("due_at", filter=waits),
            blocked_at=Min("shop__sending__blocked_at"),
            blocked_shop=Min("shop", filter=~Q(shop__sending__blocked_at=None)),
        )
    )
    everything = {row["kind"]: row["all"] for row in rows}
    waits_by_kind = {row["kind"]: row["waiting"] for row in rows}
    leaving = {kind: many - waits_by_kind[kind] for kind, many in everything.items()}
    first = _least(rows, "first")
    blocked_shop = _least(rows, "blocked_shop")
    stopped = next((shop for shop in shops if shop.pk == blocked_shop), None)
    return Bar(
        sum(waits_by_kind.values()),
        sum(leaving.values()),
        counted(waits_by_kind),
        counted(leaving),
        counted(everything),
        max(0, int((first - wall).total_seconds())) if first else None,
        _least(rows, "blocked_at"),
        marketplace(stopped) if stopped else "",
    )


def _least(rows: Iterable[Mapping[str, Any]], name: str) -> Any:
    return min((row[name] for row in rows if row[name] is not None), default=None)
