"""Exports on screen: asking for one, watching it, taking its file, and all there have been."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from shipboard import clock
from shipboard.accounts.access import Access, NotAllowed
from shipboard.desk.door import access_for
from shipboard.desk.errors import refused, said
from shipboard.desk.export_form import choice_of, export_form, selection_of, wanted_by
from shipboard.desk.export_schedules import schedule_shown
from shipboard.exports import exports as verbs
from shipboard.exports import schedules
from shipboard.exports.delivery import file_name
from shipboard.exports.layouts import LABELS, BadLayout, Name
from shipboard.exports.models import Export
from shipboard.exports.own_layouts import layouts_of
from shipboard.exports.vault import Unopenable
from shipboard.exports.write import TooMany
from shipboard.fulfilment.selection import BadSelection
from shipboard.orders.filters import BadFilter
from shipboard.orders.overlays import Refused
from shipboard.orders.queries import visible_shops

STOP_POLLING = 286  # htmx's own status: swap, and poll no more
LIST_SHOWN = 50
#: A worker that is well has taken it by then.
PATIENCE = timedelta(seconds=20)
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Shown:
    """An export as it is drawn: `percent` None while that is not known; `is_open`: to the
    reader, who may see what is in it; `why_not`: why its file cannot be taken now."""

    export: Export
    layout: str
    percent: int | None
    rate: int
    left: str
    is_live: bool
    is_open: bool
    is_offered: bool
    is_stuck: bool
    why_not: str


def shown(export: Export, access: Access, now: datetime) -> Shown:
    seconds = (now - export.started_at).total_seconds() if export.started_at else 0.0
    rate = export.rows / seconds if seconds > 0 else 0.0
    is_running = export.state == Export.State.RUNNING
    planned = export.rows_planned if is_running else 0
    waited = now - export.asked_at > PATIENCE
    is_open, why_not = True, ""
    try:
        verbs.check_may_take(export, access)
        verbs.check_offered(export, now)
    except NotAllowed as refusal:
        is_open, why_not = False, str(refusal)
    except (verbs.NotOffered, Unopenable) as problem:
        why_not = str(problem)
    return Shown(
        export=export,
        layout=_columns(export),
        percent=min(100, export.rows * 100 // planned) if planned else None,
        rate=round(rate),
        left=time_left((planned - export.rows) / rate) if rate and is_running else "",
        is_live=export.state in verbs.LIVE,
        is_open=is_open,
        is_offered=not why_not,
        is_stuck=export.state == Export.State.WAITING and waited,
        why_not=why_not,
    )


def _columns(export: Export) -> str:
    label = LABELS[Name(export.layout)]
    many = len(export.columns)
    return f"{label}, {many} chosen column{'' if many == 1 else 's'}" if many else label


def time_left(seconds: float) -> str:
    """`about 40 s`, `about 3 min`."""
    seconds = max(1.0, seconds)
    return f"about {seconds:.0f} s" if seconds < 90 else f"about {seconds / 60:.0f} min"


@never_cache
def exports(request: HttpRequest) -> HttpResponse:
    """GET lists exports and schedules, newest first; POST asks for an export."""
    if request.method == "POST":
        return _begin(request)
    access, now = access_for(request), clock.now()
    found = verbs.seen_by(access).defer("chosen", "bookmark").order_by("-pk")
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit():
        found = found.filter(pk__lt=int(before[:18]))
    listed = list(found[: LIST_SHOWN + 1])
    shops = list(visible_shops(access))
    kept = schedules.seen_by(access).select_related("person").order_by("name", "pk")
    context = {
        "exports": [shown(each, access, now) for each in listed[:LIST_SHOWN]],
        "before": listed[LIST_SHOWN - 1].pk if len(listed) > LIST_SHOWN else None,
        "schedules": [schedule_shown(each, shops, now) for each in kept],
        "own": [
            each for each in layouts_of(access.person_id) if each.person_id == access.person_id
        ],
        "now": now,
    }
    return render(request, "exports.html", context)


def _begin(request: HttpRequest) -> HttpResponse:
    access, now = access_for(request), clock.now()
    try:
        selection, choice = selection_of(request.POST), choice_of(request.POST.dict())
        key = UUID(request.POST.get("key", ""))
        export = verbs.begin(wanted_by(choice, selection, access), key=key, access=access, now=now)
    except BadFilter as problem:
        return refused(request, problem)
    except (TooMany, BadLayout, verbs.NothingToExport) as problem:
        return export_form(request, selection, choice, str(problem), 422)
    except (BadSelection, Refused) as problem:
        return said(request, 400, "Nothing was exported", str(problem))
    except ValueError:
        why = "The form was not complete. Reload the page and send it again."
        return said(request, 400, "Nothing was exported", why)
    if not request.headers.get("HX-Request"):
        return redirect("export", export.pk)
    response = _page(request, export)
    response["HX-Trigger"] = "export-begun"
    return response


def _export(request: HttpRequest, pk: int) -> Export:
    found = verbs.seen_by(access_for(request)).select_related("schedule").defer("chosen")
    export = found.filter(pk=pk).first()
    if export is None:
        raise Http404("There is no such export of yours.")
    return export


@never_cache
@require_safe
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """One export; to htmx only the part that moves, and once it has ended the word to ask no
    more. Whoever asked for it knows then that it has ended."""
    return _page(request, _export(request, pk))


def _page(request: HttpRequest, of: Export) -> HttpResponse:
    access, now = access_for(request), clock.now()
    drawn = shown(of, access, now)
    if not drawn.is_live and of.noticed_at is None and of.person_id == access.person_id:
        Export.objects.filter(pk=of.pk, noticed_at=None).update(noticed_at=now)
    target = request.headers.get("HX-Target", "")
    in_dialog = target == "panel-body"
    context = {"shown": drawn, "of": of, "at": now, "in_dialog": in_dialog, "is_focused": in_dialog}
    if target == "export-outcome":
        status = 200 if drawn.is_live else STOP_POLLING
        response = render(request, "export_outcome.html", context, status=status)
        if drawn.is_live and not of.cancel_asked_at:
            response["HX-Retarget"] = response["HX-Reselect"] = "#export-moving"
        return response
    return render(request, "export.html", context)


@require_POST
def cancel_export(request: HttpRequest, pk: int) -> HttpResponse:
    of = _export(request, pk)
    verbs.cancel(of, access=access_for(request), now=clock.now())
    return _again(request, pk)


@require_POST
def retry_export(request: HttpRequest, pk: int) -> HttpResponse:
    of = _export(request, pk)
    try:
        verbs.retry(of, access=access_for(request), now=clock.now())
    except Refused as late:
        messages.info(request, str(late))
    response = _again(request, pk)
    response["HX-Trigger"] = "export-begun"
    return response


def _again(request: HttpRequest, pk: int) -> HttpResponse:
    """The export as it is now: the moving part to htmx, else its page."""
    if request.headers.get("HX-Target") != "export-outcome":
        return redirect("export", pk)
    of = _export(request, pk)
    context = {
        "shown": shown(of, access_for(request), clock.now()),
        "of": of,
        "at": clock.now(),
        "is_focused": True,
    }
    return render(request, "export_outcome.html", context)


@require_GET
def export_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The plain file, decrypted as it is sent; every time is noted."""
    of = _export(request, pk)
    try:
        opened = verbs.take(of, access=access_for(request), now=clock.now())
    except verbs.NotOffered as late:
        return said(request, 410, "The file is gone", str(late))
    except Unopenable as problem:
        return said(request, 410, "The file cannot be opened", str(problem))
    response = StreamingHttpResponse(opened.chunks, content_type=TYPES[of.format])
    response["Content-Length"] = str(opened.size)
    response["Content-Disposition"] = content_disposition_header(True, file_name(of)) or ""
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@never_cache
@require_GET
def notice(request: HttpRequest) -> HttpResponse:
    """GET /exports/notice/?shown=<pk,pk>: what of one's own has ended unnoticed. Asked once a page,
    and again and again only while something is being written. 204: as it was."""
    access = access_for(request)
    own = Export.objects.filter(person=access.person_id or 0, noticed_at=None)
    found = list(own.defer("chosen", "bookmark").order_by("-pk")[:20])
    ended = [each for each in found if each.state not in verbs.LIVE]
    is_live = len(ended) < len(found)
    keys = ",".join(str(each.pk) for each in ended)
    if is_live and request.GET.get("shown") == keys:
        return HttpResponse(status=204)
    context = {"ended": ended[:3], "is_live": is_live, "keys": keys}
    return render(request, "export_notice.html", context)


@require_POST
def note_export(request: HttpRequest, pk: int) -> HttpResponse:
    """The notice was read and is put away."""
    of = _export(request, pk)
    if of.person_id == access_for(request).person_id:
        Export.objects.filter(pk=pk, noticed_at=None).update(noticed_at=clock.now())
    return redirect(f"/exports/notice/?shown=put-away-{pk}")
