"""The audit, for the desk's owners: who did what and who saw what, in words, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from shipboard.accounts import audit
from shipboard.accounts.access import COMMAND_LINE
from shipboard.accounts.models import AuditEntry, User
from shipboard.accounts.roles import Right
from shipboard.desk.door import needs
from shipboard.desk.errors import said
from shipboard.orders.values import is_storable

SHOWN = 50
ZONE = ZoneInfo("UTC")

#: Kind -> what the filter calls it, and the sentence. `subject` is a person's name where it is the
#: e-mail address of one.
KINDS: Mapping[str, tuple[str, str]] = {
    "signed_in": ("Sign-in", "{by} signed in"),
    "signed_out": ("Sign-out", "{by} signed out"),
    "sign_in_failed": ("Wrong password", "Somebody gave a wrong password for {by}"),
    "code_refused": ("Wrong code", "Somebody gave a wrong second-step code for {by}"),
    "password_changed": ("Password changed", "{by} changed the password of {subject}"),
    "sessions_ended": ("Signed out elsewhere", "{by} signed out of {count} other browsers"),
    "two_step_on": ("Two-step sign-in on", "{by} turned two-step sign-in on"),
    "two_step_off": ("Two-step sign-in off", "{by} turned two-step sign-in off"),
    "two_step_reset": ("Two-step sign-in reset", "{by} reset the two-step sign-in of {subject}"),
    "recovery_codes_made": ("Recovery codes", "{by} made new recovery codes"),
    "invitation_made": ("Invitation", "{by} invited {subject} as {role}"),
    "invitation_accepted": ("Invitation accepted", "{by} accepted an invitation as {role}"),
    "invitation_revoked": ("Invitation taken back", "{by} took back the invitation of {subject}"),
    "rights_changed": ("Role or shops", "{by} made {subject} {role} for {shops}"),
    "person_deactivated": ("Deactivated", "{by} deactivated {subject}"),
    "person_reactivated": ("Reactivated", "{by} reactivated {subject}"),
    "shop_added": ("Shop added", "{by} added the shop {subject}"),
    "shop_removed": ("Shop removed", "{by} removed the shop {subject} with its orders"),
    "app_kept": ("App stored", "{by} stored the marketplace app {subject}"),
    "app_removed": ("App removed", "{by} removed the marketplace app {subject}"),
    "access_given": ("Access given", "{by} brought the access of the seller {subject}"),
    "access_forgotten": ("Access deleted", "{by} deleted the unused access of {subject}"),
    "shop_connected": ("Shop connected", "{by} connected {subject} to its marketplace"),
    "shop_paused": ("Shop paused", "{by} paused the connection of {subject}"),
    "shop_resumed": ("Shop resumed", "{by} resumed the connection of {subject}"),
    "shop_disconnected": ("Shop disconnected", "{by} disconnected {subject}"),
    "demo_removed": ("Demo removed", "{by} took the demo away"),
    "demo_allowed_again": ("Demo allowed again", "{by} allowed the demo to come back"),
    "hook_read_again": ("Webhook read again", "{by} sent webhook {subject} back to work"),
    "notice_tested": ("Test notice", "{by} sent a test notice"),
    "rules_changed": ("Shop rules", "{by} changed the clock rules of {subject}"),
    "rule_kept": ("Rule kept", "{by} added or changed the rule {subject} of {shop}"),
    "rule_on": ("Rule on", "{by} turned the rule {subject} of {shop} on"),
    "rule_off": ("Rule off", "{by} turned the rule {subject} of {shop} off"),
    "rule_removed": ("Rule removed", "{by} removed the rule {subject} of {shop}"),
    "sending_set": (
        "Shipping of a shop",
        "{by} set {subject} to an undo window of {undo_seconds} s and {in_flight} calls at once",
    ),
    "labelling_set": (
        "Labels of a shop",
        "{by} set the labels of {subject}: {label_size}, kept {label_days} days",
    ),
    "box_kept": ("Box kept", "{by} added or changed the box {subject}"),
    "box_removed": ("Box removed", "{by} removed the box {subject}"),
    "logistics_set": ("Warehouse", "{by} said how parcels of a warehouse of {subject} travel"),
    "finding_settled": ("Finding settled", "{by} settled what was found of order {subject}"),
    "payload_shown": ("Payload shown", "{by} looked at the payload of order {subject}"),
    "calls_taken": ("Call log taken", "{by} downloaded the call log of {subject}"),
    "import_begun": ("Import", "{by} sent {file} to be imported into {subject}"),
    "label_file_sent": ("Label file sent", "{by} sent {file}, labels of {subject}"),
    "label_page_shown": ("Label page shown", "{by} looked at page {page} of {subject}"),
    "shipments_sent": ("Shipments sent", "{by} sent {file}, {rows} rows of shipments of {subject}"),
    "shipments_taken": ("Shipments taken", "{by} downloaded {file} with what became of its rows"),
    "rejected_taken": ("Rejected rows taken", "{by} downloaded the rejected rows of {subject}"),
    "address_revealed": ("Recipient revealed", "{by} revealed the recipient of order {subject}"),
    "addresses_listed": ("Recipients listed", "{by} listed {orders} orders with recipients"),
    "labels_voided": ("Labels not to be used", "{by} put {labels} labels out of use"),
    "labels_restored": ("Labels used again", "{by} put {labels} labels back into use"),
    "labels_printed": (
        "Labels printed",
        "{by} sent {labels} parcels to the printer as {subject}: {content}, {files} files",
    ),
    "print_settled": ("Print confirmed", "{by} said of {subject}: {good} came out, {lost} did not"),
    "print_opened": ("Print opened", "{by} opened the file of {subject}, {labels} parcels"),
    "print_reopened": (
        "Print opened again",
        "{by} opened the confirmed file of {subject} again, {labels} parcels: {reason}",
    ),
    "label_opened": ("Label opened", "{by} opened the file of {subject}"),
    "run_begun": ("Run", "{by} began {subject}: {verb}, {orders} orders"),
    "run_paused": ("Run paused", "{by} paused {subject}"),
    "run_resumed": ("Run continued", "{by} let {subject} go on"),
    "run_called_off": ("Run called off", "{by} called the rest of {subject} off"),
    "export_begun": ("Export", "{by} began {subject}: {layout}, {orders} orders"),
    "export_scheduled": ("Export by schedule", "{schedule} of {by} began {subject}: {layout}"),
    "export_canceled": ("Export canceled", "{by} canceled {subject}"),
    "export_retried": ("Export retried", "{by} tried {subject} again"),
    "export_taken": ("Export taken", "{by} downloaded {subject}: {layout}, {orders} orders"),
    "schedule_made": ("Schedule made", "{by} scheduled the export {subject}"),
    "schedule_paused": ("Schedule paused", "{by} paused the scheduled export {subject}"),
    "schedule_resumed": ("Schedule resumed", "{by} resumed the scheduled export {subject}"),
    "schedule_removed": ("Schedule removed", "{by} removed the scheduled export {subject}"),
    "shared_view_removed": ("Shared view removed", "{by} removed {subject}"),
    "shipped_despite": (
        "Shipped despite a request",
        "{by} shipped order {subject} although the buyer asked to cancel it",
    ),
    "handed_over": ("Handed over", "{by} handed {shipments} shipments of {subject} over in a file"),
    "handoff_taken": ("Upload file taken", "{by} downloaded the file of {shipments} of {subject}"),
    "shipments_undone": ("Shipments undone", "{by} took back {shipments} shipments"),
    "run_retried": ("Run retried", "{by} tried {orders} orders of {subject} again"),
}
UNKNOWN = "nobody who is known here"


@dataclass(frozen=True)
class Told:
    """An entry as it is read."""

    at: datetime
    text: str
    kind: str


@needs(Right.OWN)
@require_safe
def audit_page(request: HttpRequest) -> HttpResponse:
    """GET /settings/audit/[?by=e-mail&kind=...&before=entry]."""
    by, kind = request.GET.get("by"), request.GET.get("kind", "")
    before = request.GET.get("before", "")
    names = {person.email: str(person) for person in User.objects.order_by("name", "email")}
    if (kind and kind not in KINDS) or not is_storable(by or ""):
        return said(request, 400, "No such entries", "Choose a person and a kind of the lists.")
    try:
        last = int(before) if before else None
        rows = audit.entries(by=by or None, kind=kind, before=last, limit=SHOWN)
    except (ValueError, OverflowError, AuditEntry.DoesNotExist):
        return said(request, 400, "No such page", "Begin again with the newest entries.")
    more = {"by": by or "", "kind": kind, "before": rows[SHOWN - 1].pk} if rows[SHOWN:] else None
    context = {
        "entries": list(told(rows[:SHOWN], names)),
        "people": names | {COMMAND_LINE.by: "The command line"},
        "by": by or "",
        "kinds": {key: label for key, (label, _) in KINDS.items()},
        "kind": kind,
        "older": urlencode({key: value for key, value in more.items() if value}) if more else "",
        "is_first": not before,
        "zone": ZONE,
    }
    return render(request, "audit.html", context)


def told(rows: Iterable[AuditEntry], names: Mapping[str, str]) -> Iterable[Told]:
    """Entries in words, with the people's names where they are known."""
    for row in rows:
        kind = row.kind.replace("_", " ")
        label, sentence = KINDS.get(row.kind, (kind, "{by}: {kind} {subject}"))
        words = {key: str(value) for key, value in row.detail.items()} | {
            "by": names.get(row.by, row.by) or UNKNOWN,
            "subject": names.get(row.subject, row.subject),
            "kind": kind,
        }
        yield Told(row.at.astimezone(UTC), sentence.format_map(_Words(words)), label)


class _Words(dict[str, str]):
    """An older entry may lack a detail that a newer sentence has."""

    def __missing__(self, key: str) -> str:
        return "—"
