"""Schedules on screen: exports that are asked for by themselves, and when next."""

from __future__ import annotations

import zoneinfo
from dataclasses import asdict, dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from shipboard import clock
from shipboard.accounts.access import Access, NotAllowed
from shipboard.accounts.roles import Right
from shipboard.channels.models import Shop
from shipboard.channels.shops import BadShop
from shipboard.desk.door import access_for
from shipboard.desk.errors import refused, said
from shipboard.desk.export_form import CHOSEN, FORMATS, OWN, Choice, choice_of, own_of
from shipboard.desk.filter_panel import pills
from shipboard.exports import delivery, schedules
from shipboard.exports.layouts import PERSONAL, labels_for
from shipboard.exports.models import Export, ExportSchedule
from shipboard.exports.own_layouts import layouts_of
from shipboard.fulfilment.selection import BadSelection
from shipboard.orders.filters import BadFilter, OrderFilter, parse
from shipboard.orders.overlays import Refused
from shipboard.orders.queries import shops_in_view, visible_shops
from shipboard.orders.saved_views import kept_query
from shipboard.orders.stages import TAB_LABELS

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
Period = ExportSchedule.Period


@dataclass(frozen=True)
class Shown:
    """A schedule as it is drawn; `last` is its latest export."""

    schedule: ExportSchedule
    zone: ZoneInfo
    every: str
    what: str
    next_run: datetime | None
    last: Export | None


def schedule_shown(schedule: ExportSchedule, shops: list[Shop], now: datetime) -> Shown:
    day = "Every day" if schedule.weekday is None else f"Every {WEEKDAYS[schedule.weekday]}"
    made = Export.objects.filter(schedule=schedule).defer("chosen", "bookmark")
    return Shown(
        schedule=schedule,
        zone=ZoneInfo(schedule.timezone),
        every=f"{day} at {schedule.at:%H:%M}, {schedule.timezone}",
        what=what(schedule, shops),
        next_run=schedules.next_run(schedule, now),
        last=made.order_by("-slot").first(),
    )


def what(schedule: ExportSchedule, shops: list[Shop]) -> str:
    """`Pending shipping; placed yesterday; changed since the last export`."""
    try:
        said = [in_words(parse(schedule.query), shops)]
    except BadFilter as unknown:
        said = [str(unknown)]
    if schedule.period:
        label = schedule.get_period_display()
        said.append(f"{schedule.get_period_of_display()} {label[0].lower()}{label[1:]}")
    if schedule.changed_only:
        said.append("changed since the last export")
    return "; ".join(said)


def in_words(filter_: OrderFilter, shops: list[Shop]) -> str:
    """`Pending shipping; Carrier: USPS`."""
    return "; ".join([TAB_LABELS[filter_.tab], *(pill.text for pill in pills(filter_, shops))])


