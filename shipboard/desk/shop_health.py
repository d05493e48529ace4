"""The health of a shop: how old its data is, what its line to the marketplace does and why it
waits, what was repaired and what needs a human. Of a shop of files: its imports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from shipboard import clock
from shipboard.accounts.roles import Right
from shipboard.channels import registry
from shipboard.channels.condition import condition_of
from shipboard.channels.contract import ChannelFailure, Shipping, Stream
from shipboard.channels.models import Connection, Shop
from shipboard.channels.registry import NotConnected
from shipboard.desk.ages import ages, facts_of_orders
from shipboard.desk.door import access_for, needs
from shipboard.desk.health import NONE, wrong_with_worker
from shipboard.ingest import notices, schedule, vitals
from shipboard.ingest.models import Finding, Hook, OrderImport
from shipboard.ingest.reconcile import RECONCILE
from shipboard.ingest.vitals import StreamState
from shipboard.orders.queries import visible_shops

STOP_POLLING = 286  # htmx's own status: swap, and poll no more
SHOWN = 50
REPAIRED_SHOWN = 20
#: A worker takes a job up at once; after so long there is none.
NO_WORKER = timedelta(seconds=20)
WORKER = "No worker has taken it up yet. Is `shipboard worker` running? `shipboard doctor` tells."
SYNC, REREAD = "sync", "reread"
DONE = {SYNC: "All is read to the present.", REREAD: "All open orders were read again."}
CALM = (Hook.State.NEW, Hook.State.DONE, Hook.State.SET_ASIDE)
ODD = [state.value for state in Hook.State if state not in CALM]

#: What to do about a finding, besides what its sentence says.
STEPS: Mapping[str, str] = {
    Finding.Kind.UNREADABLE_ORDER: "Handle the order at the marketplace meanwhile. It is read "
    "again each night and with every change; if it stays, report it with the call log.",
    Finding.Kind.UNKNOWN_STATUS: "Look at the order at the marketplace; here it counts under "
    "Processing, and takes notes and flags only. A newer Shipboard may know the status.",
    Finding.Kind.GONE: "If it is not there, put a note on it here and settle this.",
}


@dataclass(frozen=True)
class Trouble:
    """Something that is wrong with the line now."""

    sentence: str
    next_step: str


@dataclass(frozen=True)
class Outcome:
    """What came of what somebody asked for on this page."""

    sentence: str
    is_over: bool
    is_bad: bool = False


@never_cache
@require_safe
def health(request: HttpRequest, slug: str) -> HttpResponse:
    """GET /shops/<slug>/health/[?asked=sync|reread&at=instant]; to htmx only the part that moves
    while something asked for is on its way."""
    shop, now = _shop(request, slug), clock.now()
    if not registry.capabilities(shop, Shipping.UNSAID).connects:
        return _of_files(request, shop, now)
    line, streams = vitals.line_of_shop(shop), vitals.streams(shop, now)
    outcome = _outcome(request, shop, line, streams, now)
    context = {
        "shop": shop,
        "line": line,
        "condition": condition_of(line) if line else None,
        "ages": ages([shop], now),
        "streams": streams,
        "outcome": outcome,
        "ask_again": request.get_full_path() if outcome and not outcome.is_over else "",
        "at": now,
    }
    if request.headers.get("HX-Target") == "line":
        status = 200 if context["ask_again"] else STOP_POLLING
        return render(request, "shop_line.html", context, status=status)
    return render(request, "shop_health.html", context | _besides(shop, line, streams, now))


def _besides(
    shop: Shop, line: Connection | None, streams: list[StreamState], now: datetime
) -> dict[str, object]:
    """What does not move from one second to the next."""
    found = Finding.objects.filter(shop=shop).defer("payload")
    found = found.annotate(has_payload=~Q(payload=b""))
    waiting = found.filter(needs_human=True, settled_at=None)
    repaired = found.filter(needs_human=False)
    return {
        "troubles": _troubles(shop, line, streams),
        "calls": vitals.calls_of_hour(shop, now),
        "hooks": vitals.hooks_of_day(shop, now),
        "hook_labels": dict(Hook.State.choices),
        "odd": ODD,
        "waiting": list(waiting.order_by("-last_at", "-pk")[:SHOWN]),
        "waiting_count": waiting.count(),
        "steps": STEPS,
        "repaired": list(repaired.order_by("-last_at", "-pk")[:REPAIRED_SHOWN]),
        "repaired_count": repaired.count(),
        "kinds": dict(Finding.Kind.choices),
    }


def _troubles(shop: Shop, line: Connection | None, streams: list[StreamState]) -> list[Trouble]:
    """What is wrong as it stands, each sentence once: the worker, how the line stands, why its
    streams fail, and what is told on every page."""
    if line is None:
        never = f"{shop.name} is not connected: no orders come by themselves."
        return [*_worker_troubles(), Trouble(never, "An owner of this desk connects it.")]
    condition = condition_of(line)
    found = {trouble.sentence: trouble.next_step for trouble in _worker_troubles()}
    if condition.sentence:
        found[condition.sentence] = condition.next_step
    for stream in streams:
        if stream.problem:
            found.setdefault(stream.problem, stream.next_step)
    for notice in notices.standing(shop).order_by("since", "pk"):
        found.setdefault(notice.sentence.removeprefix(f"{shop.name}: "), notice.next_step)
    return [Trouble(sentence, step) for sentence, step in found.items()]


def _worker_troubles() -> list[Trouble]:
    """A worker that hangs or fell silent. That there is none at all, as while the desk starts, is
    told to whoever asks for a sync."""
    wrong = wrong_with_worker()
    return [Trouble(wrong.sentence, wrong.next_step)] if wrong and wrong is not NONE else []


def _of_files(request: HttpRequest, shop: Shop, now: datetime) -> HttpResponse:
    imports = OrderImport.objects.filter(shop=shop).order_by("-pk")
    told = ages([shop], now)
    context = {
        "shop": shop,
        "ages": told or ages([shop], now, facts_of_orders([shop])),
        "imports": list(imports.defer("missing", "warnings", "header")[:SHOWN]),
        "troubles": _worker_troubles(),
        "at": now,
    }
    return render(request, "shop_imports.html", context)


def _outcome(
    request: HttpRequest,
    shop: Shop,
    line: Connection | None,
    streams: list[StreamState],
    now: datetime,
) -> Outcome | None:
    """Of the sync or reading that this very page was opened for."""
    try:
        asked_at = datetime.fromisoformat(request.GET.get("at", ""))
    except ValueError:
        return None
    asked = request.GET.get("asked")
    if asked not in (SYNC, REREAD) or asked_at.tzinfo is None:
        return None
    names = {RECONCILE} if asked == REREAD else {stream.value for stream in Stream}
    meant = [each for each in streams if each.name in names]
    if line is None or line.state != Connection.State.ON:
        return Outcome("The line is not open any more, so nothing is read.", True, True)
    over = [each for each in meant if each.is_over(asked_at)]
    if len(over) < len(meant):
        return Outcome(_under_way(shop, asked, over, meant, asked_at, now), False)
    failed = next((each for each in streams if each.problem), None)
    if failed and any(each.problem or each.waits_until for each in meant):
        return Outcome(f"{failed.problem} {failed.next_step}".strip(), True, True)
    return Outcome(DONE[asked], True)


def _under_way(
    shop: Shop,
    asked: str,
    over: list[StreamState],
    meant: list[StreamState],
    asked_at: datetime,
    now: datetime,
) -> str:
    if asked == REREAD and meant[0].reading_since:
        left = vitals.left_to_reread(shop)
        return f"Open orders are being read again; {left:,} are left."
    if not over and now - asked_at > NO_WORKER and not any(each.reading_since for each in meant):
        return WORKER
    return f"Being read: {len(over)} of {len(meant)} done." if over else "Asked for; it begins now."


@require_POST
@needs(Right.WORK)
def sync_now(request: HttpRequest, slug: str) -> HttpResponse:
    """Read what changed at once, not with the next minute."""
    shop = _shop(request, slug)
    return _ask(request, shop, SYNC) if _is_open(request, shop) else redirect("shop_health", slug)


@require_POST
@needs(Right.RULES)
def reread_now(request: HttpRequest, slug: str) -> HttpResponse:
    """Read every open order again, as each night."""
    shop = _shop(request, slug)
    return _ask(request, shop, REREAD) if _is_open(request, shop) else redirect("shop_health", slug)


def _is_open(request: HttpRequest, shop: Shop) -> bool:
    """Whether the shop can be read now; if not, a message says why."""
    try:
        registry.open_channel(shop)
    except NotConnected as refusal:
        messages.error(request, str(refusal))
    except ChannelFailure as failure:
        messages.error(request, f"{failure.sentence} {failure.next_step}".strip())
    else:
        line = vitals.line_of_shop(shop)
        if line is None or line.grant.ended_at is None:
            return True
        messages.error(request, line.grant.problem)
    return False


def _ask(request: HttpRequest, shop: Shop, asked: str) -> HttpResponse:
    at = clock.now()
    if asked == SYNC:
        schedule.sync_now(shop)
    else:
        schedule.queue(shop.pk, schedule.RECONCILE_JOB)
    query = urlencode({"asked": asked, "at": at.isoformat()})
    return redirect(f"{reverse('shop_health', args=[shop.slug])}?{query}")


def _shop(request: HttpRequest, slug: str) -> Shop:
    shop: Shop = get_object_or_404(visible_shops(access_for(request)), slug=slug)
    return shop
