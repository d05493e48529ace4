"""Choosing what of some labels goes to the printer and how, with what is left out and why; and, for
labels of a run, waiting until they have come out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from shipboard import clock
from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.channels.contract import Shipping
from shipboard.channels.registry import capabilities
from shipboard.desk.attempts import marketplace
from shipboard.desk.door import access_for, needs
from shipboard.fulfilment.allowed import Verb
from shipboard.fulfilment.limits import is_imperial
from shipboard.fulfilment.models import Run, RunRow
from shipboard.fulfilment.printing import (
    IN_MAKING,
    Choice,
    NothingToPrint,
    Plan,
    named,
    plan,
    send_to_print,
    sent_words,
)
from shipboard.fulfilment.runs import seen_by
from shipboard.orders.labels import Label, LabelOrder, PrintFile
from shipboard.orders.overlays import BadWords
from shipboard.printing.records import Paper
from shipboard.printing.stacking import Sorting

STOP_POLLING = 286  # htmx's own status: swap, and poll no more
#: So many labels are chosen at most at once.
MOST = 2_000
KEPT = "print_choice"
#: Parts of the page that ask for themselves.
MOVING = ("print-run", "print-plan")
#: The sizes of label printers first.
SIZES = (Paper.A6, Paper.FOUR_BY_SIX, Paper.A5, Paper.A4, Paper.LETTER)
REASONS = ("The printer jammed", "It came out damaged", "It was lost", "It does not scan")


@dataclass(frozen=True)
class Asked:
    """Which labels, by their keys, as links and forms say it; `run` when they are a run's."""

    pks: tuple[int, ...]
    run: Run | None
    fields: Mapping[str, str]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.WORK)
def print_labels(request: HttpRequest) -> HttpResponse:
    """/labels/print/?labels=pk,pk | orders=pk,pk | run=pk: GET the choice, POST sends to print, or
    with do=count counts what would be; to htmx the part that moves."""
    access, given = access_for(request), request.POST if request.POST else request.GET
    asked = _asked(given, access)
    labels = _labels(asked, access)
    choice = _choice(given, request, labels)
    if request.method != "POST" or given.get("do") == "count":
        return _page(request, asked, labels, choice)
    if problem := _says_less(given, asked, plan(labels, choice, clock.now()), choice):
        return _page(request, asked, labels, choice, problem, 409)
    try:
        key = UUID(given.get("key", ""))
    except ValueError:
        problem = "The form was not complete. Look at it, and send it again."
        return _page(request, asked, labels, choice, problem, 400)
    try:
        files = send_to_print(labels, choice, access, key, clock.now())
    except (NothingToPrint, BadWords) as refusal:
        return _page(request, asked, labels, choice, str(refusal), 409)
    request.session[KEPT] = _kept(choice, request.session.get(KEPT, {}), len(labels))
    return redirect(f"/labels/prints/{files[0].pk}/?dialog=1")


def _asked(given: QueryDict, access: Access) -> Asked:
    if run_pk := _numbers([given.get("run", "")]):
        run = Run.objects.filter(pk=run_pk[0], verb=Verb.CREATE_LABEL.value).first()
        if run is None or not _may_print(run, access):
            raise Http404("There is no such run of labels of your shops.")
        rows = RunRow.objects.filter(run=run, attempt__label__isnull=False).order_by("position")
        pks = tuple(rows.values_list("attempt__label", flat=True))
        return Asked(tuple(dict.fromkeys(pks)), run, {"run": str(run.pk)})
    if orders := _numbers(given.getlist("orders")):
        inside = LabelOrder.objects.filter(order__in=orders).exclude(
            label__state=Label.State.VOIDED
        )
        by_order: dict[int, list[int]] = {}
        for order, label in inside.order_by("label").values_list("order_id", "label_id"):
            by_order.setdefault(order, []).append(label)
        pks = tuple(dict.fromkeys(pk for order in orders for pk in by_order.get(order, ())))
        return Asked(pks, None, {"orders": ",".join(map(str, orders))})
    pks = _numbers(given.getlist("labels"))
    return Asked(pks, None, {"labels": ",".join(map(str, pks))})


