"""The demo's people: sign-ins that anybody may know, open only while the desk shows the demo."""

from __future__ import annotations

from collections.abc import Mapping

from shipboard.accounts.models import User
from shipboard.accounts.roles import ROLE_LABELS, Role
from shipboard.accounts.sessions import end_sessions

OWNER = "demo@shipboard.example"
MANAGER = "manager@shipboard.example"
PACKER = "packer@shipboard.example"
VIEWER = "viewer@shipboard.example"
PASSWORD = "demo-shipboard"  # noqa: S105 - printed on the screen, for a desk on loopback
ROLES: Mapping[str, Role] = {
    OWNER: Role.OWNER,
    MANAGER: Role.MANAGER,
    PACKER: Role.PACKER,
    VIEWER: Role.VIEWER,
}


def is_of_the_demo(person: User) -> bool:
    return person.email in ROLES


def open_sign_ins() -> None:
    """Let the demo's people in; those who are in already stay."""
    for email, role in ROLES.items():
        person = User.objects.filter(email=email).first()
        if person is None:
            name = "Demo" if role == Role.OWNER else f"Demo {ROLE_LABELS[role].lower()}"
            User.objects.create_user(email, PASSWORD, name=name, role=role)
        elif not person.is_active:
            person.is_active = True
            person.set_password(PASSWORD)
            person.save(update_fields=["is_active", "password"])


def close_sign_ins() -> None:
    """Let nobody in as one of the demo's people any more; with their password every session that
    they have ends, for good."""
    for person in User.objects.filter(email__in=ROLES, is_active=True):
        person.is_active = False
        person.set_unusable_password()
        person.save(update_fields=["is_active", "password"])
        end_sessions(person)
