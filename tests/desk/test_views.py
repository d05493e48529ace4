"""Saved views on screen: the rail's counts, saving, sharing, and who may do what."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shipboard.accounts.models import AuditEntry, User
from shipboard.accounts.roles import Role
from shipboard.channels.contract import CaseFact, CaseKind, Stage
from shipboard.channels.models import Shop
from shipboard.ingest.apply import Source, apply
from shipboard.orders.filters import parse
from shipboard.orders.models import SavedView
from shipboard.orders.saved_views import save_view
from tests import make

pytestmark = pytest.mark.django_db
SOURCE = Source(by="tests", now=make.NOW)


@pytest.fixture
def north() -> Shop:
    north, south = make.shop(), make.shop("South")
    apply(
        north,
        [make.order("576000000000000001"), make.order("576000000000000002", carrier="USPS")],
        SOURCE,
    )
    apply(south, [make.order("577000000000000001", stage=Stage.IN_TRANSIT)], SOURCE)
    return north


def person(email: str, role: Role, *shops: Shop) -> tuple[User, Client]:
    made = User.objects.create_user(email, "a long password", role=role, sees_all_shops=not shops)
    made.shops.set(shops)
    client = Client()
    client.force_login(made)
    return made, client


def keep(owner: User, name: str, query: str, *, is_shared: bool = False) -> SavedView:
    return save_view(owner, name, parse(query), is_shared=is_shared, now=make.NOW)


def rail(client: Client) -> dict[str, str]:
    """Names in the rail with their counts; blank: shown without one."""
    html = client.get("/orders/views/").text
    rows = re.findall(r"<li>(.*?)</li>", html, re.S)
    found = {}
    for row in rows:
        name = re.search(r'class="name" dir="auto">([^<]*)<', row)
        count = re.search(r'data-count="(\d+)"', row)
        assert name
        found[name[1]] = count[1] if count else ""
    return found


def test_the_rail_counts_for_its_reader(desk: Client, owner: User, north: Shop) -> None:
    keep(owner, "All", "", is_shared=True)
    keep(owner, "USPS", "carrier=USPS&tab=pending_shipping", is_shared=True)
    keep(owner, "Private", "tab=shipped")
    keep(owner, "South", "shop=south", is_shared=True)
    assert rail(desk) == {"All": "3", "USPS": "1", "Private": "1", "South": "1"}
    _, packer = person("pim@shop.example", Role.PACKER, north)
    assert rail(packer) == {"All": "2", "USPS": "1", "South": ""}
    html = packer.get("/orders/views/").text
    assert "It names a shop that is not one of yours." in html
    assert "shop=south" not in html
    assert "shop=south" not in packer.get("/views/").text
    assert "shared by mai@shop.example" in html


def requests(shop: Shop, *order_ids: str, **given: Any) -> None:
    """Orders whose buyers ask to cancel."""
    asked = CaseFact(kind=CaseKind.CANCELLATION, is_open=True)
    apply(shop, [make.order(each, cases=(asked,), **given) for each in order_ids], SOURCE)


def waits_for_answer(html: str) -> str:
    """What a screen reader says of it after “Cancellations & returns”; blank: it is hidden."""
    (tag, words) = re.findall(r'(<span[^>]* id="rail-cases"[^>]*>)(.*?</span>)</span>', html)[0]
    return "" if " hidden" in tag else re.sub("<[^>]*>", "", words)


def test_the_rail_says_how_many_cases_wait_for_an_answer(desk: Client, north: Shop) -> None:
    page = desk.get("/orders/").text
    assert 'id="rail-cases" hidden></span></a>' in page
    (token,) = re.findall(r'data-changes="([^"]+)"', page)
    assert waits_for_answer(desk.get("/orders/views/").text) == ""
    requests(north, "576000000000000003", "576000000000000004")
    requests(north, "576000000000000005", stage=Stage.CANCELED)
    requests(Shop.objects.get(name="South"), "577000000000000002")
    requests(make.shop("Demo", is_demo=True), "578000000000000001")
    changes = f"/orders/changes/?token={token}&rows="
    for address in ("/orders/views/", changes, "/cases/?shop=south&seen=before"):
        assert waits_for_answer(desk.get(address).text) == "3 to answer", address
    assert 'data-tab="to_answer" data-count="3"' in desk.get("/cases/").text
    _, packer = person("pim@shop.example", Role.PACKER, north)
    assert waits_for_answer(packer.get("/orders/views/").text) == "2 to answer"
    assert 'data-tab="to_answer" data-count="2"' in packer.get("/cases/").text


def test_a_count_is_what_the_link_finds(desk: Client, owner: User, north: Shop) -> None:
    queries = (
        "tab=shipped",
        "stage=awaiting_shipment",
        "urgency=ship_24h",
        "urgency=ship_24h&tab=shipped",
        "q=576000000000000001",
        "shop=northwind&tab=pending_shipping",
        "carrier=USPS",
        "sort=total",
    )
    for query in queries:
        keep(owner, query, query)
    html = desk.get("/orders/views/").text
    links = re.findall(r'href="/orders/\?([^"]*)" data-view="\d+" data-count="(\d+)"', html)
    assert len(links) == len(queries)
    for query, count in links:
        found = desk.get(f"/orders/?{query.replace('&amp;', '&')}").text
        assert f'data-count="{count}" data-changes' in found


def test_a_view_of_another_time_says_so(desk: Client, owner: User, north: Shop) -> None:
    SavedView.objects.create(owner=owner, name="Old", query="mood=blue", saved_at=make.NOW)
    assert rail(desk) == {"Old": ""}
    assert "No longer understood" in desk.get("/orders/views/").text
    assert "No longer understood" in desk.get("/views/").text


def test_saving_keeps_the_question_without_its_page(desk: Client, owner: User) -> None:
    form = desk.get("/views/new/?tab=shipped&per_page=20&view=card").text
    assert '<input type="hidden" name="query" value="tab=shipped">' in form
    given = {"name": "  On  the road ", "query": "tab=shipped&per_page=20", "shared": "yes"}
    response = desk.post("/views/", given)
    assert response.headers["Location"] == "/orders/?tab=shipped"
    view = SavedView.objects.get()
    assert (view.name, view.query, view.is_shared) == ("On the road", "tab=shipped", True)
    again = desk.post("/views/", given | {"name": "on the ROAD"})
    assert again.status_code == 422
    assert "already; choose another name" in again.text
    assert 'value="yes" checked' in again.text
    assert desk.post("/views/", given | {"query": "mood=blue"}).status_code == 400
    assert SavedView.objects.count() == 1


def test_every_role_keeps_views_of_its_own() -> None:
    make.shop()
    for role in Role:
        _, client = person(f"{role}@shop.example", role)
        client.post("/views/", {"name": "Mine", "query": "tab=shipped"})
        view = SavedView.objects.get(owner__email=f"{role}@shop.example")
        client.post(f"/views/{view.pk}/share/", {"shared": "yes"})
        client.post(f"/views/{view.pk}/rename/", {"name": "Ours"})
        view.refresh_from_db()
        assert (view.name, view.is_shared) == ("Ours", True)
        client.post(f"/views/{view.pk}/share/", {"shared": "no"})
        view.refresh_from_db()
        assert not view.is_shared
        client.post(f"/views/{view.pk}/remove/")
        assert not SavedView.objects.exists()


def test_a_taken_name_is_said_on_the_page(desk: Client, owner: User) -> None:
    keep(owner, "One", "")
    two = keep(owner, "Two", "tab=shipped")
    response = desk.post(f"/views/{two.pk}/rename/", {"name": "one"}, follow=True)
    assert "You have a view named one already" in response.text
    two.refresh_from_db()
    assert two.name == "Two"


VERBS = ("rename", "share", "remove")


@pytest.mark.parametrize("verb", VERBS)
def test_private_views_do_not_exist_for_others(desk: Client, verb: str) -> None:
    other, _ = person("pim@shop.example", Role.MANAGER)
    view = keep(other, "Secret", "tab=shipped")
    assert desk.post(f"/views/{view.pk}/{verb}/", {"name": "x"}).status_code == 404
    assert "Secret" not in desk.get("/views/").text
    assert SavedView.objects.get().name == "Secret"


@pytest.mark.parametrize("verb", VERBS)
def test_a_shared_view_is_changed_by_who_saved_it(owner: User, verb: str) -> None:
    _, client = person("pim@shop.example", Role.MANAGER)
    view = keep(owner, "Ours", "tab=shipped", is_shared=True)
    assert client.post(f"/views/{view.pk}/{verb}/", {"name": "x"}).status_code == 403
    view.refresh_from_db()
    assert (view.name, view.is_shared) == ("Ours", True)
    assert client.get(f"/views/{view.pk}/{verb}/").status_code == 405


def test_an_owner_removes_what_others_share_and_no_more(desk: Client) -> None:
    other, _ = person("pim@shop.example", Role.VIEWER)
    view = keep(other, "Ours", "", is_shared=True)
    assert desk.post(f"/views/{view.pk}/rename/", {"name": "Mine"}).status_code == 403
    desk.post(f"/views/{view.pk}/remove/")
    assert not SavedView.objects.exists()
    entry = AuditEntry.objects.get(kind="shared_view_removed")
    assert (entry.by, entry.subject) == ("mai@shop.example", "a view of pim@shop.example")


def test_the_cost_of_the_rail_is_known(desk: Client, owner: User, north: Shop) -> None:
    """Plain views cost the same however many they are; others a count each, the same one once."""

    def cost() -> int:
        desk.get("/orders/views/")
        with CaptureQueriesContext(connection) as queries:
            desk.get("/orders/views/")
        return len(queries)

    keep(owner, "0", "tab=shipped")
    plain = cost()
    for number, tab in enumerate(("all", "shipped", "completed", "canceled"), 1):
        keep(owner, str(number), f"tab={tab}")
    keep(owner, "urgent", "urgency=overdue")
    assert cost() == plain
    keep(owner, "USPS", "carrier=USPS")
    keep(owner, "USPS, by total", "carrier=USPS&sort=total")
    assert cost() == plain + 1
