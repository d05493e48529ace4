"""Uploads: sending an order export, watching it being read, and what became of every row."""

from __future__ import annotations

import csv
from itertools import chain
from pathlib import Path

from django import forms
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.text import get_valid_filename
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from shipboard import clock, tasks
from shipboard.accounts import audit
from shipboard.accounts.roles import Right
from shipboard.channels.contract import Stage
from shipboard.channels.file.limits import MAX_FILE_BYTES
from shipboard.channels.models import Shop
from shipboard.desk.door import access_for, needs
from shipboard.ingest.imports import note_download, open_import
from shipboard.ingest.models import OrderImport
from shipboard.ingest.rejected import rejected_lines
from shipboard.ingest.uploads import keep_upload
from shipboard.orders.models import OPEN_STAGES
from shipboard.orders.queries import visible_shops
from shipboard.orders.stages import STAGE_LABELS

STOP_POLLING = 286  # htmx's own status: swap, and poll no more
LIST_SHOWN = 50
REJECTED_SHOWN = 200


class ImportForm(forms.Form):
    shop = forms.ModelChoiceField(
        Shop.objects.none(), to_field_name="slug", empty_label="Choose the shop of the file"
    )
    file = forms.FileField(
        label="Order export (CSV or XLSX)",
        error_messages={
            "required": "Choose the file that your seller centre exported.",
            "empty": "The file is empty: 0 bytes. Export the orders again, and send that file.",
        },
    )
    complete_list = forms.ChoiceField(
        required=False,
        label="This file is the complete list of",
        choices=[("", "nothing in particular"), *((s.value, STAGE_LABELS[s]) for s in OPEN_STAGES)],
        help_text="Open orders of that status which the file lacks are held and listed.",
    )

    def clean_file(self) -> object:
        file = self.cleaned_data["file"]
        if file.size > MAX_FILE_BYTES:
            raise forms.ValidationError(
                f"The file has {file.size // 1_000_000} MB; up to "
                f"{MAX_FILE_BYTES // 1_000_000} MB can be read. Export fewer orders at once."
            )
        return file


@needs(Right.IMPORT)
def uploads(request: HttpRequest) -> HttpResponse:
    """GET lists imports with the form to send one; POST takes a file and queues it."""
    seen = visible_shops(access_for(request))
    form = ImportForm(request.POST or None, request.FILES or None)
    own = seen.filter(is_demo=False)
    form.fields["shop"].queryset = own  # type: ignore[attr-defined]
    only = own[0].slug if own.count() == 1 else None
    form.fields["shop"].initial = request.GET.get("shop") or only
    if request.method == "POST" and form.is_valid():
        return redirect("upload", _queue(request, form).pk)
    recent = OrderImport.objects.filter(shop__in=seen).select_related("shop").order_by("-pk")
    context = {
        "form": form,
        "imports": recent[:LIST_SHOWN],
        "has_shops": own.exists(),
        "most_mb": MAX_FILE_BYTES // 1_000_000,
    }
    page = "import_dialog.html" if _in_dialog(request) else "uploads.html"
    return render(request, page, context, status=422 if form.errors else 200)


def _in_dialog(request: HttpRequest) -> bool:
    return request.headers.get("HX-Target") == "panel-body"


def _queue(request: HttpRequest, form: ImportForm) -> OrderImport:
    file = form.cleaned_data["file"]
    stage = form.cleaned_data["complete_list"]
    of = open_import(
        form.cleaned_data["shop"],
        keep_upload(file),
        file_name=Path(file.name).name[:255],
        by=str(request.user),
        complete_list=Stage(stage) if stage else None,
    )
    audit.note(access_for(request).by, "import_begun", of.shop.name, file=of.file_name)
    tasks.import_orders.defer(import_pk=of.pk)
    return of


def _import(request: HttpRequest, pk: int) -> OrderImport:
    seen = visible_shops(access_for(request))
    of = OrderImport.objects.filter(pk=pk, shop__in=seen).select_related("shop").first()
    if of is None:
        raise Http404("There is no such upload in your shops.")
    return of


@never_cache
@require_safe
@needs(Right.IMPORT)
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """One import; to htmx only its outcome, which asks again every second until it has ended."""
    of = _import(request, pk)
    named = of.rejected_rows.filter(is_named=True).order_by("row")
    has_ended = of.finished_at is not None
    waited = (clock.now() - of.queued_at).total_seconds()
    context = {
        "of": of,
        "rejected": named[:REJECTED_SHOWN],
        "rejected_shown": REJECTED_SHOWN,
        "has_ended": has_ended,
        "is_stuck": of.state == OrderImport.State.QUEUED and waited > 20,
        "percent": min(100, of.orders_done * 100 // of.orders) if of.orders else 0,
        "at": clock.now(),
    }
    if request.headers.get("HX-Target") == "outcome":
        status = STOP_POLLING if has_ended else 200
        return render(request, "upload_outcome.html", context, status=status)
    return render(request, "upload.html", context)


@require_safe
@needs(Right.SEE_BUYERS)
@needs(Right.IMPORT)
def rejected_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The rows of rejected orders as a CSV with a reason column, to mend and send again."""
    of = _import(request, pk)

    class Echo:
        def write(self, text: str) -> str:
            return text

    note_download(of, str(request.user))
    audit.note(access_for(request).by, "rejected_taken", of.file_name, upload=of.pk)
    writer = csv.writer(Echo(), quoting=csv.QUOTE_ALL)
    response = StreamingHttpResponse(
        # The byte-order mark tells spreadsheets that it is UTF-8.
        chain(["\ufeff"], (writer.writerow(line) for line in rejected_lines(of))),
        content_type="text/csv",
    )
    name = get_valid_filename(f"rejected-{Path(of.file_name).stem}.csv")
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response
