"""Settings, for owners: by which ways notices of a shop's line leave the desk, what became of the
last ones, and a test of the ways.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from shipboard import clock
from shipboard.accounts import audit
from shipboard.accounts.roles import Right
from shipboard.desk.audit import ZONE
from shipboard.desk.door import access_for, needs
from shipboard.ingest import telling
from shipboard.ingest.models import Notice
from shipboard.ingest.telling import Fate, Way

SHOWN = 20
LABELS = {Way.MAIL: "By mail", Way.WEBHOOK: "By webhook"}
FATES = {
    Fate.SENDING: "Being sent",
    Fate.SENT: "Sent",
    Fate.FAILED: "Not sent",
    Fate.UNKNOWN: "Perhaps sent",
}


@dataclass(frozen=True)
class Sending:
    """What became of telling of one notice by one way; `what`: by which way, and of what."""

    what: str
    at: datetime
    fate: str
    problem: str
    is_bad: bool


@needs(Right.OWN)
def notice_ways(request: HttpRequest) -> HttpResponse:
    """GET shows the ways and the last notices; POST sends a test by each way."""
    if request.method == "POST":
        _test(request)
        return redirect("notice_ways")
    latest = Notice.objects.select_related("shop").order_by("-since", "-pk")[:SHOWN]
    context = {
        "ways": {LABELS[way]: leads_to for way, leads_to in telling.ways().items()},
        "is_signed": telling.is_signed(),
        "notices": [(notice, list(_sendings(notice))) for notice in latest],
        "zone": ZONE,
    }
    return render(request, "notice_ways.html", context)


def _test(request: HttpRequest) -> None:
    results = telling.send_test(clock.now())
    audit.note(access_for(request).by, "notice_tested")
    if not results:
        messages.error(request, "No way is set up; the settings below make one.")
    for way, result in results.items():
        said = f"{LABELS[way]}: {FATES[result.fate].lower()}. {result.problem}".strip()
        level = messages.success if result.fate is Fate.SENT else messages.error
        level(request, said)


def _sendings(notice: Notice) -> Iterator[Sending]:
    for key, entry in sorted(notice.sent.items(), key=lambda each: (each[1]["at"], each[0])):
        way, _, moment = key.partition(" ")
        again = ", that it is over" if moment == "over" else f", again {moment} before"
        fate = Fate(entry["state"])
        yield Sending(
            what=LABELS[Way(way)] + (again if moment else ""),
            at=datetime.fromisoformat(entry["at"]),
            fate=FATES[fate],
            problem=entry["problem"],
            is_bad=fate in (Fate.FAILED, Fate.UNKNOWN),
        )