def _may_print(run: Run, access: Access) -> bool:
    """Whoever began a run, those print its labels who may see all of its shops."""
    if access.shop_ids is None or seen_by(access).filter(pk=run.pk).exists():
        return True
    foreign = RunRow.objects.filter(run=run).exclude(order__shop__in=access.shop_ids)
    return not foreign.exists()


def _numbers(given: list[str]) -> tuple[int, ...]:
    texts = [text for each in given for text in each.split(",")]
    found = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19]
    return tuple(dict.fromkeys(found))[:MOST]


def _labels(asked: Asked, access: Access) -> list[Label]:
    found = Label.objects.filter(pk__in=asked.pks).select_related("shop")
    by_pk = {each.pk: each for each in found if access.allows(each.shop_id)}
    return [by_pk[pk] for pk in asked.pks if pk in by_pk]


def _choice(given: QueryDict, request: HttpRequest, labels: list[Label]) -> Choice:
    """As the form says, else as the person chose last, else as fits the shop. A form says all of
    it: what is not ticked is not wanted."""
    is_form = request.method == "POST" or request.headers.get("HX-Target") in MOVING
    kept = {} if is_form else _usual(labels) | request.session.get(KEPT, {})
    if not is_form and len(labels) == 1:
        kept["cover"] = ""
    said = {**kept, **given.dict()}
    return Choice(
        content=_one_of(PrintFile.Content, said.get("content"), PrintFile.Content.LABELS),
        sorting=_one_of(Sorting, said.get("sorting"), Sorting.SKU),
        size=_one_of(Paper, said.get("size"), Paper.A6),
        is_reversed=bool(said.get("reversed")),
        with_pick_list=bool(said.get("pick_list")),
        with_cover=bool(said.get("cover")),
        reason=given.get("reason", ""),
        again=frozenset(_numbers(given.getlist("again"))) if is_form else frozenset(),
        cleared=_cleared(given.getlist("cleared")) if is_form else {},
    )


def _usual(labels: list[Label]) -> dict[str, str]:
    """A cover, and the paper of the shop's labels; label printers of the United States take
    4 x 6 in."""
    usual = {"cover": "on", "size": Paper.A6.value}
    if labels:
        shop = labels[0].shop
        is_unset = shop.label_size == Paper.A6 and is_imperial(shop.region)
        usual["size"] = Paper.FOUR_BY_SIX.value if is_unset else shop.label_size
    return usual


def _cleared(given: list[str]) -> dict[int, int]:
    """Labels whose canceled units are out, each with how many, from "pk-units"."""
    pairs = (_numbers([each.replace("-", ",")]) for each in given if each.count("-") == 1)
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}


def _says_less(given: QueryDict, asked: Asked, found: Plan, choice: Choice) -> str:
    """Why the form must be looked at again: its button said less than what would be printed now.
    Blank when it may go. Labels of a run may come out between the look and the press."""
    seen = given.get("counted", "").split(",")
    if len(seen) != 3:
        return ""
    going = len(found.going) if asked.run is None else 0
    says_more = (going > (_numbers(seen[1:2]) or (0,))[0]) or (
        len(found.again) > (_numbers(seen[2:]) or (0,))[0]
    )
    if seen[0] == choice.content and not says_more:
        return ""
    return f"Nothing was printed yet. Your choice now: {_button(found, choice)}. Press to do so."


def _one_of(of: Any, said: object, usual: Any) -> Any:
    return of(said) if said in set(of) else usual


def _kept(choice: Choice, last: Mapping[str, str], many: int) -> dict[str, str]:
    """What is remembered; a single label says nothing of covers."""
    cover = "on" if choice.with_cover else ""
    return {
        "cover": cover if many > 1 else last.get("cover", "on"),
        "content": choice.content.value,
        "sorting": choice.sorting.value,
        "size": choice.size.value,
        "reversed": "on" if choice.is_reversed else "",
        "pick_list": "on" if choice.with_pick_list else "",
    }


