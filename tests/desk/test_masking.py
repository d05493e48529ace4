"""What a packer never sees: the recipient's name, phone number and address, on any page."""

from __future__ import annotations

import zipfile
from html import unescape
from io import BytesIO

import pytest
from django.test import Client

from shipboard.accounts.models import AuditEntry, User
from shipboard.accounts.roles import Role
from shipboard.ingest.apply import Source, apply
from shipboard.orders.models import Order
from tests import make
from tests.desk.addresses import every_address

pytestmark = pytest.mark.django_db
RECIPIENT = {
    "name": "Anchalee Wongsawat",
    "phone": "+66 81 234 5678",
    "address": "99/41 Sukhumvit Soi 8",
    "address_extra": "Tower B, room 1204",
    "district": "Khlong Toei",
    "postal_code": "10110",
    "city": "Nonthaburi",
    "state": "Krung Thep",
    "country": "TH",
}
OPEN = {"state", "country"}
SECRETS = [value for key, value in RECIPIENT.items() if key not in OPEN]
USERNAME = "anchalee.w88"
SECRETS += ["Wongsawat", "812345678", "234 5678", "Sukhumvit", USERNAME]
ORDER = "576000000000000001"


@pytest.fixture
def order(db: None) -> Order:
    fact = make.order(recipient=RECIPIENT, buyer_username=USERNAME)
    apply(make.shop(), [fact], Source(by="tests", now=make.NOW))
    return Order.objects.get()


@pytest.fixture(params=[Role.PACKER, Role.VIEWER])
def reader(request: pytest.FixtureRequest, order: Order) -> Client:
    person = User.objects.create_user("tam@shop.example", "a long password", role=request.param)
    client = Client()
    client.force_login(person)
    return client


def plain(content: bytes) -> str:
    """What was answered as text, a workbook's parts one after the other."""
    if not zipfile.is_zipfile(BytesIO(content)):
        return content.decode()
    with zipfile.ZipFile(BytesIO(content)) as book:
        return "\n".join(book.read(name).decode() for name in book.namelist())


def test_no_page_of_a_packer_names_the_recipient(reader: Client, order: Order) -> None:
    pages = [path for _, path in every_address(pk=str(order.pk))]
    for query in ("tab=all", "view=card", "q=Wongsawat", "q=812345678", f"q={ORDER}", "nonsense=1"):
        pages.append(f"/orders/?{query}")
    pages += [f"/orders/{ORDER}/?shop=northwind", f"/orders/changes/?order={order.pk}"]
    for path in pages:
        for headers in ({}, {"HX-Request": "true", "HX-Target": "drawer-body"}):
            for said in (reader.get(path, headers=headers), reader.post(path, headers=headers)):
                text = b"".join(said) if said.streaming else said.content
                page = unescape(plain(text))
                typed = "q=" in path
                found = [each for each in SECRETS if each in page and not (typed and each in path)]
                assert not found, (path, found)
        if path == "/logout/":
            reader.force_login(User.objects.get(email="tam@shop.example"))


def test_a_search_for_the_recipient_finds_nothing(reader: Client) -> None:
    for value in ("Wongsawat", "Anchalee Wongsawat", "812345678", "Sukhumvit", USERNAME):
        assert 'data-order="' not in reader.get("/orders/", {"q": value}).content.decode()


def test_a_user_name_is_masked_until_it_is_asked_for_and_still_found(
    desk: Client, order: Order
) -> None:
    for path in ("/orders/", "/orders/?view=card", f"/orders/{ORDER}/"):
        page = desk.get(path).content.decode()
        assert USERNAME not in page
        assert "a****" in page
    found = desk.get("/orders/", {"q": USERNAME.upper()}).content.decode()
    assert f'data-order="{ORDER}"' in found
    assert USERNAME in desk.post(f"/orders/{ORDER}/reveal/", follow=True).content.decode()


@pytest.mark.parametrize(("name", "is_offered"), [("tam.b", True), ("t****", False), ("", False)])
def test_a_user_name_alone_can_be_shown_unless_the_channel_masks_it(
    desk: Client, name: str, is_offered: bool
) -> None:
    fact = make.order(buyer_username=name)
    apply(make.shop(), [fact], Source(by="tests", now=make.NOW))
    assert ("Show the user name" in desk.get(f"/orders/{ORDER}/").content.decode()) is is_offered


def test_a_packer_is_offered_no_reveal_and_gets_none(reader: Client) -> None:
    page = reader.get(f"/orders/{ORDER}/").content.decode()
    assert "/reveal/" not in page
    said = reader.post(f"/orders/{ORDER}/reveal/")
    assert said.status_code == 403
    assert "does not show buyers" in said.content.decode()
    assert not AuditEntry.objects.filter(kind="address_revealed").exists()


def test_a_right_that_was_taken_away_reveals_nothing(order: Order) -> None:
    person = User.objects.create_user("tam@shop.example", "a long password", role=Role.MANAGER)
    client = Client()
    client.force_login(person)
    client.post(f"/orders/{ORDER}/reveal/")
    User.objects.update(role=Role.PACKER)
    page = client.get(f"/orders/{ORDER}/").content.decode()
    assert not [each for each in SECRETS if each in page]


def test_who_looked_is_in_the_audit_without_what_was_seen(desk: Client, order: Order) -> None:
    desk.post(f"/orders/{ORDER}/reveal/")
    assert "Anchalee Wongsawat" in desk.get(f"/orders/{ORDER}/").content.decode()
    page = desk.get("/settings/audit/").content.decode()
    assert f"mai@shop.example revealed the recipient of order {ORDER}" in page
    stored = str(list(AuditEntry.objects.values()))
    assert not [each for each in SECRETS if each in stored]
