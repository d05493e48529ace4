"""PDFs of labels on screen: sending them, watching them being read, what each page was matched to,
and saying of the rest which order they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO, cast
from uuid import UUID, uuid4, uuid5

from django.contrib import messages
from django.core.files.base import File
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from shipboard import clock
from shipboard.accounts import audit
from shipboard.accounts.roles import Right
from shipboard.channels.models import Shop
from shipboard.desk.door import access_for, needs
from shipboard.desk.errors import said
from shipboard.orders.labels import Label
from shipboard.orders.overlays import Refused
from shipboard.orders.queries import visible_shops
from shipboard.orders.staleness import WORDS, Stale, with_staleness
from shipboard.uploads import label_files as verbs
from shipboard.uploads import page_process
from shipboard.uploads.models import LabelFile, LabelPage

STOP_POLLING = 286  # htmx's own status: swap, and poll no more
LIST_SHOWN = 50
PAGES_SHOWN = 100
#: So many labels are printed from here; a longer list is no address any more.
MOST_PRINTED = 600
NUMBERS_SHOWN = 8
NUMBER = re.compile(r"[A-Z]{0,4}\d{7,30}[A-Z]{0,4}", re.ASCII)
State, Page = LabelFile.State, LabelPage.State
TABS = {
    Page.UNMATCHED: "Unmatched",
    Page.MATCHED: "Matched",
    Page.AWAY: "Put away",
}


@never_cache
@needs(Right.WORK)
def label_files(request: HttpRequest) -> HttpResponse:
    """GET /labels/files/[?shop=slug&before=file] lists the files with the form to send some; POST
    takes them and has them read."""
    access = access_for(request)
    shops = list(visible_shops(access))
    problems: list[str] = []
    if request.method == "POST":
        taken, problems = _take(request, shops)
        if not problems:
            return (
                redirect("label_file", taken[0].pk) if len(taken) == 1 else redirect(request.path)
            )
    found = verbs.seen_by(access).order_by("-pk")
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit():
        found = found.filter(pk__lt=int(before[:18]))
    listed = list(found[: LIST_SHOWN + 1])
    given = request.POST.get("shop") or request.GET.get("shop", "")
    context = {
        "shops": shops,
        "shop": given or (shops[0].slug if len(shops) == 1 else ""),
        "key": uuid4(),
        "problems": problems,
        "files": listed[:LIST_SHOWN],
        "before": listed[LIST_SHOWN - 1].pk if len(listed) > LIST_SHOWN else None,
        "most_mb": verbs.MAX_BYTES // 1_000_000,
        "most_pages": page_process.MAX_PAGES,
        "is_reading": any(each.state == State.READING for each in listed),
        "at": clock.now(),
    }
    if request.headers.get("HX-Target") == "label-files":
        return render(request, "label_files_rows.html", context)
    return render(request, "label_files.html", context, status=422 if problems else 200)


def _take(request: HttpRequest, shops: Iterable[Shop]) -> tuple[list[LabelFile], list[str]]:
    """The files that were taken, and what is wrong with the form or the rest of them."""
    by_slug = {shop.slug: shop for shop in shops}
    shop = by_slug.get(request.POST.get("shop", ""))
    files = request.FILES.getlist("files")
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError:
        return [], ["The form did not arrive whole. Choose the files again."]
    if shop is None:
        return [], ["Choose the shop whose labels these are, and then the files again."]
    if not files:
        return [], ["Choose the PDFs that Seller Center gave you."]
    taken, problems = [], []
    for at, file in enumerate(files):
        try:
            of, is_new = _taken(request, shop, file, uuid5(key, str(at)))
        except Refused as refusal:
            problems.append(str(refusal))
            continue
        taken.append(of)
        if not is_new:
            messages.info(request, f"{of.file_name} was sent before; nothing has changed.")
        elif len(files) > 1:
            messages.success(request, f"{of.file_name} is taken and being read.")
    return taken, problems


def _taken(
    request: HttpRequest, shop: Shop, file: File[bytes], key: UUID
) -> tuple[LabelFile, bool]:
    return verbs.take(
        shop,
        cast(BinaryIO, file),
        file_name=file.name or "",
        size=file.size,
        key=key,
        access=access_for(request),
        now=clock.now(),
    )


def _file(request: HttpRequest, pk: int) -> LabelFile:
    found = verbs.seen_by(access_for(request)).filter(pk=pk).first()
    if found is None:
        raise Http404("There is no such file in your shops.")
    return found


def _page(request: HttpRequest, pk: int) -> LabelPage:
    seen = visible_shops(access_for(request))
    found = LabelPage.objects.filter(file__shop__in=seen).select_related("file__shop")
    if (page := found.filter(pk=pk).first()) is None:
        raise Http404("There is no such page in your shops.")
    return page


@never_cache
@require_safe
@needs(Right.WORK)
def label_file(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /labels/files/<pk>/[?pages=matched&after=number]: its pages; to htmx only the part that
    moves, until it is read."""
    return _shown(request, _file(request, pk))


