"""What went to the printer: the history, one file with its print dialog, what came out of it, the
PDF itself made anew, and that canceled units are out of a label's parcel. Every opening is audited.
"""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shipboard import clock
from shipboard.accounts import audit
from shipboard.accounts.roles import Right
from shipboard.desk.door import access_for, needs
from shipboard.desk.errors import said
from shipboard.desk.prints import REASONS, many
from shipboard.fulfilment.print_ends import (
    CameOut,
    SettledBefore,
    awaiting,
    open_first,
    prints_of,
    prints_seen_by,
    settle,
)
from shipboard.fulfilment.print_pages import NothingToOpen, is_over, pdf_of, pick_list_title
from shipboard.fulfilment.printing import (
    LONGEST_REASON,
    Content,
    named,
    printables,
    stale_words,
)
from shipboard.fulfilment.storing import NoDocument
from shipboard.fulfilment.taken_out import say_taken_out
from shipboard.orders.labels import Label, PrintFile, PrintItem
from shipboard.orders.overlays import BadWords, Refused, reason_words
from shipboard.printing import Damaged

LIST_SHOWN = 50


@never_cache
@require_safe
@needs(Right.WORK)
def prints(request: HttpRequest) -> HttpResponse:
    """GET /labels/prints/[?q=order, tracking number or person][?waiting=yes][&before=pk]: what was
    printed, newest first; with `waiting` those of which nobody has said what came out."""
    access = access_for(request)
    q = request.GET.get("q", "").replace("\0", "").strip()[:200]
    is_waiting = request.GET.get("waiting") == "yes"
    found = prints_of(access, q) if q else prints_seen_by(access)
    if is_waiting:
        found = found.filter(pk__in=awaiting(access).values("pk"))
    found = found.order_by("-pk")
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit():
        found = found.filter(pk__lt=int(before[:18]))
    listed = list(found[: LIST_SHOWN + 1])
    context = {
        "prints": listed[:LIST_SHOWN],
        "q": q,
        "is_waiting": is_waiting,
        "awaiting": awaiting(access).count(),
        "older": _older(request.GET, listed) if len(listed) > LIST_SHOWN else "",
    }
    return render(request, "prints.html", context)


def _older(given: QueryDict, listed: list[PrintFile]) -> str:
    kept = {name: given[name] for name in ("q", "waiting") if name in given}
    return urlencode(kept | {"before": listed[LIST_SHOWN - 1].pk})


def _file(request: HttpRequest, pk: int) -> PrintFile:
    file = prints_seen_by(access_for(request)).filter(pk=pk).first()
    if file is None:
        raise Http404("There is no such print of your shops.")
    return file


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.WORK)
def print_file(request: HttpRequest, pk: int) -> HttpResponse:
    """/labels/prints/<pk>/[?dialog=1]: GET shows the file (and opens the print dialog on it), POST
    says with came_out=all|none|up_to and last=... what came out of the printer."""
    file = _file(request, pk)
    if request.method == "POST":
        return _settle(request, file)
    return _shown(request, file)


def _settle(request: HttpRequest, file: PrintFile) -> HttpResponse:
    given = request.POST.get("came_out", "")
    last = request.POST.get("last", "")
    if given not in set(CameOut):
        return _shown(request, file, "Say whether all came out, none, or up to which label.", 400)
    try:
        good = settle(file, CameOut(given), access=access_for(request), now=clock.now(), last=last)
    except Refused as refusal:
        return _shown(request, file, str(refusal), 409)
    lost = file.labels - good
    told = f"{many(good, 'label')} printed."
    if lost:
        told += f" {many(lost, 'label')} back to not printed, ready for a new print."
    messages.success(request, told)
    return redirect("print_file", file.pk)


def _shown(
    request: HttpRequest, file: PrintFile, problem: str = "", status: int = 200
) -> HttpResponse:
    items = list(file.items.order_by("position"))
    labels = printables([item.label_id for item in items], clock.now())
    by_pk = {label.pk: label for label in labels}
    context = {
        "file": file,
        "content": Content(file.content).label,
        "is_pick_list": file.content == Content.PICK_LIST,
        "pick_list": pick_list_title(file.still_creating) if file.with_pick_list else "",
        "series": list(PrintFile.objects.filter(key=file.key).order_by("number")),
        "items": [
            (item, label, named(label), stale_words(label) if label.stale else "")  # type: ignore[attr-defined]
            for item in items
            if (label := by_pk.get(item.label_id))
        ],
        "zone": labels[0].shop.zone,
        "opens": request.GET.get("dialog") == "1"
        and (file.settled_at is None or file.content == Content.PICK_LIST),
        "is_over": is_over(file),
        "out": sum(item.outcome != PrintItem.Outcome.LOST for item in items),
        "reasons": REASONS,
        "problem": problem,
        "last": request.POST.get("last", ""),
    }
    return render(request, "print_file.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.WORK)
def print_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """/labels/prints/<pk>/file.pdf: the file for the printer, made anew; once somebody has said
    what came out, only what did, and only to POST with a `reason`."""
    file = _file(request, pk)
    if is_over(file) and request.method != "POST":
        return redirect(f"/labels/prints/{file.pk}/#open-again")
    try:
        content = _content(request, file)
    except BadWords as problem:
        return _shown(request, file, str(problem), 400)
    except (NothingToOpen, SettledBefore) as problem:
        return _shown(request, file, str(problem), 409)
    except NoDocument:
        why = (
            "Label files are kept for as many days as the shop's settings say. Packing slips and "
            "pick lists can still be printed."
        )
        return said(request, 410, "The label files of this print are gone", why)
    except Damaged as problem:
        return said(request, 409, "The file cannot be made", str(problem))
    return personal(content, "application/pdf", f"print-{file.pk}.pdf")


def _content(request: HttpRequest, file: PrintFile) -> bytes:
    """Noted in the audit. Raises BadWords, SettledBefore, and as pdf_of does."""
    access, now = access_for(request), clock.now()
    with_addresses = access.may(Right.SEE_BUYERS)
    if not is_over(file):
        return open_first(file, access=access, now=now, with_addresses=with_addresses)
    reason = reason_words(request.POST.get("reason", ""), LONGEST_REASON)
    content = pdf_of(file, now, with_addresses=with_addresses)
    audit.note(access.by, "print_reopened", f"print {file.pk}", labels=file.labels, reason=reason)
    return content


@require_POST
@needs(Right.WORK)
def clear_label(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /labels/<pk>/cleared/ with units=n and sure=yes: the canceled units are out of its
    parcel."""
    access = access_for(request)
    label = Label.objects.filter(pk=pk).first()
    if label is None or not access.allows(label.shop_id):
        raise Http404("There is no such label in your shops.")
    units = request.POST.get("units", "")
    if request.POST.get("sure") != "yes" or not (units.isascii() and units.isdigit()):
        messages.error(request, "Tick that the canceled units are taken out.")
        return redirect("label", pk)
    try:
        say_taken_out(label, int(units[:9]), access=access, now=clock.now())
    except Refused as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, "The canceled units are out; the label can be used.")
    return redirect("label", pk)


def personal(content: bytes, media_type: str, name: str) -> HttpResponse:
    """A file with names and addresses: kept nowhere, and shown in a frame of the desk alone. The
    desk's own rules on what a page may load would keep browsers from showing a PDF."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "no-store"
    response["Content-Security-Policy"] = "frame-ancestors 'self'"
    response["X-Content-Type-Options"] = "nosniff"
    return response
