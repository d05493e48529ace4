"""Box presets, of all shops: added, changed and removed on one page of Settings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from shipboard import clock
from shipboard.accounts import audit
from shipboard.accounts.roles import Right
from shipboard.desk.door import access_for
from shipboard.orders.measures import Box

GONE = "That box is gone already."


def _side(label: str) -> forms.DecimalField:
    return forms.DecimalField(label=label, min_value=1, max_value=1_000, decimal_places=2)


class BoxForm(forms.Form):
    name = forms.CharField(max_length=60, label="Name")
    length_cm = _side("Length (cm)")
    width_cm = _side("Width (cm)")
    height_cm = _side("Height (cm)")
    grams = forms.IntegerField(
        label="Weight when empty (g)", min_value=0, max_value=100_000, required=False, initial=0
    )

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        return given | {"name": " ".join(given["name"].split()), "grams": given["grams"] or 0}


def boxes(request: HttpRequest) -> HttpResponse:
    """/settings/boxes/[?box=pk]: GET lists them, with one of them open to be changed; POST by
    whoever works adds one, changes `box`, or removes it (do=remove)."""
    access = access_for(request)
    if request.method == "POST":
        access.need(Right.WORK)
    given = request.POST if request.method == "POST" else request.GET
    pk = given.get("box", "")
    box = Box.objects.filter(pk=pk).first() if pk.isdecimal() and len(pk) < 10 else None
    if request.method != "POST":
        return _page(request, BoxForm(initial=_as_asked(box)), box)
    if pk and box is None:
        messages.error(request, GONE)
        return redirect("boxes")
    if box and request.POST.get("do") == "remove":
        box.delete()
        audit.note(access.by, "box_removed", box.name)
        messages.success(request, f"The box {box.name} is gone.")
        return redirect("boxes")
    form = BoxForm(request.POST)
    if not form.is_valid() or not _kept(form, box, access.by):
        return _page(request, form, box, 422)
    messages.success(request, f"The box {form.values()['name']} is kept.")
    return redirect("boxes")


def _kept(form: BoxForm, box: Box | None, by: str) -> bool:
    """False, with the sentence in the form, where another has the name."""
    kept = box or Box()
    for name, value in form.values().items():
        setattr(kept, name, value)
    kept.by, kept.at = by, clock.now()
    try:
        with transaction.atomic():
            kept.save()
    except IntegrityError:
        form.add_error("name", "Another box has this name; choose one of its own.")
        return False
    audit.note(by, "box_kept", kept.name)
    return True


def _as_asked(box: Box | None) -> dict[str, Any] | None:
    return {name: getattr(box, name) for name in BoxForm.base_fields} if box else None


def _page(request: HttpRequest, form: BoxForm, box: Box | None, status: int = 200) -> HttpResponse:
    context = {"form": form, "box": box, "boxes": Box.objects.order_by("name", "pk")}
    return render(request, "boxes.html", context, status=status)
