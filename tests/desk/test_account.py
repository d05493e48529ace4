"""One's own account: password, two-step sign-in, and the browsers that are signed in."""

from __future__ import annotations

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.usersessions.models import UserSession
from django.test import Client

from shipboard.accounts import two_step
from shipboard.accounts.access import COMMAND_LINE
from shipboard.accounts.models import AuditEntry, User
from shipboard.accounts.people import reset_two_step, set_password

pytestmark = pytest.mark.django_db
PASSWORD = "a long password"


def code_at(secret: str, at: float) -> str:
    return format_hotp_value(hotp_value(secret, int(at) // 30))


def with_two_step(desk: Client) -> tuple[str, list[str]]:
    """Turned on as a person does it; the secret, and the recovery codes."""
    first = desk.get("/settings/code/on/")
    if first.status_code == 302:  # unless the password was just given
        assert first["Location"].startswith("/settings/confirm/")
        desk.post("/settings/confirm/?next=/settings/code/on/", {"password": PASSWORD})
    page = desk.get("/settings/code/on/").content.decode()
    assert 'src="data:image/svg+xml;base64,' in page
    found = re.search(r'class="mono key">(\w+)<', page)
    assert found
    said = desk.post("/settings/code/on/", {"code": code_at(found[1], time.time())})
    assert said["Location"] == "/settings/recovery-codes/"
    codes = re.findall(r"<li>(\d{8})</li>", desk.get("/settings/recovery-codes/").content.decode())
    assert len(codes) == 10
    return found[1], codes


def half_in(owner: User) -> Client:
    client = Client()
    said = client.post("/login/", {"login": owner.email, "password": PASSWORD})
    assert said["Location"] == "/login/code/"
    assert client.get("/orders/").status_code == 302
    return client


def kinds() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("kind", flat=True))


def test_a_code_is_asked_and_opens_the_desk_once(
    desk: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, _ = with_two_step(desk)
    at = time.time()
    code = code_at(secret, at)
    client = half_in(owner)
    said = client.post("/login/code/", {"code": code})
    assert said["Location"] == "/orders/?tab=pending_shipping"
    assert client.get("/orders/").status_code == 200
    # Within the tolerance the same code would still be right, half a minute later.
    monkeypatch.setattr(time, "time", lambda: at + 29)
    again = half_in(owner)
    assert again.post("/login/code/", {"code": code}).status_code == 200
    assert again.get("/orders/").status_code == 302
    assert kinds().count("signed_in") == 1


def test_wrong_codes_are_slowed_down(desk: Client, owner: User) -> None:
    secret, _ = with_two_step(desk)
    client = half_in(owner)
    pages = [client.post("/login/code/", {"code": "x00000"}).content.decode() for _ in range(12)]
    assert "Incorrect code" in pages[0]
    assert "Too many" in pages[-1]
    client.post("/login/code/", {"code": code_at(secret, time.time())})
    assert client.get("/orders/").status_code == 302
    assert kinds().count("code_refused") == 10


def test_a_recovery_code_opens_the_desk_once(desk: Client, owner: User) -> None:
    _, codes = with_two_step(desk)
    client = half_in(owner)
    assert client.post("/login/code/", {"code": codes[0]}).status_code == 302
    assert client.get("/orders/").status_code == 200
    again = half_in(owner)
    assert again.post("/login/code/", {"code": codes[0]}).status_code == 200
    assert again.post("/login/code/", {"code": codes[1]}).status_code == 302


def test_the_secret_is_not_stored_in_the_clear(desk: Client, settings: object) -> None:
    secret, codes = with_two_step(desk)
    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert not any(code in stored for code in codes)
    assert secret not in str(dict(desk.session))


def test_another_secret_key_is_said_and_not_a_crash(
    desk: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, _ = with_two_step(desk)
    client = half_in(owner)
    monkeypatch.setattr(two_step, "PURPOSE", "as if the key were another one")
    said = client.post("/login/code/", {"code": code_at(secret, time.time())})
    assert "secret key was changed" in said.content.decode()


def test_an_answer_without_a_code_begins_again(desk: Client, owner: User) -> None:
    with_two_step(desk)
    client = half_in(owner)
    assert client.post("/login/code/", {"credential": "{}"})["Location"] == "/login/"
    assert client.get("/orders/").status_code == 302


@pytest.mark.django_db(transaction=True)
def test_two_step_is_turned_off_and_reset(desk: Client, owner: User) -> None:
    with_two_step(desk)
    assert desk.post("/settings/code/off/").status_code == 302
    assert not Authenticator.objects.exists()
    with_two_step(desk)
    desk.post(f"/settings/people/{owner.pk}/reset-code/")
    assert not Authenticator.objects.exists()
    assert kinds().count("two_step_on") == 2
    assert kinds().count("two_step_off") == 1
    assert kinds().count("two_step_reset") == 1


def test_a_lost_phone_and_password_are_helped_from_the_command_line(
    desk: Client, owner: User
) -> None:
    with_two_step(desk)
    # What `shipboard password --without-totp` does.
    set_password(owner, "another long one", by=COMMAND_LINE.by)
    assert reset_two_step(owner, by=COMMAND_LINE.by)
    assert not Authenticator.objects.exists()
    assert desk.get("/orders/").status_code == 302
    said = Client().post("/login/", {"login": owner.email, "password": "another long one"})
    assert said["Location"].startswith("/orders/")


def test_a_new_password_ends_the_other_sessions(desk: Client, owner: User) -> None:
    other = Client()
    other.force_login(owner)
    form = {"new_password1": "walnut-harbour-7", "new_password2": "walnut-harbour-7"}
    wrong = desk.post("/settings/password/", form | {"old_password": "not this one"})
    assert wrong.status_code == 422
    assert desk.post("/settings/password/", form | {"old_password": PASSWORD}).status_code == 302
    assert desk.get("/orders/").status_code == 200
    assert other.get("/orders/").status_code == 302
    assert kinds().count("password_changed") == 1


def test_guessing_the_present_password_is_slowed_down(desk: Client) -> None:
    form = {"old_password": "no", "new_password1": "walnut-harbour-7", "new_password2": "x"}
    assert [desk.post("/settings/password/", form).status_code for _ in range(6)][-1] == 429


def test_other_browsers_are_listed_and_signed_out(desk: Client, owner: User) -> None:
    phone = Client(headers={"user-agent": "Mozilla/5.0 (Android 14) Firefox/140.0"})
    tablet = Client()
    for client in (phone, tablet):
        client.force_login(owner)
        client.get("/closed/")
    page = desk.get("/settings/").content.decode()
    assert "Firefox on Android" in page
    assert "this one" in page
    on_phone = UserSession.objects.get(session_key=phone.session.session_key)
    desk.post("/settings/sign-out-others/", {"session": on_phone.pk})
    assert phone.get("/orders/").status_code == 302
    assert tablet.get("/orders/").status_code == 200
    desk.post("/settings/sign-out-others/")
    assert tablet.get("/orders/").status_code == 302
    assert desk.get("/orders/").status_code == 200


def test_nobody_signs_out_somebody_else(desk: Client) -> None:
    person = User.objects.create_user("tam@shop.example", PASSWORD)
    theirs = Client()
    theirs.force_login(person)
    theirs.get("/closed/")
    session = UserSession.objects.get(user=person)
    desk.post("/settings/sign-out-others/", {"session": session.pk})
    desk.post("/settings/sign-out-others/")
    assert theirs.get("/orders/").status_code == 200


def test_a_name_is_changed(desk: Client, owner: User) -> None:
    desk.post("/settings/", {"name": "Mai"})
    owner.refresh_from_db()
    assert str(owner) == "Mai"
