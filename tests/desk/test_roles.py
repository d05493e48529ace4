"""Who may do what: every address, with every method, for every kind of person, against one table.
An address that the table lacks fails the walk.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client

from shipboard.accounts.models import Invitation, User
from shipboard.accounts.roles import REFUSALS, RIGHTS, Right, Role
from shipboard.accounts.sealing import seal_bytes
from shipboard.channels.models import Shop
from shipboard.exports.models import Export, ExportLayout, ExportSchedule
from shipboard.fulfilment.models import AnswerRule, Run, RunRow
from shipboard.fulfilment.wishes import Wishes
from shipboard.ingest.apply import Source, apply
from shipboard.ingest.models import Finding, OrderImport
from shipboard.ingest.payloads import folded
from shipboard.orders.attempts import Attempt
from shipboard.orders.models import Case, Order, SavedView
from shipboard.orders.notes import add_note
from shipboard.uploads import label_files
from shipboard.uploads.models import LabelFile, LabelPage, ShipmentUpload, UploadFile
from shipboard.uploads.uploads import PURPOSE
from tests import make
from tests.desk.addresses import every_address
from tests.uploads.label_pdf import written

pytestmark = pytest.mark.django_db

#: Everybody who is signed in; nobody at all: the method is not there.
ALL, NONE = "everybody", "nobody"


@dataclass(frozen=True)
class Door:
    """Who gets through with GET and with POST; and whether the address is of a shop, so that those
    who do not work for the shop are told that there is nothing."""

    get: Right | str
    post: Right | str
    of_shop: bool = False


DOORS: Mapping[str, Door] = {
    "home": Door(ALL, ALL),
    "order_list": Door(ALL, ALL),
    "filter_panel": Door(ALL, ALL),
    "order_view": Door(NONE, ALL),
    "order_columns": Door(ALL, ALL),
    "views_rail": Door(ALL, NONE),
    "changes": Door(ALL, ALL),
    "keys": Door(ALL, ALL),
    "selection": Door(NONE, ALL),
    "order_detail": Door(ALL, ALL, of_shop=True),
    "why": Door(ALL, NONE, of_shop=True),
    "reveal": Door(Right.SEE_BUYERS, Right.SEE_BUYERS, of_shop=True),
    "note": Door(NONE, Right.WORK, of_shop=True),
    "remove_note": Door(NONE, Right.WORK, of_shop=True),
    "flag": Door(NONE, Right.WORK, of_shop=True),
    "hold": Door(NONE, Right.WORK, of_shop=True),
    "release": Door(NONE, Right.WORK, of_shop=True),
    "ship": Door(Right.WORK, Right.WORK, of_shop=True),
    "repack": Door(Right.WORK, Right.WORK, of_shop=True),
    "cancel_order": Door(Right.WORK, Right.WORK, of_shop=True),
    "cancel_orders": Door(NONE, Right.WORK),
    "find_label": Door(NONE, Right.WORK, of_shop=True),
    "ship_check": Door(Right.WORK, NONE, of_shop=True),
    "correct": Door(Right.WORK, Right.WORK, of_shop=True),
    "scans": Door(NONE, Right.WORK, of_shop=True),
    "undo": Door(NONE, Right.WORK, of_shop=True),
    "create_label": Door(Right.WORK, Right.WORK, of_shop=True),
    "label": Door(ALL, NONE, of_shop=True),
    "boxes": Door(ALL, Right.WORK),
    "set_labelling": Door(NONE, Right.RULES, of_shop=True),
    "begin_label_batch": Door(Right.WORK, Right.WORK),
    "label_batch": Door(Right.WORK, Right.WORK, of_shop=True),
    "labels": Door(ALL, NONE),
    "cases": Door(ALL, NONE),
    "case": Door(ALL, NONE, of_shop=True),
    "case_record": Door(ALL, NONE, of_shop=True),
    "answer_case": Door(Right.WORK, Right.WORK, of_shop=True),
    "answer_cases": Door(NONE, Right.WORK),
    "rejected_badge": Door(ALL, NONE),
    "chosen_labels": Door(NONE, Right.WORK),
    "label_files": Door(Right.WORK, Right.WORK),
    "label_file": Door(Right.WORK, NONE, of_shop=True),
    "match_label_file": Door(NONE, Right.WORK, of_shop=True),
    "label_page": Door(NONE, Right.WORK, of_shop=True),
    "label_page_picture": Door(Right.SEE_BUYERS, NONE, of_shop=True),
    "mark_shipped": Door(NONE, Right.WORK, of_shop=True),
    "void_labels": Door(NONE, Right.WORK),
    "fetch_labels": Door(NONE, Right.WORK),
    "outbox": Door(ALL, NONE),
    "undo_many": Door(NONE, Right.WORK),
    "handoff": Door(Right.WORK, NONE),
    "take_handoff": Door(NONE, Right.WORK, of_shop=True),
    "handoff_file": Door(Right.WORK, NONE, of_shop=True),
    "runs": Door(ALL, Right.WORK),
    "run_form": Door(NONE, Right.WORK),
    "run": Door(ALL, ALL, of_shop=True),
    "retry_run": Door(NONE, Right.WORK, of_shop=True),
    "run_news": Door(ALL, NONE),
    "put_run_away": Door(NONE, ALL, of_shop=True),
    "steer_run": Door(NONE, Right.WORK, of_shop=True),
    "ship_many": Door(Right.WORK, Right.WORK),
    "ship_rows": Door(Right.WORK, NONE),
    "ship_paste": Door(NONE, Right.WORK),
    "check_many": Door(NONE, Right.WORK),
    "send_many": Door(NONE, Right.WORK),
    "uploads": Door(Right.IMPORT, Right.IMPORT),
    "upload": Door(Right.IMPORT, NONE, of_shop=True),
    "rejected_file": Door(Right.SEE_BUYERS, NONE, of_shop=True),
    "shipment_uploads": Door(Right.WORK, Right.WORK),
    "shipment_template": Door(Right.WORK, NONE),
    "shipment_upload": Door(Right.WORK, NONE, of_shop=True),
    "begin_upload": Door(NONE, Right.WORK, of_shop=True),
    "upload_result": Door(Right.WORK, NONE, of_shop=True),
    "upload_failed": Door(Right.WORK, NONE, of_shop=True),
    "print_labels": Door(Right.WORK, Right.WORK),
    "prints": Door(Right.WORK, NONE),
    "print_file": Door(Right.WORK, Right.WORK, of_shop=True),
    "print_pdf": Door(Right.WORK, Right.WORK, of_shop=True),
    "clear_label": Door(NONE, Right.WORK, of_shop=True),
    "scan_labels": Door(Right.WORK, NONE),
    "metrics": Door(ALL, NONE),
    "metrics_orders": Door(ALL, NONE),
    "metrics_against": Door(ALL, NONE),
    "metrics_days": Door(ALL, NONE),
    "metrics_badge": Door(ALL, NONE),
    "views": Door(ALL, ALL),
    "new_view": Door(ALL, NONE),
    "rename_view": Door(NONE, ALL),
    "share_view": Door(NONE, ALL),
    "remove_view": Door(NONE, ALL),
    "shops": Door(ALL, Right.OWN),
    "shop": Door(Right.RULES, Right.RULES, of_shop=True),
    "remove_shop": Door(NONE, Right.OWN, of_shop=True),
    "connect": Door(Right.OWN, NONE),
    "connect_app": Door(Right.OWN, Right.OWN),
    "connect_test": Door(Right.OWN, NONE),
    "remove_app": Door(NONE, Right.OWN),
    "connect_callback": Door(Right.OWN, NONE),
    "connect_pasted": Door(NONE, Right.OWN),
    "connect_shops": Door(Right.OWN, Right.OWN),
    "forget_access": Door(NONE, Right.OWN),
    "connection": Door(Right.OWN, NONE, of_shop=True),
    "pause_shop": Door(NONE, Right.OWN, of_shop=True),
    "resume_shop": Door(NONE, Right.OWN, of_shop=True),
    "ask_hooks": Door(NONE, Right.OWN, of_shop=True),
    "disconnect_shop": Door(Right.OWN, Right.OWN, of_shop=True),
    "hook_inbox": Door(Right.OWN, NONE),
    "read_hook_again": Door(NONE, Right.OWN),
    "notice_ways": Door(Right.OWN, Right.OWN),
    "shop_health": Door(ALL, NONE, of_shop=True),
    "sync_shop": Door(NONE, Right.WORK, of_shop=True),
    "reread_shop": Door(NONE, Right.RULES, of_shop=True),
    "finding_payload": Door(Right.SEE_BUYERS, NONE, of_shop=True),
    "settle_finding": Door(NONE, Right.RULES, of_shop=True),
    "call_log": Door(Right.RULES, NONE, of_shop=True),
    "call_file": Door(Right.RULES, NONE, of_shop=True),
    "set_sending": Door(NONE, Right.RULES, of_shop=True),
    "set_warehouse": Door(NONE, Right.RULES, of_shop=True),
    "exports": Door(ALL, ALL),
    "new_export": Door(ALL, ALL),
    "export_notice": Door(ALL, NONE),
    "export_columns": Door(NONE, ALL),
    "remove_layout": Door(NONE, ALL, of_shop=True),
    "export": Door(ALL, NONE, of_shop=True),
    "cancel_export": Door(NONE, ALL, of_shop=True),
    "retry_export": Door(NONE, ALL, of_shop=True),
    "export_file": Door(ALL, NONE, of_shop=True),
    "note_export": Door(NONE, ALL, of_shop=True),
    "new_schedule": Door(ALL, ALL),
    "pause_schedule": Door(NONE, ALL, of_shop=True),
    "resume_schedule": Door(NONE, ALL, of_shop=True),
    "remove_schedule": Door(NONE, ALL, of_shop=True),
    "own_shop": Door(Right.OWN, Right.OWN),
    "mfa_index": Door(ALL, ALL),
    "password": Door(ALL, ALL),
    "sign_out_others": Door(NONE, ALL),
    "people": Door(Right.OWN, Right.OWN),
    "person": Door(Right.OWN, Right.OWN),
    "close_person": Door(NONE, Right.OWN),
    "open_person": Door(NONE, Right.OWN),
    "reset_person": Door(NONE, Right.OWN),
    "revoke": Door(NONE, Right.OWN),
    "audit": Door(Right.OWN, NONE),
    "answer_rules": Door(Right.RULES, NONE),
    "new_answer_rule": Door(Right.RULES, Right.RULES, of_shop=True),
    "answer_rule_log": Door(Right.RULES, NONE),
    "answer_rule": Door(Right.RULES, Right.RULES, of_shop=True),
    "try_answer_rule": Door(Right.RULES, NONE, of_shop=True),
    "mfa_authenticate": Door(ALL, ALL),
    "account_reauthenticate": Door(ALL, ALL),
    "mfa_reauthenticate": Door(ALL, ALL),
    "mfa_activate_totp": Door(ALL, ALL),
    "mfa_deactivate_totp": Door(ALL, ALL),
    "mfa_view_recovery_codes": Door(ALL, NONE),
    "mfa_generate_recovery_codes": Door(ALL, ALL),
}
#: Open to strangers too; test_doors.py looks at what they say.
OPEN = {
    "healthz",
    "account_login",
    "account_logout",
    "account_signup",
    "account_reset_password",
    "account_inactive",
    "invitation",
    "tiktok_hooks",
}
RIGHTS_OF_PEOPLE = ("email", "role", "is_active", "sees_all_shops", "password")
#: What everybody may change: their own things, of which some columns are looked at apart.
OWN_TABLES = {
    "saved_view",
    "person",
    "usersessions_usersession",
    "export",
    "export_layout",
    "export_schedule",
}

SECRETS = ("Anchalee Wongsawat", "+66812345678", "0812345678", "99/41 Sukhumvit Soi 8")


@dataclass
class Stage:
    """A desk with two shops, and one thing of each kind in the first."""

    shop: Shop
    other: Shop
    order: Order
    arguments: dict[str, str]


@pytest.fixture
def stage(owner: User) -> Stage:
    shop, other = make.shop(), make.shop("Other")
    buyer = {"name": SECRETS[0], "phone": SECRETS[1], "address": SECRETS[3], "city": "Bangkok"}
    source = Source(by="tests", now=make.NOW)
    apply(shop, [make.order(recipient=buyer, buyer_username="anchalee_w")], source)
    order = Order.objects.get()
    upload = OrderImport.objects.create(
        shop=shop,
        file_name="orders.csv",
        size=1,
        by="tests",
        queued_at=make.NOW,
        state=OrderImport.State.DONE,
        finished_at=make.NOW,
    )
    sent = ShipmentUpload.objects.create(
        key=uuid4(),
        shop=shop,
        by="tests",
        file_name="shipments.csv",
        is_workbook=False,
        sent_at=make.NOW,
        rows=1,
    )
    sealed = seal_bytes(b"Order ID,Tracking ID\n1,2\n", PURPOSE)
    UploadFile.objects.create(upload=sent, sealed=sealed)
    made = make.label(order)
    case = Case.objects.create(order=order, kind="refund", case_id="40351", is_open=True)
    labels = LabelFile.objects.create(
        key=uuid4(),
        shop=shop,
        by="tests",
        file_name="labels.pdf",
        digest="x",
        size=1,
        sent_at=make.NOW,
        state="done",
        pages=1,
    )
    page = LabelPage.objects.create(
        file=labels,
        number=1,
        state="unmatched",
        sealed=seal_bytes(written("Thank you!"), label_files.PURPOSE),
    )
    invited = Invitation.objects.create(
        email="new@shop.example",
        role=Role.PACKER,
        digest=b"digest",
        by=owner.email,
        invited_at=make.NOW,
        expires_at=make.NOW,
    )
    victim = User.objects.create_user("tam@shop.example", "a long password", role=Role.VIEWER)
    view = SavedView.objects.create(owner=owner, name="Mine", query="tab=all", saved_at=make.NOW)
    run = Run.objects.create(
        key=uuid4(),
        verb="note",
        wishes=Wishes(text="x").stored(),
        by=owner.email,
        begun_at=make.NOW,
        rows=1,
    )
    RunRow.objects.create(run=run, position=1, order=order, number=order.order_id, shop_name="")
    note = add_note(order, text="Wrap it well", by=owner.email, now=make.NOW)
    attempt = Attempt.objects.create(
        kind="ship",
        state="waiting",
        shop=shop,
        order=order,
        tracking_number="9400111899223100000001",
        by=owner.email,
        asked_at=make.NOW,
        due_at=make.NOW,
    )
    export = Export.objects.create(
        key=uuid4(),
        by=owner.email,
        person=owner,
        layout="orders",
        format="csv",
        state="failed",
        asked_at=make.NOW,
    )
    layout = ExportLayout.objects.create(
        person=owner, name="Mine", layout="orders", columns=["order_id"], saved_at=make.NOW
    )
    schedule = ExportSchedule.objects.create(
        person=owner, name="Mine", at=time(9), timezone="UTC", counts_from=make.NOW
    )
    finding = Finding.objects.create(
        shop=shop,
        kind=Finding.Kind.UNREADABLE_ORDER,
        order_id=order.order_id,
        sentence="It has no lines.",
        payload=folded("{}"),
        first_at=make.NOW,
        last_at=make.NOW,
        needs_human=True,
    )
    rule = AnswerRule.objects.create(
        shop=shop, name="Small ones", changed_by=owner.email, changed_at=make.NOW
    )
    exports = ("export", "cancel_export", "retry_export", "export_file", "note_export")
    schedules = ("pause_schedule", "resume_schedule", "remove_schedule")
    shipments = ("shipment_upload", "begin_upload", "upload_result", "upload_failed")
    arguments = {
        "pk": str(order.pk),
        "remove_layout_pk": str(layout.pk),
        **{f"{name}_pk": str(export.pk) for name in exports},
        **{f"{name}_pk": str(schedule.pk) for name in schedules},
        "label_pk": str(made.pk),
        "upload_pk": str(upload.pk),
        "rejected_file_pk": str(upload.pk),
        **{f"{name}_pk": str(sent.pk) for name in shipments},
        **{f"{name}_pk": str(labels.pk) for name in ("label_file", "match_label_file")},
        **{f"{name}_pk": str(page.pk) for name in ("label_page", "label_page_picture")},
        "finding_payload_pk": str(finding.pk),
        "settle_finding_pk": str(finding.pk),
        "revoke_pk": str(invited.pk),
        "rename_view_pk": str(view.pk),
        "share_view_pk": str(view.pk),
        "remove_view_pk": str(view.pk),
        **{f"{name}_pk": str(victim.pk) for name in ("person", "close_person", "open_person")},
        "reset_person_pk": str(victim.pk),
        "run_pk": str(run.pk),
        "retry_run_pk": str(run.pk),
        "put_run_away_pk": str(run.pk),
        "steer_run_pk": str(run.pk),
        "remove_note_pk": str(note.pk),
        "undo_pk": str(attempt.pk),
        **{f"{name}_pk": str(case.pk) for name in ("case", "case_record", "answer_case")},
        **{f"{name}_pk": str(rule.pk) for name in ("answer_rule", "try_answer_rule")},
    }
    return Stage(shop, other, order, arguments)


def somebody(role: Role, *shops: Shop, sees_all: bool = False) -> Client:
    person = User.objects.create_user(
        f"{role}@shop.example", "a long password", role=role, sees_all_shops=sees_all
    )
    person.shops.set(shops)
    client = Client()
    client.force_login(person)
    client.get("/closed/")
    return client


def payload(stage: Stage) -> dict[str, str]:
    """Everything that some form may ask for, at once."""
    return {
        "orders": str(stage.order.pk),
        "version": str(stage.order.version),
        "verb": "note",
        "text": "walked",
        "note": "walked",
        "reason": "walked",
        "colour": "red",
        "color": "red",
        "flag": "red",
        "slug": stage.shop.slug,
        "name": "Walked",
        "role": "owner",
        "all_shops": "on",
        "email": "walked@shop.example",
        "region": "US",
        "timezone": "UTC",
        "sla": "flat",
        "dispatch_hours": "5",
        "after_sales_days": "3",
        "count": "1",
        "key": "5d3f1f39-90a5-4c7e-8a3e-0a3b1f1f1f1f",
        "shared": "yes",
    }


def is_through(door: Right | str, role: Role) -> bool:
    return door == ALL or door in RIGHTS[role]


def answer(client: Client, method: str, path: str, stage: Stage) -> Any:
    return client.get(path) if method == "get" else client.post(path, payload(stage))


def walked(stage: Stage) -> list[tuple[str, str]]:
    found = [each for each in every_address(**stage.arguments) if each[0] not in OPEN]
    missing = {name for name, _ in found} - set(DOORS)
    assert not missing, f"Say in DOORS who may use {sorted(missing)}"
    gone = set(DOORS) - {name for name, _ in found}
    assert not gone, f"DOORS names what is not there any more: {sorted(gone)}"
    return found


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_role_passes_its_doors_and_no_other(stage: Stage, role: Role, method: str) -> None:
    client = somebody(role, sees_all=True)
    wrong = []
    for name, path in walked(stage):
        with transaction.atomic():  # every door on an untouched stage
            said = answer(client, method, path, stage)
            transaction.set_rollback(True)
        if not is_right(said, getattr(DOORS[name], method), role):
            wrong.append(f"{name} {path}: {said.status_code}")
    assert not wrong


def is_right(said: Any, door: Right | str, role: Role) -> bool:
    """Whether an answer is what the table says that `role` gets."""
    if door == NONE:
        return said.status_code in {403, 405}
    if not is_through(door, role):
        page = unescape(said.content.decode())
        return said.status_code == 403 and any(text in page for text in REFUSALS.values())
    sent_away = "/login/?next" in said.get("Location", "")
    return said.status_code < 500 and said.status_code not in {401, 403, 405} and not sent_away


def table_rows() -> dict[str, list[str]]:
    """What is stored, but for sessions, the audit and counters of tries."""
    kept = {}
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        if not table.startswith(("django_", "auth_", "procrastinate_", "audit_")):
            kept[table] = sorted(json.dumps(row, default=str) for row in model.objects.values())
    return kept


PEOPLE_WHO_CHANGE_NOTHING = ["viewer", "other_shop", "no_shops", "deactivated", "stranger"]


@pytest.fixture
def nobody(stage: Stage, request: pytest.FixtureRequest) -> Client:
    kind = request.param
    if kind == "viewer":
        return somebody(Role.VIEWER, sees_all=True)
    if kind == "other_shop":
        return somebody(Role.MANAGER, stage.other)
    if kind == "no_shops":
        return somebody(Role.MANAGER)
    client = somebody(Role.OWNER, sees_all=True) if kind == "deactivated" else Client()
    User.objects.filter(email="owner@shop.example").update(is_active=False)
    return client


@pytest.mark.parametrize("nobody", PEOPLE_WHO_CHANGE_NOTHING, indirect=True)
def test_who_may_not_changes_nothing_anywhere(stage: Stage, nobody: Client) -> None:
    before, rights = table_rows(), set(User.objects.values_list(*RIGHTS_OF_PEOPLE))
    for name, path in walked(stage):
        if name == "account_logout":
            continue
        for method in ("get", "post"):
            said = answer(nobody, method, path, stage)
            assert said.status_code < 500, (name, said.status_code)
    after = table_rows()
    changed = {table for table in before if before[table] != after[table]}
    assert changed <= OWN_TABLES
    for kept in (SavedView, ExportLayout, ExportSchedule):
        assert kept.objects.filter(name="Mine").count() == 1
    assert Export.objects.get(by="mai@shop.example").state == "failed"
    assert set(User.objects.values_list(*RIGHTS_OF_PEOPLE)) == rights


@pytest.mark.parametrize("shops", ["another", "none"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_of_another_shop_is_not_there(stage: Stage, shops: str, method: str) -> None:
    client = somebody(Role.MANAGER, *([stage.other] if shops == "another" else []))
    for name, path in walked(stage):
        door = DOORS[name]
        if door.of_shop and is_through(getattr(door, method), Role.MANAGER):
            assert answer(client, method, path, stage).status_code == 404, (name, method)
    if method == "get":
        for path in ("/orders/", "/shops/", "/uploads/", "/views/", "/orders/views/"):
            page = client.get(path)
            assert page.status_code == 200
            for of_shop in (stage.order.order_id, "Northwind", "orders.csv"):
                assert of_shop not in page.content.decode(), (path, of_shop)


def test_a_deactivated_person_is_a_stranger(stage: Stage) -> None:
    client = somebody(Role.OWNER, sees_all=True)
    User.objects.filter(email="owner@shop.example").update(is_active=False)
    for name, path in walked(stage):
        for method in ("get", "post"):
            said = answer(client, method, path, stage)
            assert said.status_code == 302, (name, method)
            assert said["Location"].startswith("/login/"), (name, method)