def _shown(
    request: HttpRequest,
    of: LabelFile,
    *,
    problem: str = "",
    page: int = 0,
    number: str = "",
    status: int = 200,
) -> HttpResponse:
    """`problem` of this `page`; with the `number` that was given, it may be given once more."""
    counts: dict[str, int] = {
        state.value: getattr(of, f"{state.value}_pages") for state in LabelPage.State
    }
    chosen = request.GET.get("pages", "")
    if chosen not in TABS:
        chosen = next((state.value for state in TABS if counts[state]), Page.UNMATCHED.value)
    pages = LabelPage.objects.filter(file=of, state=chosen).order_by("number")
    # A page may have millions of bytes; whether it has any is enough.
    pages = pages.defer("sealed").annotate(is_kept=Q(sealed__isnull=False))
    after = request.GET.get("after", "")
    if after.isascii() and after.isdigit():
        pages = pages.filter(number__gt=int(after[:6]))
    listed = list(pages[: PAGES_SHOWN + 1])
    context = {
        "of": of,
        "chips": [(state.value, label, counts[state]) for state, label in TABS.items()],
        "chosen": chosen,
        "rows": _rows(request, listed[:PAGES_SHOWN]),
        "after": listed[PAGES_SHOWN - 1].number if len(listed) > PAGES_SHOWN else None,
        "counts": counts,
        "read": sum(counts.values()),
        "print": _to_print(of),
        "is_reading": of.state == State.READING,
        "can_match": bool(counts[Page.UNMATCHED]) and not of.purged_at,
        "problem": problem,
        "problem_of": page,
        "number": number,
        "at": clock.now(),
    }
    if request.headers.get("HX-Target") == "label-file":
        status = 200 if of.state == State.READING else STOP_POLLING
        return render(request, "label_file_body.html", context, status=status)
    return render(request, "label_file.html", context, status=status)


def _rows(request: HttpRequest, pages: Sequence[LabelPage]) -> list[dict[str, Any]]:
    """Each with its label and the label's orders, and the numbers that stand on it for those who
    may see buyers: a telephone number may be among them."""
    may_see = access_for(request).may(Right.SEE_BUYERS)
    labels = {
        label.pk: label
        for label in _with_orders({page.label_id for page in pages if page.label_id})
    }
    rows = []
    for page in pages:
        label = labels.get(page.label_id or 0)
        is_open = page.state == Page.UNMATCHED and may_see
        stale = getattr(label, "stale", "")
        rows.append(
            {
                "page": page,
                "label": label,
                "stale": WORDS[Stale(stale)] if stale else None,
                "names": _told(page) if is_open else [],
                "has_picture": may_see and getattr(page, "is_kept", False),
            }
        )
    return rows


def _with_orders(pks: Iterable[int]) -> QuerySet[Label]:
    found = Label.objects.filter(pk__in=list(pks)).prefetch_related("inside__order")
    return with_staleness(found, clock.now())


def _told(page: LabelPage) -> list[str]:
    """Its codes first, then what else reads as a number, without what only repeats another."""
    found = verbs.found_on(page)
    told = list(dict.fromkeys(code[:60] for _, code in found.codes))
    for name in found.names:
        if NUMBER.fullmatch(name) and not any(name in each or each in name for each in told):
            told.append(name)
    return told[:NUMBERS_SHOWN]


def _to_print(of: LabelFile) -> str:
    """Keys of its labels that can be printed, in the order of its pages."""
    pages = LabelPage.objects.filter(file=of, label__state=Label.State.CREATED)
    keys = pages.order_by("number").values_list("label_id", flat=True)
    return ",".join(str(key) for key in list(dict.fromkeys(keys))[:MOST_PRINTED])


@require_POST
@needs(Right.WORK)
def match_label_file(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /labels/files/<pk>/match/: the unmatched pages against the orders as they are now."""
    of = _file(request, pk)
    if not verbs.match_again(of, access=access_for(request)):
        messages.info(request, "No page of it waits to be matched, or it is being read just now.")
    return redirect("label_file", of.pk)


@require_POST
@needs(Right.WORK)
def label_page(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /labels/files/pages/<pk>/ with `do`: whose (and `number`), away, back."""
    page, access, do = _page(request, pk), access_for(request), request.POST.get("do", "")
    try:
        match do:
            case "whose":
                number = request.POST.get("number", "")
                is_sure = request.POST.get("sure") == "yes"
                label = verbs.say_whose(
                    page, number, access=access, now=clock.now(), is_sure=is_sure
                )
                messages.success(request, f"Page {page.number} is the label of {_named(label)}.")
            case "away":
                verbs.put_away(page, access=access)
            case "back":
                verbs.bring_back(page, access=access)
            case _:
                return said(request, 400, "No such thing", "Say whose it is, or put it away.")
    except verbs.NamesAnother as warning:
        of = _file(request, page.file_id)
        said_so = request.POST.get("number", "")
        return _shown(request, of, problem=str(warning), page=page.pk, number=said_so, status=422)
    except Refused as refusal:
        of = _file(request, page.file_id)
        return _shown(request, of, problem=str(refusal), page=page.pk, status=422)
    return redirect(f"{reverse('label_file', args=[page.file_id])}?pages=unmatched")


def _named(label: Label) -> str:
    orders = label.inside.order_by("order").values_list("order__order_id", flat=True)
    said = (f"order {', '.join(orders)}", label.tracking_number or label.package_id)
    return ", ".join(filter(None, said))


@never_cache
@require_safe
@needs(Right.SEE_BUYERS)
@needs(Right.WORK)
def label_page_picture(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /labels/files/pages/<pk>/picture/: an unmatched page as PNG; who looked is noted."""
    page = _page(request, pk)
    if page.sealed is None:
        why = "It became a label, or is not kept any more."
        return said(request, 410, "The page is not here", why)
    try:
        content = page_process.picture(verbs.opened(page.sealed))
    except Refused as refusal:
        return said(request, 410, "The page cannot be shown", str(refusal))
    audit.note(access_for(request).by, "label_page_shown", page.file.file_name, page=page.number)
    return HttpResponse(content, content_type="image/png")
