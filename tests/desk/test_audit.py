"""The audit: what is noted, how it reads, and that a million entries do not slow it down."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shipboard.accounts import audit
from shipboard.accounts.models import AuditEntry, User
from shipboard.accounts.roles import Role
from shipboard.desk.audit import KINDS
from tests import make

pytestmark = pytest.mark.django_db
WRONG = "not this one, ever"


def texts(page: str) -> list[str]:
    return re.findall(r'<td dir="auto">([^<]*)</td>', page)


def test_signing_in_and_out_is_noted_and_passwords_are_not(owner: User, desk: Client) -> None:
    client = Client()
    client.post("/login/", {"login": "MAI@shop.example", "password": WRONG})
    client.post("/login/", {"login": "my secret, typed in the wrong box", "password": WRONG})
    client.post("/login/", {"login": "stranger@else.example", "password": WRONG})
    client.post("/login/", {"login": owner.email, "password": "a long password"})
    client.post("/logout/")
    noted = list(AuditEntry.objects.order_by("pk").values_list("by", "kind"))
    assert noted[0] == (owner.email, "sign_in_failed")
    assert set(noted[1:-2]) == {("", "sign_in_failed")}
    assert noted[-2:] == [(owner.email, "signed_in"), (owner.email, "signed_out")]
    stored = str(list(AuditEntry.objects.values()))
    assert not re.search(r"secret|stranger|not this one", stored)
    said = texts(desk.get("/settings/audit/").content.decode())
    assert said[0] == "mai@shop.example signed out"
    assert "Somebody gave a wrong password for nobody who is known here" in said


def test_shops_and_their_rules_are_noted(desk: Client) -> None:
    rules = {"sla": "flat", "dispatch_hours": "24", "after_sales_days": "14"}
    desk.post("/shops/", {"name": "Kite", "region": "TH", "timezone": "UTC"} | rules)
    desk.post("/shops/kite/", rules | {"dispatch_hours": "30"})
    desk.post("/shops/kite/remove/", {"slug": "kite"})
    noted = AuditEntry.objects.order_by("pk").values_list("kind", "subject")
    assert list(noted) == [
        (kind, "Kite") for kind in ("shop_added", "rules_changed", "shop_removed")
    ]


def test_pages_and_filters(desk: Client, owner: User) -> None:
    AuditEntry.objects.bulk_create(
        AuditEntry(
            at=make.NOW + timedelta(minutes=number // 2),  # pairs of the same instant
            by=owner.email if number % 3 else "command line",
            kind="shop_added" if number % 2 else "rules_changed",
            subject=f"#{number}",
        )
        for number in range(120)
    )
    seen: list[str] = []
    address: str | None = "/settings/audit/"
    while address:
        page = desk.get(address).content.decode()
        seen += texts(page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = older[1].replace("&amp;", "&") if older else None
    assert [re.search(r"#\d+", text)[0] for text in seen] == [f"#{n}" for n in range(119, -1, -1)]
    page = desk.get("/settings/audit/", {"by": "command line", "kind": "shop_added"})
    assert len(texts(page.content.decode())) == 20
    for wrong in ({"kind": "x"}, {"before": "x"}, {"before": "999999999"}, {"by": "\0"}):
        assert desk.get("/settings/audit/", wrong).status_code == 400


def test_every_kind_reads_as_a_sentence(desk: Client) -> None:
    for kind in [*KINDS, "something_new"]:
        audit.note("mai@shop.example", kind, "it", role="Packer", shops="all shops", count=2)
    page = desk.get("/settings/audit/").content.decode()
    assert all("mai@shop.example" in text for text in texts(page))
    assert "something new it" in page


def test_an_audit_of_any_size_reads_a_page_only(db: None) -> None:
    entries = (
        AuditEntry(at=make.NOW, by=f"p{n % 50}", kind=f"k{n % 20}", subject="")
        for n in range(40_000)
    )
    AuditEntry.objects.bulk_create(entries, batch_size=5000)
    with connection.cursor() as cursor:
        cursor.execute("analyze audit_entry")
    middle = AuditEntry.objects.order_by("pk")[20_000].pk
    for asked in ({}, {"by": "p3"}, {"kind": "k3"}, {"before": middle}):
        assert rows_read(asked) < 400, asked


def rows_read(asked: dict[str, object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        audit.entries(limit=50, **asked)  # type: ignore[arg-type]
    with connection.cursor() as cursor:
        cursor.execute(f"explain (analyze, format json) {captured[-1]['sql']}")
        plan = cursor.fetchone()[0][0]["Plan"]
    return most_rows(plan)


def most_rows(plan: dict[str, object]) -> int:
    own = int(plan["Actual Rows"]) + int(plan.get("Rows Removed by Filter", 0))  # type: ignore
    return max([own, *(most_rows(each) for each in plan.get("Plans", []))])  # type: ignore


def test_only_owners_read_it(db: None) -> None:
    person = User.objects.create_user("tam@shop.example", "a long password", role=Role.MANAGER)
    client = Client()
    client.force_login(person)
    assert client.get("/settings/audit/").status_code == 403
    assert "/settings/audit/" not in client.get("/settings/").content.decode()
