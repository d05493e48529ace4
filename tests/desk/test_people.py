"""People: roles and shops, deactivation, the last owner, and invitations that open once."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from shipboard.accounts.access import access_of
from shipboard.accounts.invitations import NotOpen, accept, invite
from shipboard.accounts.models import AuditEntry, Invitation, User
from shipboard.accounts.people import LastOwner, change_rights, deactivate
from shipboard.accounts.roles import Right, Role
from tests import make

pytestmark = pytest.mark.django_db
GOOD = {"name": "Tam", "password": "walnut-harbour-7"}


def another(email: str = "tam@shop.example", role: Role = Role.OWNER) -> User:
    return User.objects.create_user(email, "a long password", role=role)


def link_of(page: str) -> str:
    found = re.search(r'value="http://testserver(/invitations/[^"]+)"', page)
    assert found, page
    return found[1]


def invited(desk: Client, **given: object) -> str:
    form = {"email": "tam@shop.example", "role": "packer", "all_shops": "on"} | given
    return link_of(desk.post("/settings/people/", form).content.decode())


def test_an_owner_changes_role_and_shops(desk: Client) -> None:
    shop, person = make.shop(), another(role=Role.VIEWER)
    make.shop("Other")
    given = {"role": "packer", "shops": [shop.pk]}
    assert desk.post(f"/settings/people/{person.pk}/", given).status_code == 302
    access = access_of(User.objects.get(pk=person.pk))
    assert access.shop_ids == {shop.pk}
    assert access.rights == {Right.WORK}
    assert AuditEntry.objects.filter(kind="rights_changed", subject=person.email).count() == 1
    desk.post(f"/settings/people/{person.pk}/", given)
    assert AuditEntry.objects.filter(kind="rights_changed").count() == 1  # nothing had changed


def test_some_shop_must_be_ticked(desk: Client) -> None:
    make.shop()
    person = another(role=Role.VIEWER)
    said = desk.post(f"/settings/people/{person.pk}/", {"role": "packer"})
    assert said.status_code == 422
    assert "Tick the shops" in said.content.decode()
    assert User.objects.get(pk=person.pk).sees_all_shops


def test_the_last_active_owner_stays(desk: Client, owner: User) -> None:
    gone = another()
    User.objects.filter(pk=gone.pk).update(is_active=False)
    said = desk.post(f"/settings/people/{owner.pk}/", {"role": "viewer", "all_shops": "on"})
    assert "is the only active owner" in said.content.decode()
    desk.post(f"/settings/people/{owner.pk}/close/")
    owner.refresh_from_db()
    assert (owner.role, owner.is_active) == (Role.OWNER, True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["demote", "deactivate"])
def test_two_owners_cannot_take_each_other_away_at_once(way: str) -> None:
    owners = [another("mai@shop.example"), another()]
    refused: list[str] = []
    together = threading.Barrier(2)

    def take_away(person: User) -> None:
        together.wait()
        try:
            if way == "demote":
                change_rights(person, Role.VIEWER, None, by="tests")
            else:
                deactivate(person, by="tests")
        except LastOwner as problem:
            refused.append(str(problem))
        finally:
            connection.close()

    threads = [threading.Thread(target=take_away, args=(each,)) for each in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert User.objects.filter(role=Role.OWNER, is_active=True).count() == 1
    assert len(refused) == 1


def test_a_deactivated_person_is_signed_out_at_once(desk: Client) -> None:
    person, browser = another(role=Role.PACKER), Client()
    browser.post("/login/", {"login": person.email, "password": "a long password"})
    assert browser.get("/orders/").status_code == 200
    desk.post(f"/settings/people/{person.pk}/close/")
    assert browser.get("/orders/").status_code == 302
    again = Client().post("/login/", {"login": person.email, "password": "a long password"})
    assert again["Location"] == "/closed/"
    desk.post(f"/settings/people/{person.pk}/open/")
    assert browser.get("/orders/").status_code == 302  # the old session is gone for good
    browser.post("/login/", {"login": person.email, "password": "a long password"})
    assert browser.get("/orders/").status_code == 200


def test_an_invitation_lets_one_person_in_once(desk: Client) -> None:
    shop = make.shop()
    link = invited(desk, all_shops="", shops=[shop.pk])
    assert link not in desk.get("/settings/people/").content.decode()
    token = link.split("/")[2]
    assert token not in str(list(Invitation.objects.values()))
    guest = Client()
    assert "tam@shop.example" in guest.get(link).content.decode()
    said = guest.post(link, GOOD)
    assert said["Location"] == "/orders/?tab=pending_shipping"
    assert guest.get("/orders/").status_code == 200
    person = User.objects.get(email="tam@shop.example")
    assert (person.name, person.role, person.sees_all_shops) == ("Tam", Role.PACKER, False)
    assert list(person.shops.all()) == [shop]
    second = Client().post(link, GOOD)
    assert second.status_code == 410
    assert "has been used" in second.content.decode()
    assert User.objects.filter(email="tam@shop.example").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_click_makes_one_account() -> None:
    now = timezone.now()
    _, token = invite("tam@shop.example", Role.PACKER, None, by="tests", now=now)
    together, outcomes = threading.Barrier(2), []

    def click() -> None:
        together.wait()
        try:
            accept(token, name="Tam", password="walnut-harbour-7", now=now)
            outcomes.append("in")
        except NotOpen as problem:
            outcomes.append(str(problem))
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes)[0].startswith("This invitation has been used")
    assert sorted(outcomes)[1] == "in"
    assert User.objects.count() == 1


def test_a_weak_password_uses_nothing_up(desk: Client) -> None:
    link = invited(desk)
    said = Client().post(link, GOOD | {"password": "password12"})
    assert said.status_code == 422
    assert "too common" in said.content.decode()
    assert Client().post(link, GOOD).status_code == 302


@pytest.mark.parametrize("way", ["wrong", "revoked", "expired", "replaced", "signed in"])
def test_a_link_that_opens_nothing_says_why(desk: Client, way: str) -> None:
    link, browser = invited(desk), Client()
    if way == "wrong":
        link, says = "/invitations/nonsense/", "is not an invitation to this desk"
    elif way == "revoked":
        desk.post(f"/settings/invitations/{Invitation.objects.get().pk}/revoke/")
        says = "was taken back"
    elif way == "expired":
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        says = "older than seven days"
    elif way == "replaced":
        assert Client().get(invited(desk)).status_code == 200
        says = "was taken back"
    else:
        browser, says = desk, "You are signed in already"
    for said in (browser.get(link), browser.post(link, GOOD)):
        assert said.status_code in {409, 410}
        assert says in said.content.decode()
    assert not User.objects.filter(email="tam@shop.example").exists()


def test_who_is_here_is_not_invited(desk: Client) -> None:
    said = desk.post("/settings/people/", {"email": "MAI@shop.example", "role": "viewer"})
    assert said.status_code == 422
    form = {"email": "MAI@shop.example", "role": "viewer", "all_shops": "on"}
    assert "already" in desk.post("/settings/people/", form).content.decode()
    long = form | {"email": "x" * 300 + "@shop.example"}
    assert "at most 254 characters" in desk.post("/settings/people/", long).content.decode()
    assert not Invitation.objects.exists()
