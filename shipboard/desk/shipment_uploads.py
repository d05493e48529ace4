"""Files of shipments on screen: sending one, its preview, beginning it, what became of every row,
and the files to take: the filled template, the result, the failed rows.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.core.files.base import File
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.text import get_valid_filename
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from shipboard import clock
from shipboard.accounts import audit
from shipboard.accounts.roles import Right
from shipboard.channels.file import UnreadableFile
from shipboard.channels.file.tracking import MAX_BYTES, MAX_ROWS
from shipboard.channels.models import Shop
from shipboard.desk.door import access_for, needs
from shipboard.desk.errors import said
from shipboard.exports.layouts import Format
from shipboard.fulfilment import runs
from shipboard.fulfilment.models import Run
from shipboard.orders.overlays import Refused
from shipboard.orders.queries import visible_shops
from shipboard.uploads import uploads as verbs
from shipboard.uploads.models import ShipmentUpload
from shipboard.uploads.result_files import to_mend, with_results
from shipboard.uploads.results import LABELS, TO_MEND, Result, counts_of, rows_of
from shipboard.uploads.template import Template, template

STOP_POLLING = 286  # htmx's own status: swap, and poll no more
LIST_SHOWN = 50
ROWS_SHOWN = 100
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
EMPTY = "The file is empty: 0 bytes. Fill in a template, and send that file."
DAMAGED_FORM = "The form did not arrive whole. Choose the file again, and send it once more."


class ShipmentForm(forms.Form):
    shop = forms.ModelChoiceField(
        Shop.objects.none(), to_field_name="slug", empty_label="Choose the shop of the orders"
    )
    file = forms.FileField(
        label="Shipments (XLSX or CSV)",
        error_messages={"required": "Choose the file with the tracking numbers.", "empty": EMPTY},
    )
    key = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={"required": DAMAGED_FORM, "invalid": DAMAGED_FORM},
    )


@needs(Right.WORK)
def shipment_uploads(request: HttpRequest) -> HttpResponse:
    """GET lists the files with the form to send one; POST reads a file and shows its preview."""
    access = access_for(request)
    shops = visible_shops(access)
    form = ShipmentForm(request.POST or None, request.FILES or None)
    form.fields["shop"].queryset = shops  # type: ignore[attr-defined]
    only = shops[0].slug if shops.count() == 1 else None
    form.fields["shop"].initial = request.GET.get("shop") or only
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("shipment_upload", _take(request, form).pk)
        except (UnreadableFile, Refused) as problem:
            form.add_error("file", str(problem))
    found = verbs.seen_by(access).select_related("shop", "run").order_by("-pk")
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit():
        found = found.filter(pk__lt=int(before[:18]))
    listed = list(found[: LIST_SHOWN + 1])
    context = {
        "form": form,
        "key": uuid4(),
        "shops": list(shops),
        "shop": form.data.get("shop") or form.fields["shop"].initial or "",
        "uploads": listed[:LIST_SHOWN],
        "before": listed[LIST_SHOWN - 1].pk if len(listed) > LIST_SHOWN else None,
        "most_mb": MAX_BYTES // 1024**2,
        "most_rows": MAX_ROWS,
    }
    in_dialog = request.headers.get("HX-Target") == "panel-body"
    page = "shipment_upload_dialog.html" if in_dialog else "shipment_uploads.html"
    return render(request, page, context, status=422 if form.errors else 200)


def _take(request: HttpRequest, form: ShipmentForm) -> ShipmentUpload:
    file: File[bytes] = form.cleaned_data["file"]
    with _on_disk(file) as path:
        return verbs.take(
            form.cleaned_data["shop"],
            path,
            file_name=file.name or "",
            key=form.cleaned_data["key"],
            access=access_for(request),
            now=clock.now(),
        )


@contextmanager
def _on_disk(file: File[bytes]) -> Iterator[Path]:
    """The sent file where only the desk can read it, for the length of the block; of one that is
    too big no more than tells so."""
    handle, name = tempfile.mkstemp(prefix="shipboard-")
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as kept:
            for chunk in file.chunks():
                kept.write(chunk)
                if kept.tell() > MAX_BYTES:
                    kept.truncate(max(file.size, kept.tell()))  # its size, without its bytes
                    break
        yield path
    finally:
        path.unlink(missing_ok=True)


def _upload(request: HttpRequest, pk: int) -> ShipmentUpload:
    seen = verbs.seen_by(access_for(request)).select_related("shop", "run")
    upload = seen.filter(pk=pk).first()
    if upload is None:
        raise Http404("There is no such file in your shops.")
    return upload


@never_cache
@require_safe
@needs(Right.WORK)
def shipment_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """GET /uploads/shipments/<pk>/[?result=refused&after=row]: the preview, and once it is begun
    what becomes of the rows; to htmx only that, until the run is done."""
    upload = _upload(request, pk)
    counts = counts_of(upload)
    chosen = request.GET.get("result", "")
    rows = rows_of(upload).select_related("of")
    if chosen in set(Result):
        rows = rows.filter(result=chosen)
    after = request.GET.get("after", "")
    if after.isascii() and after.isdigit():
        rows = rows.filter(row__gt=int(after[:9]))
    listed = list(rows[: ROWS_SHOWN + 1])
    is_done = upload.run is None or upload.run.state == Run.State.DONE
    # Refused beyond the preview's: their orders were gone, so the run never had them.
    sent = upload.good + upload.warned - (counts.get(Result.REFUSED, 0) - upload.refused)
    under_way = counts.get(Result.WAITING, 0) + counts.get(Result.SENDING, 0)
    context = {
        "upload": upload,
        "chips": _chips(counts, is_begun=upload.run_id is not None),
        "counts": counts,
        "labels": LABELS,
        "chosen": chosen,
        "rows": listed[:ROWS_SHOWN],
        "after": listed[ROWS_SHOWN - 1].row if len(listed) > ROWS_SHOWN else None,
        "is_done": is_done,
        "is_mine": upload.run is not None and _may_see(request, upload.run),
        "sent": sent,
        "gone_through": sent - under_way,
        "to_mend": sum(counts.get(each, 0) for each in TO_MEND),
        "at": clock.now(),
    }
    if request.headers.get("HX-Target") == "upload-body":
        status = STOP_POLLING if is_done else 200
        return render(request, "shipment_upload_body.html", context, status=status)
    return render(request, "shipment_upload.html", context)


#: What a row is that no run has taken.
BEFORE = (Result.GOOD, Result.WARNED, Result.REFUSED, Result.UNCHANGED)


def _may_see(request: HttpRequest, run: Run) -> bool:
    return runs.seen_by(access_for(request)).filter(pk=run.pk).exists()


def _chips(counts: dict[Result, int], *, is_begun: bool) -> list[tuple[str, str, int]]:
    """The filters by result: always those of a preview, else those that some row has."""
    shown = [
        result for result in Result if (not is_begun and result in BEFORE) or counts.get(result, 0)
    ]
    every = ("", "All", sum(counts.values()))
    return [every, *((each.value, LABELS[each], counts.get(each, 0)) for each in shown)]


@require_POST
@needs(Right.WORK)
def begin_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """POST /uploads/shipments/<pk>/begin/: the good and the warned rows are shipped."""
    upload = _upload(request, pk)
    try:
        verbs.begin(upload, access=access_for(request), now=clock.now())
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("shipment_upload", upload.pk)


@require_safe
@needs(Right.WORK)
def upload_result(request: HttpRequest, pk: int) -> HttpResponse:
    """The file as it was sent, with what became of each row."""
    return _file(request, pk, "result")


@require_safe
@needs(Right.WORK)
def upload_failed(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows that were refused or failed, to mend and send again."""
    return _file(request, pk, "to mend")


