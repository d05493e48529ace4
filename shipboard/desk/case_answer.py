"""Answering one case: a dialog over what one looks at, a page of its own without JavaScript."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from shipboard import clock
from shipboard.accounts.roles import Right
from shipboard.channels.case_contract import Answer
from shipboard.channels.contract import ChannelFailure
from shipboard.channels.registry import NotConnected
from shipboard.desk.attempts import marketplace
from shipboard.desk.case import one_case
from shipboard.desk.case_form import Choices, answer_from, choices_of, takes_more
from shipboard.desk.case_offers import ELSE, LOOK_AGAIN, Offer, mark_of, marks_of
from shipboard.desk.case_offers import unsealed as unsealed_offer
from shipboard.desk.case_pictures import hand_over, pictures_of, sealed, unsealed
from shipboard.desk.case_views import case_view
from shipboard.desk.door import access_for, needs
from shipboard.desk.order_verbs import seen_version
from shipboard.desk.shipment import PANEL, Errors, asked
from shipboard.desk.shipment_form import given_of, kept_key, key_of
from shipboard.fulfilment.answer_wishes import answer_of
from shipboard.fulfilment.answering import LONGEST_COMMENT, MOST_PICTURES, ask_to_answer, check
from shipboard.fulfilment.case_rules import why_not_answer
from shipboard.fulfilment.refusals import BadAnswer, CannotAnswer
from shipboard.orders.attempts import Attempt
from shipboard.orders.models import Case
from shipboard.orders.overlays import BadWords, Refused


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.WORK)
def answer_case(request: HttpRequest, pk: int) -> HttpResponse:
    """/cases/<pk>/answer/[?decision=...]: GET asks the marketplace how the case may be decided now,
    POST hands pictures over and puts the answer in the outbox."""
    case = one_case(request, pk)
    if request.method != "POST":
        return _form(request, case, given_of(request.GET))
    given = given_of(request.POST)
    pictures = unsealed(given.get("uploaded", ""), case.pk)
    try:
        answer = _answer(request, case, given, pictures)
        pictures = answer.pictures
        attempt = _ask(request, case, given, answer)
    except BadAnswer as problem:
        errors = {problem.field: str(problem)}
        return _form(request, case, given, pictures, errors=errors, status=422)
    except BadWords as problem:
        return _form(request, case, given, pictures, problem=str(problem), status=422)
    except NotConnected as problem:
        return _form(request, case, given, pictures, problem=str(problem), status=422)
    except ChannelFailure as failure:
        said = f"A picture was not taken: {failure.sentence} {failure.next_step}".strip()
        return _form(request, case, given, pictures, problem=said, status=422)
    except Refused as problem:
        fresh = one_case(request, pk)
        return _form(request, fresh, given, pictures, problem=str(problem), status=409)
    return asked(request, case.order, attempt, back=redirect("case", case.pk))


def _answer(
    request: HttpRequest, case: Case, given: Mapping[str, str], handed_over: tuple[str, ...]
) -> Answer:
    """What was chosen, its pictures handed over; those only of an answer that would be taken now,
    for _ask says what is wrong with another. Raises Refused, ChannelFailure and NotConnected."""
    order, key, seen = case.order, key_of(given), seen_version(request)
    offer = unsealed_offer(given)
    if case.pk not in offer.marks:
        raise BadWords(LOOK_AGAIN)
    answer = answer_from(given, order.currency, offer, handed_over)
    if first := Attempt.objects.filter(key=key, case=case, kind=Attempt.Kind.ANSWER).first():
        return replace(answer, pictures=answer_of(first.asks or {}).pictures)
    is_late = seen != order.version or why_not_answer(case, order, clock.now())
    if not is_late and offer.marks[case.pk] != mark_of(case):
        raise CannotAnswer(f"{ELSE} Look at it as it is now, and decide again.")
    if is_late or not takes_more(answer.decision):
        return answer
    chosen = pictures_of(request.FILES.getlist("pictures"), len(handed_over))
    check(case, order, answer)
    return replace(answer, pictures=handed_over + hand_over(chosen, order.shop))


def _ask(request: HttpRequest, case: Case, given: Mapping[str, str], answer: Answer) -> Attempt:
    """Raises Refused."""
    return ask_to_answer(
        case,
        answer,
        access=access_for(request),
        now=clock.now(),
        wall=clock.wall(),
        seen=seen_version(request),
        key=key_of(given),
    )


def _form(
    request: HttpRequest,
    case: Case,
    given: Mapping[str, str],
    pictures: tuple[str, ...] = (),
    *,
    errors: Mapping[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    now = clock.now()
    view = case_view(case, now, clock.wall())
    offered = choices_of(view, given) if view.can_answer else Choices([])
    context = {
        "view": view,
        "case": case,
        "order": case.order,
        "offered": offered,
        "offer": Offer(offered.reasons, marks_of([case])).sealed(),
        "uploaded": sealed(pictures, case.pk),
        "pictures": len(pictures),
        "unsent": any(each.size for each in request.FILES.getlist("pictures")) and not pictures,
        "given": given,
        "errors": Errors(errors or {}),
        "problem": problem,
        "key": kept_key(given),
        "longest": LONGEST_COMMENT,
        "most": MOST_PICTURES,
        "undo_seconds": case.order.shop.undo_seconds,
        "marketplace": marketplace(case.order.shop),
        "in_dialog": request.headers.get("HX-Target") == PANEL,
        "at": now,
    }
    return render(request, "case_answer.html", context, status=status)