def _page(
    request: HttpRequest,
    asked: Asked,
    labels: list[Label],
    choice: Choice,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    found = plan(labels, choice, clock.now())
    told = _told_of_run(asked.run) if asked.run else None
    context = {
        "asked": asked,
        "chosen": len(labels),
        "choice": choice,
        "plan": found,
        "left_out": _left_out(found),
        "printed": [(named(each), each, sent_words(each)) for each in found.printed],
        "button": _button(found, choice),
        "was_printed": any(
            {each.label_print, each.slip_print} != {Label.Print.NO} for each in labels
        ),
        "platform_sizes": _platform_sizes(labels),
        "reasons": REASONS,
        "contents": PrintFile.Content,
        "sortings": PrintFile.Sorting,
        "sizes": SIZES,
        "of_run": told,
        "opens_itself": _opens_itself(request, asked, told, found),
        "key": uuid4(),
        "problem": problem,
    }
    if request.headers.get("HX-Target") in MOVING:
        is_over = told is None or not told["left"]
        context["with_run"] = request.headers["HX-Target"] == "print-run"
        return render(
            request,
            "print_news.html",
            context,
            status=STOP_POLLING if is_over and context["with_run"] else 200,
        )
    return render(request, "print_labels.html", context, status=status)


def _left_out(found: Plan) -> list[tuple[str, Label, str, int]]:
    """Those that were printed are listed on their own, and those to be cleared while they can be:
    the units that are to come out last."""
    printed = {each.pk for each in found.printed}
    out = {label.pk: units for label, units in found.to_clear}
    whys = {label.pk: why for label, why in found.left_out}
    listed = [label for label, _ in found.left_out if label.pk not in printed | found.clearing]
    shown = [label for label, _ in found.to_clear if label.pk in found.clearing]
    return [
        (named(each), each, whys.get(each.pk, ""), out.get(each.pk, 0)) for each in shown + listed
    ]


def _platform_sizes(labels: list[Label]) -> list[tuple[str, str]]:
    """(marketplace, "A6 or A5") of the shops whose platform makes labels in sizes of its own."""
    found = {}
    for label in labels:
        can = capabilities(label.shop, Shipping.PLATFORM)
        if can.document_sizes:
            found[marketplace(label.shop)] = " or ".join(can.document_sizes)
    return list(found.items())


def many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _button(found: Plan, choice: Choice) -> str:
    count = len(found.going)
    if choice.content == PrintFile.Content.PICK_LIST:
        return f"Print the pick list of {many(count, 'parcel')}"
    what = "packing slip" if choice.content == PrintFile.Content.SLIPS else "label"
    again = f", {len(found.again):,} of them once more" if found.again else ""
    if found.again and len(found.again) == count:
        again = " once more"
    if found.still_creating:
        return f"Print the {count:,} that {'is' if count == 1 else 'are'} ready{again}"
    return f"Print {many(count, what)}{again}"


def _told_of_run(run: Run) -> dict[str, Any]:
    """How many labels of the run are there and on their way, and those that were rejected."""
    rows = list(
        RunRow.objects.filter(run=run)
        .select_related("attempt__label", "order__shop")
        .order_by("position")
    )
    labels = [row.attempt.label if row.attempt else None for row in rows]
    under_way = (RunRow.Outcome.WAITING, RunRow.Outcome.SENDING)
    left = sum(
        row.outcome in under_way if label is None else label.state in IN_MAKING
        for row, label in zip(rows, labels, strict=True)
    )
    rejected = [
        (row, label)
        for row, label in zip(rows, labels, strict=True)
        if (label is None and row.outcome == RunRow.Outcome.FAILED)
        or (label is not None and label.state == Label.State.REJECTED)
    ]
    created = sum(label is not None and label.state == Label.State.CREATED for label in labels)
    return {
        "run": run,
        "rows": len(rows),
        "created": created,
        "left": left,
        "rejected": rejected,
        "gone_through": len(rows) - left,
    }


def _opens_itself(
    request: HttpRequest, asked: Asked, told: Mapping[str, Any] | None, found: Plan
) -> bool:
    """Labels created and printed together go to the printer once all have come out, and only by
    the person who wanted it so."""
    run = asked.run
    if run is None or told is None or request.method == "POST":
        return False
    is_mine = run.prints_at_once and run.person_id == request.user.pk
    return is_mine and not told["left"] and bool(found.going)
