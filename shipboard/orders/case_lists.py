"""Questions about cases: what is in each tab of Cancellations & returns, and one page of it. Worked
out for one instant `now` and the shops that are in view.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.core import signing
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.lookups import GreaterThan, LessThan

from shipboard.channels.case_contract import IN_DISPUTE
from shipboard.channels.contract import CaseKind, Stage
from shipboard.channels.models import Shop
from shipboard.channels.registry import case_statuses
from shipboard.orders.attempts import Attempt, under_way
from shipboard.orders.case_filters import CaseFilter, CaseTab
from shipboard.orders.case_words import STEP_OF_KIND
from shipboard.orders.filters import BadFilter, OrderFilter
from shipboard.orders.models import Case, Line, Order
from shipboard.orders.paging import Row, keys_of_page
from shipboard.orders.parts import to_decide
from shipboard.orders.queries import in_view
from shipboard.orders.stages import in_stage

OVER = (Stage.CANCELED, Stage.CLOSED)
SIGNER = signing.Signer(salt="shipboard.orders.case_lists", sep="~")
#: Reasons and people that a filter offers.
OFFERED = 40


@dataclass(frozen=True)
class CaseListing:
    """What the page shows: `cases`, each with its `order` (parts that decide, shop) and `answers`
    (attempts, oldest first). Tab counts are of all cases of the shops in view, `count` of those
    that the filter finds. `elsewhere`: in which other tabs a search hits that finds nothing in
    this. `after` and `before` are cursors, blank at the ends."""

    cases: Sequence[Case]
    count: int
    tabs: Mapping[CaseTab, int]
    shops: list[Shop]
    elsewhere: Mapping[CaseTab, int] = field(default_factory=dict)
    not_found: tuple[str, ...] = ()
    after: str = ""
    before: str = ""


def case_listing(filter_: CaseFilter, now: datetime, visible: list[Shop]) -> CaseListing:
    """Everything that the page shows. Raises BadFilter for an unknown shop or cursor."""
    shops = in_view(OrderFilter(shop=filter_.shop), visible)
    counted = tab_counts(shops, now)
    hits = find_cases(filter_.q, shops) if filter_.q else None
    found = cases_matching(filter_, shops, now, hits)
    many = found.count() if filter_.is_narrowed else counted[filter_.tab]
    pks, after, before = _page(found, filter_)
    return CaseListing(
        cases=cases_of(pks, now),
        count=many,
        tabs=counted,
        shops=shops,
        elsewhere=_elsewhere(filter_, shops, now, hits) if hits and not many else {},
        not_found=hits.not_found if hits else (),
        after=after,
        before=before,
    )


def to_answer(now: datetime) -> Q:
    """Cases that wait for the seller: those of the board's two cards (orders/cards.py) that are not
    answered already, and those of the platform's own warehouse, which no card counts and which wait
    all the same. A request within the buyer's free hour approves itself."""
    free = Q(kind=CaseKind.CANCELLATION) & Q(
        order__in=Order.objects.filter(in_stage(Stage.ON_HOLD, now))
    )
    return Q(is_open=True) & ~_over() & ~free & ~_answered()


def _over() -> Q:
    return Q(order__stage__in=OVER)


def _answered() -> Q:
    """An answer is on its way, or was taken since the case was read."""
    sent = Attempt.objects.filter(under_way(), kind=Attempt.Kind.ANSWER, case=OuterRef("pk"))
    return Q(Exists(sent))


def _runs() -> Q:
    """Of those that do not wait for the seller."""
    going_on = [name for name, status in case_statuses().items() if status.goes_on]
    return Q(status__in=going_on) | Q(dispute=IN_DISPUTE)


def in_case_tab(tab: CaseTab, now: datetime) -> Q:
    match tab:
        case CaseTab.TO_ANSWER:
            return to_answer(now)
        case CaseTab.UNDER_WAY:
            return (Q(is_open=False) & _runs()) | (Q(is_open=True) & ~_over() & ~to_answer(now))
    return (Q(is_open=False) & ~_runs()) | (Q(is_open=True) & _over())


