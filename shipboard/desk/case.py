"""One case: its page and its drawer, and what the marketplace keeps of it, asked for when somebody
looks; how it is answered is in case_answer.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from shipboard import clock
from shipboard.accounts.roles import Right
from shipboard.channels.case_contract import CaseRecord, Decision
from shipboard.channels.contract import CaseKind, ChannelFailure
from shipboard.channels.registry import NotConnected, has_line
from shipboard.channels.text import is_web_address
from shipboard.desk import wording
from shipboard.desk.attempts import Shown, marketplace, shown
from shipboard.desk.case_views import OPENERS, case_view
from shipboard.desk.door import access_for
from shipboard.desk.order_detail import is_drawer
from shipboard.fulfilment.answer_wishes import answer_of
from shipboard.fulfilment.case_questions import records_of
from shipboard.orders.attempts import Attempt
from shipboard.orders.case_lists import cases_of
from shipboard.orders.case_words import DECISION_LABELS
from shipboard.orders.models import Case, Order
from shipboard.orders.queries import visible_shops
from shipboard.orders.values import is_storable


@dataclass(frozen=True)
class Answered:
    """One answer from here, with what went along. `of`: what was asked for when `amount` was
    offered, where it was said."""

    told: Shown
    decision: Decision
    said: str
    reason: str
    comment: str
    hides_comment: bool
    amount: str
    of: str
    pictures: int


@dataclass(frozen=True)
class Told:
    """A record of the case as it may be shown. `hidden`: something the reader's role does not
    show."""

    record: CaseRecord
    by: str
    hidden: bool


def one_case(request: HttpRequest, pk: int) -> Case:
    """With its order and answers (orders.case_lists.cases_of); of a shop that the reader sees."""
    shops = visible_shops(access_for(request))
    seen = Case.objects.filter(pk=pk, order__shop__in=shops).values_list("pk", flat=True)
    found = cases_of(list(seen), clock.now())
    if not found:
        raise Http404("There is no such case in your shops.")
    return found[0]


@require_safe
@never_cache
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /cases/<pk>/; for htmx it is the drawer."""
    found, now, wall = one_case(request, pk), clock.now(), clock.wall()
    order = found.order
    answers = _answers(found, order, may_see=access_for(request).may(Right.SEE_BUYERS))
    parts = [each for each in answers if each.of and each.told.attempt.state == Attempt.State.DONE]
    context = {
        "view": case_view(found, now, wall),
        "case": found,
        "order": order,
        "others": [each for each in order.cases.all() if each.pk != found.pk],
        "answers": answers,
        "part": parts[0] if parts else None,
        "tells": found.kind != CaseKind.CANCELLATION and has_line(order.shop),
        "marketplace": marketplace(order.shop),
        "in_drawer": is_drawer(request),
        "at": now,
    }
    template = "case_drawer.html" if is_drawer(request) else "case.html"
    return render(request, template, context)


def _answers(case: Case, order: Order, *, may_see: bool) -> list[Answered]:
    """Every answer from here, newest first. A comment may tell who the buyer is: it is for those
    who may see that."""
    found = []
    for attempt in reversed(case.answers):  # type: ignore[attr-defined]
        attempt.order, attempt.shop = order, order.shop
        kept = attempt.asks or {}
        answer, whole = answer_of(kept), kept.get("asked_amount")
        said = DECISION_LABELS[answer.decision]
        amount = "" if answer.amount is None else wording.money(answer.amount, answer.currency)
        told = shown(attempt, clock.wall())
        found.append(
            Answered(
                told,
                answer.decision,
                said,
                answer.reason_text,
                answer.comment if may_see else "",
                bool(answer.comment) and not may_see,
                amount,
                wording.money_text(whole, answer.currency) if amount and whole else "",
                len(answer.pictures),
            )
        )
    return found


@require_safe
@never_cache
def case_record(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /cases/<pk>/record/: what happened in the case and what people wrote, from the
    marketplace at this moment; nothing of it is kept. A part of the case's page, or a page."""
    found = one_case(request, pk)
    problem, records = "", tuple[CaseRecord, ...]()
    try:
        records = records_of(found)
    except NotConnected as failure:
        problem = str(failure)
    except ChannelFailure as failure:
        problem = f"{failure.sentence} {failure.next_step}".strip()
    context = {
        "case": found,
        "order": found.order,
        "records": _shown(records, may_see=access_for(request).may(Right.SEE_BUYERS)),
        "problem": problem,
        "marketplace": marketplace(found.order.shop),
        "in_part": "HX-Request" in request.headers,
        "at": clock.now(),
    }
    return render(request, "case_record.html", context)


def _shown(records: Sequence[CaseRecord], *, may_see: bool) -> list[Told]:
    """Newest first; links lead to https alone. What people wrote and pictured is for those who may
    see buyers' data."""
    found = []
    for record in reversed(records):
        hides = not may_see and bool(record.note or record.pictures or record.videos)
        kept = replace(record, note="", pictures=(), videos=()) if hides else record
        safe = replace(kept, pictures=_safe(kept.pictures), videos=_safe(kept.videos))
        found.append(Told(safe, OPENERS.get(record.by, record.by), hides))
    return found


def _safe(addresses: Sequence[str]) -> tuple[str, ...]:
    return tuple(each for each in addresses if is_storable(each) and is_web_address(each))
