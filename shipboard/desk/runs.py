"""Runs on screen: beginning one over what was chosen, watching it, holding it up, calling the rest
off, and trying again what failed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from shipboard import clock
from shipboard.accounts.roles import Right
from shipboard.desk.attempts import Shown, shown
from shipboard.desk.door import access_for, needs
from shipboard.desk.outbox import own_refused
from shipboard.desk.pace import pace_of
from shipboard.desk.run_form import LABELS, NOUNS, form_context, shared_zone, verb_of, wishes_from
from shipboard.fulfilment import blocking, pausing
from shipboard.fulfilment.allowed import Verb
from shipboard.fulfilment.batch_drafts import others_of_run
from shipboard.fulfilment.label_outcomes import LabelOutcomes, outcomes_of
from shipboard.fulfilment.models import Run, RunRow
from shipboard.fulfilment.runs import (
    CountChanged,
    NothingToRetry,
    begin,
    done_unseen,
    retry_failed,
    seen_by,
    tally,
)
from shipboard.fulfilment.selection import BadSelection, Selection
from shipboard.fulfilment.wishes import wishes_of
from shipboard.orders.filters import BadFilter
from shipboard.orders.overlays import BadWords
from shipboard.orders.queries import visible_shops

Labels = LabelOutcomes | None
STOP_POLLING = 286  # htmx's own status: swap, and poll no more
LIST_SHOWN = 50
ROWS_SHOWN = 100
#: A run that ended longer ago is no news.
NEWS_FOR = timedelta(days=1)


@never_cache
def runs(request: HttpRequest) -> HttpResponse:
    """GET lists the runs that one may see, newest first; POST begins one."""
    if request.method == "POST":
        return _begin(request)
    found = seen_by(access_for(request)).order_by("-pk")
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit():
        found = found.filter(pk__lt=int(before[:18]))
    listed = list(found[: LIST_SHOWN + 1])
    context = {
        "runs": [(run, LABELS[run.verb], tally(run)) for run in listed[:LIST_SHOWN]],
        "before": listed[LIST_SHOWN - 1].pk if len(listed) > LIST_SHOWN else None,
    }
    return render(request, "runs.html", context)


@needs(Right.WORK)
def _begin(request: HttpRequest) -> HttpResponse:
    given, access, now = request.POST.dict(), access_for(request), clock.now()
    try:
        verb, selection = verb_of(given), Selection.of(given)
        key = UUID(given.get("key", ""))
    except (BadFilter, BadSelection) as problem:
        return _refused(request, str(problem))
    except ValueError:
        return _refused(request, "The form was not complete. Reload the page and send it again.")
    try:
        wishes = wishes_from(given, verb, shared_zone(selection, access, now))
        run = begin(selection, verb, wishes, key=key, access=access, now=now)
    except CountChanged as changed:
        selection = selection.as_found(changed.found, access, now)
        return _form(request, given, selection, str(changed), 409)
    except BadWords as problem:
        return _form(request, given, selection, str(problem), 422)
    except (BadFilter, BadSelection) as problem:
        return _refused(request, str(problem))
    if not request.headers.get("HX-Request"):
        return HttpResponse(status=303, headers={"Location": f"/runs/{run.pk}/"})
    response = render(request, "run_card.html", run_context(run))
    response["HX-Retarget"], response["HX-Reswap"] = "#run-card", "innerHTML"
    response["HX-Trigger"] = json.dumps({"run-begun": {"run": run.pk}})
    return response


@require_POST
@needs(Right.WORK)
def run_form(request: HttpRequest) -> HttpResponse:
    """POST /runs/form/ with a verb and a selection: what the verb needs, and to how many of the
    chosen orders it applies."""
    given = request.POST.dict()
    try:
        verb_of(given)
        return _form(request, given, Selection.of(given))
    except (BadFilter, BadSelection) as problem:
        return _refused(request, str(problem))
    except ValueError:
        return _refused(request, "Choose what is to be done: note, flag, hold or release.")


def _form(
    request: HttpRequest,
    given: Mapping[str, str],
    selection: Selection,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    context = form_context(given, selection, access_for(request), clock.now())
    in_dialog = bool(request.headers.get("HX-Request"))
    return render(
        request,
        "run_form.html",
        context | {"problem": problem, "in_dialog": in_dialog},
        status=status,
    )


def _refused(request: HttpRequest, problem: str) -> HttpResponse:
    context = {"problem": problem, "in_dialog": bool(request.headers.get("HX-Request"))}
    return render(request, "run_refused.html", context, status=400)


def _run(request: HttpRequest, pk: int) -> Run:
    run = seen_by(access_for(request)).filter(pk=pk).first()
    if run is None:
        raise Http404("There is no such run of yours.")
    return run


def run_context(run: Run) -> dict[str, object]:
    """What every picture of a run shows: how far it is, and what became of its rows."""
    counted = tally(run)
    is_done = run.state == Run.State.DONE
    labels = outcomes_of(run) if run.verb == Verb.CREATE_LABEL else None
    return {
        "run": run,
        "label": LABELS[run.verb],
        "noun": NOUNS.get(run.verb, "order"),
        "tally": counted,
        "gone_through": run.rows - _left(counted),
        "is_done": is_done,
        "labels": labels,
        "is_moving": not is_done or bool(labels and labels.coming),
        "outcomes": RunRow.Outcome,
    }


def _moving(run: Run, counted: Mapping[RunRow.Outcome, int]) -> dict[str, object]:
    """What only the run's own page shows of one that is not done."""
    if run.state == Run.State.DONE:
        return {"pace": None, "blocked": []}
    blocked = blocking.of_run(run.pk) if counted[RunRow.Outcome.SENDING] else []
    return {"pace": pace_of(run, _left(counted), clock.now()), "blocked": blocked}


