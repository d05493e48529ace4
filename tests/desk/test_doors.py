"""Who gets in: sign-in is required by default, forms are protected, pages carry a strict policy."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from shipboard.accounts.models import User
from tests.desk.addresses import every_address

pytestmark = pytest.mark.django_db

#: Addresses that a stranger reaches. The second step of signing in sends back to the first.
OPEN = {
    "healthz",
    "account_login",
    "account_signup",
    "account_reset_password",
    "account_inactive",
    "invitation",
    "tiktok_hooks",
}
TO_SIGN_IN = {"account_logout", "mfa_authenticate"}


@pytest.mark.parametrize(("name", "path"), every_address())
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_stranger_is_sent_to_sign_in(name: str, path: str, method: str) -> None:
    response = getattr(Client(), method)(path)
    if name in OPEN:
        assert response.status_code in {200, 401, 403, 404, 405, 410, 503}
    else:
        assert response.status_code == 302
        expected = "/login/" if name in TO_SIGN_IN else f"/login/?next={path}"
        assert response["Location"] == expected


def test_a_form_without_its_token_changes_nothing(owner: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    response = client.post("/shops/", {"name": "X", "region": "US", "timezone": "UTC"})
    assert response.status_code == 403
    assert "Nothing was changed" in response.content.decode()


def test_pages_allow_no_inline_script_or_style(desk: Client) -> None:
    for path in ("/orders/", "/uploads/", "/shops/", "/orders/filter/", "/nowhere/"):
        response = desk.get(path)
        policy = response["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'self'" in policy
        page = response.content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", page), path


def test_wrong_passwords_are_slowed_down(owner: User) -> None:
    client = Client()
    wrong = {"login": owner.email, "password": "not this one"}
    answers = [client.post("/login/", wrong) for _ in range(12)]
    assert answers[0].status_code == 200
    assert "Too many" in answers[-1].content.decode()
    right = client.post("/login/", {"login": owner.email, "password": "a long password"})
    assert "_auth_user_id" not in client.session, right.content.decode()


def test_signing_in_leads_to_what_must_be_shipped(owner: User) -> None:
    client = Client()
    right = {"login": "MAI@shop.example", "password": "a long password"}
    assert client.post("/login/", right)["Location"] == "/orders/?tab=pending_shipping"


def test_sign_in_does_not_lead_elsewhere(owner: User) -> None:
    right = {"login": owner.email, "password": "a long password"}
    response = Client().post("/login/?next=https://evil.example/", right)
    assert "evil" not in response["Location"]