def _file(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    upload = _upload(request, pk)
    try:
        content = with_results(upload) if what == "result" else to_mend(upload)
    except verbs.NotKept as gone:
        return said(request, 410, "The file is not there", str(gone))
    audit.note(access_for(request).by, "shipments_taken", upload.shop.name, file=upload.file_name)
    kind = "xlsx" if upload.is_workbook else "csv"
    return download(content, kind, f"{Path(upload.file_name).stem} {what}")


@require_safe
@needs(Right.WORK)
def shipment_template(request: HttpRequest) -> HttpResponse:
    """GET /uploads/shipments/template/?shop=slug&layout=long|short&format=xlsx|csv."""
    shops = visible_shops(access_for(request))
    slug = request.GET.get("shop", "")
    if "\0" in slug:
        return said(
            request, 400, "There is no such template", "The shop's name has a NUL character."
        )
    shop = shops.filter(slug=slug).first() if slug else shops.first() if len(shops) == 1 else None
    try:
        layout = Template(request.GET.get("layout", Template.LONG))
        kind = Format(request.GET.get("format", Format.XLSX))
    except ValueError:
        why = "The layouts are long and short, the formats xlsx and csv."
        return said(request, 400, "There is no such template", why)
    if shop is None:
        why = "Choose the shop whose orders are to be filled in."
        return said(request, 400, "There is no such template", why)
    now = clock.now()
    filled = template(shop, layout, kind, now)
    return download(filled.content, kind, f"shipments {shop.slug} {day_of(shop, now)}")


def day_of(shop: Shop, now: datetime) -> str:
    return f"{now.astimezone(shop.zone):%Y-%m-%d}"


def download(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=TYPES[kind])
    file_name = get_valid_filename(f"{name}.{kind}")
    response["Content-Disposition"] = content_disposition_header(True, file_name) or "attachment"
    return response