def of_shops(shops: Iterable[Shop]) -> QuerySet[Case]:
    return Case.objects.filter(shop__in=[shop.pk for shop in shops])


def tab_counts(shops: Iterable[Shop], now: datetime) -> dict[CaseTab, int]:
    """How many cases each tab holds: those that do not wait from an index alone, the few that do
    one by one. Two queries."""
    cases = of_shops(shops)
    ended = cases.filter(is_open=False).aggregate(
        all=Count("shop"), runs=Count("shop", filter=_runs())
    )
    waiting = cases.filter(is_open=True).aggregate(
        all=Count("pk"),
        over=Count("pk", filter=_over()),
        to_answer=Count("pk", filter=to_answer(now)),
    )
    return {
        CaseTab.TO_ANSWER: waiting["to_answer"],
        CaseTab.UNDER_WAY: ended["runs"] + waiting["all"] - waiting["over"] - waiting["to_answer"],
        CaseTab.DECIDED: ended["all"] - ended["runs"] + waiting["over"],
    }


def to_answer_count(visible: list[Shop], now: datetime) -> int:
    """What the tab To answer counts where nobody has chosen a shop. One query."""
    return of_shops(in_view(OrderFilter(), visible)).filter(to_answer(now)).count()


@dataclass(frozen=True)
class CaseHits:
    """Keys of the cases that a search found, and the values that found none."""

    pks: tuple[int, ...]
    not_found: tuple[str, ...]


def find_cases(values: Sequence[str], shops: Iterable[Shop]) -> CaseHits:
    """Cases of these shops by the number of the case or of its order, in any tab. Two queries."""
    cases = of_shops(shops)
    known: dict[int, str] = dict(cases.filter(case_id__in=values).values_list("pk", "case_id"))
    orders = Order.objects.filter(order_id__in=values)
    by_order = cases.filter(order__in=orders).values_list("pk", "order__order_id")
    found = list(by_order)
    hit = {*known.values(), *(name for _, name in found)}
    pks = {*known, *(pk for pk, _ in found)}
    return CaseHits(tuple(pks), tuple(value for value in values if value not in hit))


def cases_matching(
    filter_: CaseFilter, shops: list[Shop], now: datetime, hits: CaseHits | None
) -> QuerySet[Case]:
    """Cases of `shops` that the filter finds; unsorted."""
    found = of_shops(shops).filter(in_case_tab(filter_.tab, now))
    for name in ("kind", "reason"):
        if values := getattr(filter_, name):
            found = found.filter(**{f"{name}__in": values})
    if filter_.step:
        # Where the channel says only that a case waits, its kind tells (case_words.step_of).
        by_kind = [kind for kind, step in STEP_OF_KIND.items() if step in filter_.step]
        found = found.filter(Q(step__in=filter_.step) | Q(step="", kind__in=by_kind))
    if filter_.answered_by:
        answers = Attempt.objects.filter(kind=Attempt.Kind.ANSWER, by__in=filter_.answered_by)
        counting = answers.exclude(state__in=(Attempt.State.REVOKED, Attempt.State.REFUSED))
        found = found.filter(Exists(counting.filter(case=OuterRef("pk"))))
    return found.filter(pk__in=hits.pks) if hits else found


def _elsewhere(
    filter_: CaseFilter, shops: list[Shop], now: datetime, hits: CaseHits
) -> dict[CaseTab, int]:
    found = {
        tab: cases_matching(filter_.at(tab), shops, now, hits).count()
        for tab in CaseTab
        if tab is not filter_.tab
    }
    return {tab: many for tab, many in found.items() if many}


def reasons(shops: Iterable[Shop], tab: CaseTab, now: datetime) -> list[str]:
    """Reasons of the tab's latest cases, for the filter to offer."""
    recent = of_shops(shops).filter(in_case_tab(tab, now)).exclude(reason="").order_by("-pk")
    latest = list(recent.values_list("reason", flat=True)[:500])
    return sorted(dict.fromkeys(latest))[:OFFERED]