class ScheduleForm(forms.Form):
    name = forms.CharField(max_length=schedules.LONGEST_NAME, label="Name")
    weekday = forms.TypedChoiceField(
        label="Day",
        coerce=int,
        empty_value=None,
        required=False,
        choices=[("", "Every day"), *((n, f"Every {day}") for n, day in enumerate(WEEKDAYS))],
    )
    at = forms.TimeField(
        label="Time", widget=forms.TimeInput({"type": "time"}, format="%H:%M"), initial="06:00"
    )
    timezone = forms.CharField(
        label="Time zone",
        help_text="Such as Asia/Bangkok. It says when the export runs and which day is today; the "
        "orders of that day are those of the shop's own day.",
        widget=forms.TextInput({"list": "zones", "autocomplete": "off"}),
    )
    period = forms.ChoiceField(label="Orders of", required=False, choices=Period.choices)
    period_of = forms.ChoiceField(
        label="By the day they were",
        choices=ExportSchedule.Of.choices,
        initial=ExportSchedule.Of.CREATED,
    )
    changed_only = forms.BooleanField(
        required=False,
        label="Only orders that changed since its last export",
        help_text="The first one holds all that match.",
    )
    layout = forms.ChoiceField(label="Columns")
    format = forms.ChoiceField(label="File", choices=list(FORMATS.items()))
    with_description = forms.BooleanField(
        required=False, label="With the marketplace's row of descriptions"
    )
    unmasked = forms.BooleanField(
        required=False,
        label="With names, phone numbers and addresses",
        help_text="Every export and download is noted with your name.",
    )
    folder = forms.CharField(
        required=False, label="Also put the file into this folder", help_text="Blank: kept here."
    )

    def __init__(self, access: Access, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        labels = labels_for(sees_buyers=access.may(Right.SEE_BUYERS))
        kept = layouts_of(access.person_id).filter(layout__in=labels)
        self.fields["layout"].choices = [  # type: ignore[attr-defined]
            *((name.value, label) for name, label in labels.items()),
            *((f"{OWN}:{each.pk}", each.name) for each in kept),
        ]
        if not access.may(Right.SEE_BUYERS):
            del self.fields["unmasked"]
        if not delivery.is_possible():
            del self.fields["folder"]

    def schedule(self, query: str, access: Access) -> ExportSchedule:
        given = dict(self.cleaned_data)
        own = own_of(Choice(layout=given["layout"]), access)
        if own is not None:
            given |= {"layout": own.layout, "columns": own.columns}
        given["unmasked"] = given.get("unmasked", False) or given["layout"] in PERSONAL
        return ExportSchedule(query=query, **given)


@never_cache
def new_schedule(request: HttpRequest) -> HttpResponse:
    """GET /exports/schedules/new/?<query>, with what the export form was set to, shows the form;
    POST with `query` keeps a schedule."""
    access, now = access_for(request), clock.now()
    try:
        filter_ = filter_of(request)
        choice = choice_of(request.GET.dict())
        shops = shops_in_view(filter_, access)
    except BadFilter as problem:
        return refused(request, problem)
    except BadSelection as problem:
        return said(request, 400, "Nothing was scheduled", str(problem))
    zone = shops[0].timezone if shops else "UTC"
    form = ScheduleForm(access, request.POST or None, initial={"timezone": zone} | asdict(choice))
    if request.method == "POST" and form.is_valid():
        try:
            asked = form.schedule(kept_query(filter_), access)
            made = schedules.schedule_export(asked, access=access, now=now)
        except (BadShop, Refused, NotAllowed) as problem:
            form.add_error(None, str(problem))
        else:
            messages.success(request, f"{made.name} is scheduled.")
            return redirect("exports")
    context = {
        "form": form,
        "query": kept_query(filter_),
        "words": in_words(filter_, list(visible_shops(access))),
        "zones": sorted(zoneinfo.available_timezones()),
        "in_dialog": bool(request.headers.get("HX-Request")),
    }
    return render(request, "export_schedule.html", context, status=422 if form.errors else 200)


def filter_of(request: HttpRequest) -> OrderFilter:
    """The posted `query`, else the query string but for what the export form was set to. Raises
    BadFilter."""
    if request.method == "POST":
        return parse(request.POST.get("query", ""))
    lists = ((name, values) for name, values in request.GET.lists() if name not in CHOSEN)
    return parse((name, value) for name, values in lists for value in values)


def _schedule(request: HttpRequest, pk: int) -> ExportSchedule:
    kept = schedules.seen_by(access_for(request)).select_related("person").filter(pk=pk).first()
    if kept is None:
        raise Http404("There is no such schedule of yours.")
    return kept


@require_POST
def pause_schedule(request: HttpRequest, pk: int) -> HttpResponse:
    schedules.pause(_schedule(request, pk), access=access_for(request))
    return redirect("exports")


@require_POST
def resume_schedule(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        schedules.resume(_schedule(request, pk), access=access_for(request), now=clock.now())
    except Refused as problem:
        messages.error(request, str(problem))
    return redirect("exports")


@require_POST
def remove_schedule(request: HttpRequest, pk: int) -> HttpResponse:
    kept = _schedule(request, pk)
    schedules.remove(kept, access=access_for(request))
    messages.success(request, f"{kept.name} is not scheduled any more; its exports stay.")
    return redirect("exports")