def _left(counted: Mapping[RunRow.Outcome, int]) -> int:
    return counted[RunRow.Outcome.WAITING] + counted[RunRow.Outcome.SENDING]


def _note_seen(run: Run, request: HttpRequest) -> None:
    """Its own person looks at a run that is done: there is nothing to tell them any more."""
    if run.state == Run.State.DONE and run.person_id == request.user.pk and run.seen_at is None:
        Run.objects.filter(pk=run.pk).update(seen_at=clock.now())


@never_cache
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /runs/<pk>/[?outcome=failed&page=2]: to htmx only the part that moves, and once the run
    is done the word to ask no more."""
    of = _run(request, pk)
    outcome = request.GET.get("outcome", "")
    rows = RunRow.objects.filter(run=of).order_by("position")
    if outcome in RunRow.Outcome.values:
        rows = rows.filter(outcome=outcome)
    after = request.GET.get("after", "")
    if after.isascii() and after.isdigit():
        rows = rows.filter(position__gt=int(after[:9]))
    listed = list(rows.select_related("order__shop", "attempt")[: ROWS_SHOWN + 1])
    access = access_for(request)
    seen = set(visible_shops(access).values_list("pk", flat=True))
    moving = run_context(of)
    target, labels = request.headers.get("HX-Target", ""), cast("Labels", moving["labels"])
    if target == "run-body" and _prints_now(of, labels, request):
        _note_seen(of, request)
        return HttpResponse(headers={"HX-Redirect": f"/labels/print/?run={of.pk}"})
    _note_seen(of, request)
    context = (
        moving
        | _moving(of, cast("dict[RunRow.Outcome, int]", moving["tally"]))
        | {
            "rows": listed[:ROWS_SHOWN],
            "seen": seen,
            "handed": _handed(listed),
            "wishes": wishes_of(of.wishes),
            "chosen_outcome": outcome,
            "after": listed[ROWS_SHOWN - 1].position if len(listed) > ROWS_SHOWN else None,
            "waiting_batches": others_of_run(of.pk, access) if moving["labels"] else [],
            "at": clock.now(),
        }
    )
    template = {"run-card": "run_card.html", "run-body": "run_body.html"}.get(target, "run.html")
    is_polled = target in ("run-card", "run-body")
    status = STOP_POLLING if is_polled and not context["is_moving"] else 200
    response = render(request, template, context, status=status)
    if target == "run-card" and context["is_done"]:
        response["HX-Trigger"] = "order-changed"  # the list looks at once
    return response


def _handed(rows: Sequence[RunRow]) -> dict[int, Shown]:
    """By row how far what it handed to the outbox is, while it is there."""
    wall, sending = clock.wall(), [row for row in rows if row.outcome == RunRow.Outcome.SENDING]
    return {row.pk: shown(row.attempt, wall) for row in sending if row.attempt}


def _prints_now(run: Run, labels: Labels, request: HttpRequest) -> bool:
    """Whether its own person has waited for its labels to be bought, to print them at once."""
    is_new = run.state == Run.State.DONE and run.seen_at is None
    is_own = run.person_id == request.user.pk
    return bool(run.prints_at_once and is_new and is_own and labels and labels.bought)


@require_POST
@needs(Right.WORK)
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /runs/<pk>/retry/: what failed is tried again; rejected labels are looked at first."""
    of = _run(request, pk)
    if of.verb == Verb.CREATE_LABEL:
        messages.info(request, "Re-create rejected labels below: what is wrong is mended first.")
        return redirect("run", of.pk)
    try:
        retried = retry_failed(of, access=access_for(request))
        said = "1 row is" if retried == 1 else f"{retried:,} rows are"
        messages.success(request, f"{said} tried again.")
    except NothingToRetry as late:
        messages.info(request, str(late))
    return redirect("run", of.pk)


@never_cache
@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """GET /runs/news/: runs of the reader's that have ended, and single shipments of theirs that
    came back refused, which they have not looked at since; every page asks."""
    found = done_unseen(access_for(request), clock.now() - NEWS_FOR)
    told = {"news": [run_context(run) for run in found], "refused": own_refused(request)}
    return render(request, "run_news.html", told)


@require_POST
def put_away(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /runs/<pk>/seen/[with=pk, once for each]: the reader knows that the run is done, and
    those that were told of with it."""
    _note_seen(_run(request, pk), request)
    others = request.POST.getlist("with")
    for run in done_unseen(access_for(request), clock.now() - NEWS_FOR):
        if str(run.pk) in others:
            _note_seen(run, request)
    return news(request) if request.headers.get("HX-Request") else redirect("runs")


def _pause(run: Run, request: HttpRequest) -> str:
    pausing.pause(run, access=access_for(request))
    return "Paused: nothing more of it leaves, its part of the outbox included, until it goes on."


def _go_on(run: Run, request: HttpRequest) -> str:
    pausing.go_on(run, access=access_for(request), wall=clock.wall())
    return "It goes on."


def _call_off(run: Run, request: HttpRequest) -> str:
    left = pausing.call_off(run, access=access_for(request), now=clock.now())
    return f"The rest is called off; of {left:,} order{'' if left == 1 else 's'} nothing was begun."


VERBS: Mapping[str, Callable[[Run, HttpRequest], str]] = {
    "pause": _pause,
    "continue": _go_on,
    "call-off": _call_off,
}


@require_POST
@needs(Right.WORK)
def steer(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """POST /runs/<pk>/pause/, /continue/ or /call-off/."""
    of = _run(request, pk)
    if verb not in VERBS:
        raise Http404("A run is paused, continued or called off.")
    try:
        messages.success(request, VERBS[verb](of, request))
    except pausing.NotNow as late:
        messages.info(request, str(late))
    return redirect("run", of.pk)