def answerers(shops: Iterable[Shop]) -> list[str]:
    """Who answered the latest cases from here, for the filter to offer."""
    answers = Attempt.objects.filter(kind=Attempt.Kind.ANSWER, case__isnull=False)
    latest = answers.filter(shop__in=[shop.pk for shop in shops]).order_by("-case")
    return sorted(set(latest.values_list("by", flat=True)[:500]))[:OFFERED]


def cases_of(pks: Sequence[int], now: datetime) -> list[Case]:
    """These cases in this order, each with its `order`, whose shop and deciding parts are there and
    whose lines are those that the cases name units of; and with its `answers`."""
    by_pk = Case.objects.in_bulk(list(pks))
    found = [by_pk[pk] for pk in pks if pk in by_pk]
    order_pks = {case.order_id for case in found}
    orders = {each.pk: each for each in to_decide(Order.objects.filter(pk__in=order_pks), now)}
    lines: dict[int, list[Line]] = {pk: [] for pk in order_pks}
    for line in (
        Line.objects.filter(order__in=order_pks).select_related("item").order_by("position")
    ):
        lines[line.order_id].append(line)
    answers: dict[int | None, list[Attempt]] = {case.pk: [] for case in found}
    sent = Attempt.objects.filter(kind=Attempt.Kind.ANSWER, case__in=list(answers))
    for attempt in sent.order_by("pk"):
        answers[attempt.case_id].append(attempt)
    for case in found:
        if case.order_id in orders:
            case.order = orders[case.order_id]
            case.order._prefetched_objects_cache["lines"] = lines[case.order_id]  # type: ignore[attr-defined]
            case.answers = answers[case.pk]  # type: ignore[attr-defined]
    return [case for case in found if case.order_id in orders]


Place = tuple[datetime | None, int]


def _page(cases: QuerySet[Case], filter_: CaseFilter) -> tuple[list[int], str, str]:
    """Keys of one page, and the cursors of the next and the previous one."""
    return keys_of_page(
        filter_.per_page,
        filter_.after,
        filter_.before,
        lambda start, is_back: _rows(cases, filter_, start, is_back),
        lambda cursor: _opened(cursor, filter_),
        lambda place: _sealed(place, filter_),
    )


def _rows(
    cases: QuerySet[Case], filter_: CaseFilter, start: Place | None, is_back: bool
) -> list[Place]:
    """(instant, key) of one more than a page from `start` on. Those with an instant come first, in
    the order of their index, and then those without one: each part is asked for alone, so that
    neither is sorted."""
    column = "respond_by" if filter_.tab is CaseTab.TO_ANSWER else "changed_at"
    down = (filter_.tab is not CaseTab.TO_ANSWER) != is_back
    order = (f"-{column}", "-pk") if down else (column, "pk")
    found: list[Place] = []
    for is_known in (False, True) if is_back else (True, False):
        part = cases.filter(**{f"{column}__isnull": not is_known})
        if start:
            if is_known is (start[0] is not None):
                part = part.filter(_beyond(column, start, down))
            elif is_known is not is_back:
                continue  # it lies behind the place
        rows = part.order_by(*order).values_list(column, "pk")
        found += rows[: filter_.per_page + 1 - len(found)]
        if len(found) > filter_.per_page:
            break
    return found


def _beyond(column: str, start: Place, down: bool) -> Q:
    at, pk = start
    if at is None:
        return Q(pk__lt=pk) if down else Q(pk__gt=pk)
    compare = LessThan if down else GreaterThan
    return Q(compare(Row(F(column), F("pk")), Row(Value(at), Value(pk))))


def _sealed(place: Place, filter_: CaseFilter) -> str:
    at, pk = place
    return SIGNER.sign_object([filter_.tab.value, at.isoformat() if at else None, pk])


def _opened(cursor: str, filter_: CaseFilter) -> Place:
    try:
        tab, at, pk = SIGNER.unsign_object(cursor)
    except signing.BadSignature:
        tab, at, pk = "", None, 0
    if tab != filter_.tab:
        raise BadFilter("That is not a place in this list; go back to the first page.")
    return datetime.fromisoformat(at) if at else None, pk
