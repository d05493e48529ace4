"""Rules on their pages: added off, seen before they are turned on; told in audit and log."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client

from shipboard.accounts.models import AuditEntry, User
from shipboard.accounts.roles import Role
from shipboard.channels.models import Shop
from shipboard.fulfilment.models import AnswerRule, AnswerRuleEntry
from tests import make
from tests.fulfilment.rule_desk import NOW, asked, rule, ruled_shop, work

pytestmark = pytest.mark.django_db
GOOD = {
    "shop": "northwind",
    "name": " Small  ones ",
    "reasons": ["buyer_cancel_reason_better_price"],
    "most_total": "25.50",
    "most_minutes": "60",
    "hourly_most": "10",
}


@pytest.fixture
def shop(db: None) -> Shop:
    return ruled_shop()


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


def test_a_rule_is_added_off_and_leads_to_what_it_would_do(desk: Client, shop: Shop) -> None:
    made = desk.post("/settings/rules/new/", GOOD)
    rule = AnswerRule.objects.get()
    assert made["Location"] == f"/settings/rules/{rule.pk}/try/"
    assert (rule.name, rule.is_on, rule.changed_by) == ("Small ones", False, "mai@shop.example")
    assert (rule.most_total, rule.most_minutes, rule.hourly_most) == (Decimal("25.50"), 60, 10)
    assert rule.reasons == ["buyer_cancel_reason_better_price"]
    assert (
        "Approves a buyer's request to cancel when the reason is “Better price available”, the "
        "order's total is at most $25.50, and the buyer asked within 1 h of payment. "
        "At most 10 approvals in any 60 minutes."
    ) in text(desk.get("/settings/rules/"))
    assert AuditEntry.objects.get(kind="rule_kept").detail == {"shop": "Northwind"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": ""}, "required"),
        ({"name": "small ONES"}, "Another rule of this shop"),
        ({"reasons": ["never_seen"]}, "not one of the available choices"),
        ({"name": "\u200b\u2060"}, "can be read"),
        ({"name": "\u3164\ufeff"}, "can be read"),
        ({"most_total": "9999999999999999"}, "no more than 14 digits before"),
        ({"most_total": "-1"}, "greater than or equal to 0"),
        ({"most_minutes": "0"}, "greater than or equal to 1"),
        ({"hourly_most": ""}, "required"),
        ({"hourly_most": "501"}, "less than or equal to 500"),
    ],
)
def test_what_makes_no_rule_is_said(
    desk: Client, shop: Shop, changed: dict[str, Any], said: str
) -> None:
    rule(shop)
    answer = desk.post("/settings/rules/new/", GOOD | {"name": "Other"} | changed)
    assert answer.status_code == 422
    assert said in text(answer)
    assert AnswerRule.objects.count() == 1


def test_a_rule_for_every_request_is_warned_of(desk: Client, shop: Shop) -> None:
    blank = GOOD | {"reasons": [], "most_total": "", "most_minutes": ""}
    said = desk.post("/settings/rules/new/", blank)
    assert said.status_code == 422
    assert "it approves every request" in text(said)
    assert 'name="every"' in text(said)
    assert not AnswerRule.objects.exists()
    tried = desk.post("/settings/rules/new/", blank | {"every": "on"}, follow=True)
    assert AnswerRule.objects.get().most_total is None
    assert "it approves every request" in text(tried)


def test_there_is_no_shop_of_an_odd_name(desk: Client, shop: Shop) -> None:
    assert desk.get("/settings/rules/new/?shop=%00").status_code == 404
    assert desk.get("/settings/rules/new/?shop=northwind").status_code == 200


def test_cases_lead_to_the_rules_who_may_see_to_them(desk: Client, client: Client) -> None:
    assert 'href="/settings/rules/"' in text(desk.get("/cases/"))
    client.force_login(User.objects.create_user("tam@shop.example", "a pass", role=Role.VIEWER))
    assert 'href="/settings/rules/"' not in text(client.get("/cases/"))


def test_it_is_turned_on_where_what_it_would_do_was_seen(desk: Client, shop: Shop) -> None:
    made = rule(shop, is_on=False)
    path = f"/settings/rules/{made.pk}/"
    desk.post(path, {"do": "on"})
    desk.post(path, {"do": "on", "seen": "yesterday"})
    desk.post(path, {"do": "on", "seen": (made.changed_at - timedelta(1)).isoformat()})
    assert not AnswerRule.objects.get().is_on
    asked(shop)
    page = text(desk.get(f"{path}try/"))
    assert "the orders are canceled and the buyers refunded" in page
    assert "The request that waits now is left to people" in page
    desk.post(path, {"do": "on", "seen": made.changed_at.isoformat()})
    on = AnswerRule.objects.get()
    assert (on.is_on, on.changed_at) == (True, NOW)
    desk.post(path, {"do": "off"})
    assert not AnswerRule.objects.get().is_on
    kinds = AuditEntry.objects.filter(kind__startswith="rule_").order_by("pk")
    assert list(kinds.values_list("kind", flat=True)) == ["rule_on", "rule_off"]
    told = text(desk.get("/settings/audit/"))
    assert "turned the rule Small ones of Northwind off" in told


def test_a_changed_rule_is_off_until_it_is_seen_again(desk: Client, shop: Shop) -> None:
    made = rule(shop, reasons=["long_gone"])
    path = f"/settings/rules/{made.pk}/"
    assert 'value="long_gone" checked' in text(desk.get(path))
    desk.post(path, GOOD | {"reasons": ["long_gone"]})
    changed = AnswerRule.objects.get()
    assert (changed.is_on, changed.reasons, changed.hourly_most) == (False, ["long_gone"], 10)


def test_a_rule_is_removed(desk: Client, shop: Shop) -> None:
    made = rule(shop)
    desk.post(f"/settings/rules/{made.pk}/", {"do": "remove"})
    assert not AnswerRule.objects.exists()
    assert desk.get(f"/settings/rules/{made.pk}/").status_code == 404


def test_the_trial_says_how_many_why_and_which(desk: Client, shop: Shop) -> None:
    made = rule(shop, is_on=False, reasons=["no_longer_needed"], hourly_most=1)
    asked(shop, "1", requested_at=NOW - 100 * timedelta(minutes=1))
    asked(shop, "2", requested_at=NOW - 90 * timedelta(minutes=1))
    asked(shop, "3", reason_name="wrong_address", reason="Wrong address")
    page = text(desk.get(f"/settings/rules/{made.pk}/try/"))
    assert 'data-approved="2"' in page
    assert "$25.00" in page
    assert "<strong>2</strong> of at most 1" in page
    assert "<strong>1</strong> Another reason" in page
    assert 'data-tried="1" data-outcome="Would be approved"' in page
    assert 'data-tried="2" data-outcome="Would be approved later"' in page
    assert 'data-tried="3" data-outcome="Would be left to people"' in page


def test_a_shop_fed_by_files_takes_no_rule(desk: Client) -> None:
    make.shop("Filed")
    page = text(desk.get("/settings/rules/"))
    assert "answered in Seller Center: Filed" in page
    assert "fed by files" in text(desk.get("/settings/rules/new/?shop=filed"))
    desk.post("/settings/rules/new/", GOOD | {"shop": "filed"})
    assert not AnswerRule.objects.exists()


def test_the_log_is_filtered_and_paged(desk: Client, shop: Shop) -> None:
    made = rule(shop, reasons=["no_longer_needed"])
    asked(shop, "1")
    asked(shop, "2", reason_name="wrong_address", reason="Wrong address")
    work(shop)
    page = text(desk.get("/settings/rules/log/"))
    assert "Waits in the outbox" in page
    assert "Small ones: Its reason is “Wrong address”, not one of the rule's." in page
    approved = text(desk.get(f"/settings/rules/log/?outcome=approved&rule={made.pk}"))
    assert 'data-outcome="approved"' in approved
    assert 'data-outcome="left"' not in approved
    last = AnswerRuleEntry.objects.latest("pk").pk
    assert "Newest" in text(desk.get(f"/settings/rules/log/?before={last}"))
    for wrong in (
        "outcome=x",
        "rule=0",
        "shop=x",
        "before=x",
        "before=999999",
        "before=" + "9" * 30,
    ):
        assert desk.get(f"/settings/rules/log/?{wrong}").status_code == 400


def test_rules_of_other_shops_are_not_there(shop: Shop) -> None:
    made = rule(shop)
    asked(shop)
    work(shop)
    person = User.objects.create_user(
        "an@shop.example", "a long password", role=Role.MANAGER, sees_all_shops=False
    )
    person.shops.set([make.shop("Other")])
    client = Client()
    client.force_login(person)
    for path in ("/settings/rules/", "/settings/rules/log/"):
        assert "Small ones" not in text(client.get(path))
    assert client.get(f"/settings/rules/{made.pk}/try/").status_code == 404


@pytest.mark.parametrize("many", [1, 3, 20])
def test_the_list_asks_as_often_for_many_rules(
    desk: Client, shop: Shop, many: int, django_assert_num_queries: Any
) -> None:
    for number in range(many):
        rule(shop, name=str(number))
    with django_assert_num_queries(7):
        desk.get("/settings/rules/")
