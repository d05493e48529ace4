"""Answering many cases at once: only those of one step, with one decision for all; it is a run, and
what was chosen otherwise comes back sorted into several, of which each form names the `others`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from shipboard import clock
from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.channels.case_contract import Answer, CaseStep, Decision, Reason
from shipboard.channels.contract import ChannelFailure
from shipboard.channels.registry import NotConnected
from shipboard.desk import wording
from shipboard.desk.cancel_many import SURE
from shipboard.desk.case_form import UNASKED, answer_from
from shipboard.desk.case_offers import ELSE, Offer, mark_of, marks_of, unsealed, usable
from shipboard.desk.case_views import REFUNDS, CaseView, case_view
from shipboard.desk.door import access_for, needs
from shipboard.desk.shipment import Errors
from shipboard.desk.shipment_form import given_of, kept_key, key_of
from shipboard.fulfilment import runs
from shipboard.fulfilment.allowed import Verb
from shipboard.fulfilment.answer_wishes import seen_of, stored
from shipboard.fulfilment.answering import LONGEST_COMMENT
from shipboard.fulfilment.case_questions import decisions_now
from shipboard.fulfilment.case_rules import decisions_of
from shipboard.fulfilment.models import Run
from shipboard.fulfilment.refusals import BadAnswer
from shipboard.fulfilment.runs import begun_with
from shipboard.fulfilment.selection import BadSelection
from shipboard.orders.case_lists import cases_of
from shipboard.orders.case_words import DECISION_EFFECTS, DECISION_LABELS, STEP_LABELS, step_of
from shipboard.orders.models import Case
from shipboard.orders.overlays import BadWords, Refused
from shipboard.orders.queries import visible_shops

#: More cases than this are not answered by one form.
MOST = 1000
CHANGED = (
    "Some of these cases have changed since they were shown. Nothing was begun: look at what is "
    "left, and confirm again."
)


@dataclass(frozen=True)
class Group:
    """Cases that may be answered together: they wait for the same, and take the same decisions."""

    step: CaseStep
    decisions: tuple[Decision, ...]
    views: list[CaseView]

    @property
    def pks(self) -> str:
        return ",".join(str(view.case.pk) for view in self.views)

    @property
    def title(self) -> str:
        by_shipping = self.step is CaseStep.CANCEL and Decision.REJECT_CANCEL not in self.decisions
        return f"{STEP_LABELS[self.step]}{', which shipping rejects' if by_shipping else ''}"

    @property
    def amounts(self) -> str:
        """What they ask for, by currency."""
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for view in self.views:
            if view.case.amount is not None:
                sums[view.order.currency] += view.case.amount
        return " and ".join(wording.money(total, of) for of, total in sorted(sums.items()))

    @property
    def is_cancellation(self) -> bool:
        return self.step is CaseStep.CANCEL


@dataclass(frozen=True)
class Sorted:
    """`left`: what cannot be answered now, with why; `gone`: how many are not here any more."""

    groups: list[Group]
    left: list[CaseView]
    gone: int

    @property
    def count(self) -> int:
        """How many can be answered."""
        return sum(len(group.views) for group in self.groups)

    def others(self, group: Group) -> str:
        """The cases of the other groups, as `Group.pks`."""
        return ",".join(each.pks for each in self.groups if each is not group)


@dataclass(frozen=True)
class Choice:
    decision: Decision
    label: str
    effect: str
    why_not: str
    reasons: tuple[Reason, ...]
    is_chosen: bool

    @property
    def reason_name(self) -> str:
        return f"reason-{self.decision}"


@require_POST
@needs(Right.WORK)
def answer_cases(request: HttpRequest) -> HttpResponse:
    """POST /cases/answer/ with cases=<pk,pk,...> and `want` (approve, reject or blank) asks for the
    decision; with do=answer it begins the run, and leads on to the `others` of the choice."""
    access, given = access_for(request), given_of(request.POST)
    is_sent = given.get("do") == "answer"
    try:
        others = _pks(given["others"]) if given.get("others") else []
        if is_sent and (first := begun_with(key_of(given), access)):
            return _begun(request, first, others, given)
        pks = _pks(",".join(request.POST.getlist("cases")))
        offer = unsealed(given) if is_sent else None
        found = _sorted(pks, access, offer)
        if len(found.groups) != 1:
            whole = _sorted([*pks, *others], access, None) if others else found
            return _groups(request, whole, given)
        [group] = found.groups
        if offer is None:
            return _form(request, found, group, given)
        if found.left or found.gone:
            return _form(request, found, group, given, problem=CHANGED, status=409)
    except (BadSelection, BadWords) as problem:
        context = {"problem": str(problem), "in_dialog": False}
        return render(request, "run_refused.html", context, status=400)
    try:
        run = _begin(group, given, offer, access)
    except BadAnswer as problem:
        errors = {problem.field: str(problem)}
        return _form(request, found, group, given, errors=errors, status=422)
    except BadWords as problem:
        return _form(request, found, group, given, problem=str(problem), status=422)
    except Refused as problem:
        return _form(request, found, group, given, problem=str(problem), status=409)
    return _begun(request, run, others, given)


def _begun(
    request: HttpRequest, run: Run, others: Sequence[int], given: Mapping[str, str]
) -> HttpResponse:
    """The run; while others of the choice are not answered, these, each to be looked at first."""
    found = _sorted(others, access_for(request), None)
    if found.groups or found.left:
        return _groups(request, found, given, run)
    return redirect("run", run.pk)


def _pks(text: str) -> list[int]:
    """Raises BadSelection."""
    pieces = [piece for piece in text.split(",") if piece]
    if not all(piece.isascii() and piece.isdigit() and len(piece) < 19 for piece in pieces):
        raise BadSelection("The chosen cases could not be read. Reload the page, choose again.")
    if not pieces:
        raise BadSelection("Choose cases first: mark them in the list of those to answer.")
    if len(pieces) > MOST:
        raise BadSelection(f"At most {MOST:,} cases are answered at once; choose fewer.")
    return list(dict.fromkeys(map(int, pieces)))


def _sorted(pks: Sequence[int], access: Access, offer: Offer | None) -> Sorted:
    """What was chosen, the first to answer first; of an `offer` that comes back only what still
    asks for what was shown."""
    now, wall = clock.now(), clock.wall()
    shops = visible_shops(access)
    seen = Case.objects.filter(pk__in=pks, order__shop__in=shops).order_by("respond_by", "pk")
    cases = cases_of(list(seen.values_list("pk", flat=True)), now)
    groups: dict[tuple[CaseStep, tuple[Decision, ...]], list[CaseView]] = defaultdict(list)
    left = []
    for case in cases:
        view = case_view(case, now, wall)
        if offer and not view.why_not and offer.marks.get(case.pk) != mark_of(case):
            view = replace(view, why_not=ELSE)
        if view.why_not:
            left.append(view)
        else:
            groups[step_of(case), decisions_of(case, case.order)].append(view)
    found = [Group(step, decisions, views) for (step, decisions), views in groups.items()]
    return Sorted(found, left, len(pks) - len(cases))


def _begin(group: Group, given: Mapping[str, str], offer: Offer, access: Access) -> Run:
    """Raises Refused."""
    answer, count = answer_from(given, "", offer), len(group.views)
    if answer.decision not in group.decisions:
        raise BadAnswer("decision", "These cases take no such answer; choose another one.")
    _check(answer)
    if count > SURE and given.get("typed", "").replace(",", "").strip() != str(count):
        raise BadAnswer("typed", f"Type how many cases are answered: {count}.")
    kept = stored(answer)
    wishes = [
        (view.order.pk, kept | seen_of(view.case, view.order) | {"case": view.case.pk})
        for view in group.views
    ]
    of_kind = Verb.ANSWER_CANCELLATION if group.is_cancellation else Verb.ANSWER_RETURN
    why = f", “{answer.reason_text}”" if answer.reason_text else ""
    said = f"{DECISION_LABELS[answer.decision]}{why}: {count:,} case{'' if count == 1 else 's'}"
    return runs.begin_each(
        wishes, of_kind, key=key_of(given), access=access, now=clock.now(), chosen=said
    )


def _check(answer: Answer) -> None:
    if answer.decision.is_rejection and not answer.reason:
        raise BadAnswer("reason", "Choose the reason; the marketplace wants one.")
    if len(answer.comment) > LONGEST_COMMENT:
        raise BadAnswer("comment", f"A comment holds {LONGEST_COMMENT} characters.")


def _groups(
    request: HttpRequest, found: Sorted, given: Mapping[str, str], run: Run | None = None
) -> HttpResponse:
    """What was chosen in groups with a button each, or why none of it can be answered; after the
    `run` of one of them."""
    context = {"found": found, "run": run, "want": given.get("want", ""), "at": clock.now()}
    return render(request, "case_groups.html", context, status=200 if run else 409)


def _form(
    request: HttpRequest,
    found: Sorted,
    group: Group,
    given: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    facts, unasked = _asked(group)
    choices = list(_choices(group, given, facts, unasked))
    possible = {each.decision: each.reasons for each in choices if not each.why_not}
    wants_rejection = given.get("want") == "reject" and given.get("do") != "answer"
    context: dict[str, Any] = {
        "found": found,
        "group": group,
        "choices": choices,
        "offer": Offer(possible, marks_of(view.case for view in group.views)).sealed(),
        "by_shipping": wants_rejection and not any(each.is_rejection for each in group.decisions),
        "sure": SURE,
        "unasked": unasked,
        "given": given,
        "errors": Errors(errors or {}),
        "problem": problem,
        "key": kept_key(given) if given.get("do") == "answer" else uuid4(),
        "longest": LONGEST_COMMENT,
        "at": clock.now(),
    }
    return render(request, "case_many.html", context, status=status)


def _asked(group: Group) -> tuple[dict[Decision, tuple[Reason, ...]], str]:
    """The reasons that every shop takes for a decision, asked of one case of each shop, and why one
    could not be asked. Calls; not inside a transaction."""
    first: dict[int, Case] = {}
    for view in group.views:
        first.setdefault(view.order.shop_id, view.case)
    common: dict[Decision, dict[str, Reason]] = {}
    for place, case in enumerate(first.values()):
        try:
            told = decisions_now(case)
        except NotConnected as failure:
            return {}, str(failure)
        except ChannelFailure as failure:
            return {}, f"{failure.sentence} {failure.next_step}".strip()
        here = {
            each.decision: {one.name: one for one in usable(each.reasons)}
            for each in told
            if not each.why_not
        }
        common = (
            here
            if not place
            else {
                decision: {
                    name: one for name, one in here.get(decision, {}).items() if name in names
                }
                for decision, names in common.items()
            }
        )
    return {decision: tuple(names.values()) for decision, names in common.items()}, ""


def _choices(
    group: Group,
    given: Mapping[str, str],
    reasons: Mapping[Decision, tuple[Reason, ...]],
    unasked: str,
) -> Iterable[Choice]:
    """Not offers: each has an amount of its own."""
    wanted = given.get("decision", "") or _usual(group, given.get("want", ""))
    for decision in group.decisions:
        if decision.is_offer:
            continue
        known = reasons.get(decision, ())
        why_not = ""
        if decision.is_rejection and not known:
            why_not = UNASKED if unasked else "No reason fits all of them; answer them one by one."
        money = f"Refunds {group.amounts} in all. " if group.amounts else ""
        yield Choice(
            decision,
            DECISION_LABELS[decision],
            f"{money if decision in REFUNDS else ''}{DECISION_EFFECTS[decision]}",
            why_not,
            known,
            decision.value == wanted and not why_not,
        )


def _usual(group: Group, want: str) -> str:
    """The decision that a button of the list means."""
    for decision in group.decisions:
        if want == "approve" and decision.value.startswith("approve_"):
            return decision.value
        if want == "reject" and decision.is_rejection:
            return decision.value
    return ""
