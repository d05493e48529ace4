"""Changing what people may do. The desk always keeps an active owner: changes of people take
turns by locking the owners' rows, so that two at once cannot take away the last two.
"""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from shipboard.accounts import audit, two_step
from shipboard.accounts.models import User
from shipboard.accounts.roles import ROLE_LABELS, Role
from shipboard.accounts.sessions import end_sessions


class LastOwner(Exception):
    """The desk would be left without an active owner; the message is for the person."""


def take_turn() -> set[int]:
    """Primary keys of the active owners, whose rows stay locked until the transaction ends."""
    owners = User.objects.filter(role=Role.OWNER, is_active=True).order_by("pk")
    return set(owners.select_for_update().values_list("pk", flat=True))


@transaction.atomic
def change_rights(person: User, role: Role, shop_ids: frozenset[int] | None, *, by: str) -> None:
    """Give another role, and all shops (None) or only those; owners see all. Raises LastOwner."""
    _keep_an_owner(person, stays=role == Role.OWNER)
    person.refresh_from_db()
    before = (person.role, _reach(person))
    person.role = role
    person.sees_all_shops = shop_ids is None or role == Role.OWNER
    person.save(update_fields=["role", "sees_all_shops"])
    person.shops.set([] if person.sees_all_shops else shop_ids or ())
    after = (person.role, _reach(person))
    if after != before:
        reach = ", ".join(after[1]) if after[1] is not None else "all shops"
        audit.note(by, "rights_changed", person.email, role=ROLE_LABELS[role], shops=reach)


def _reach(person: User) -> list[str] | None:
    if person.sees_all_shops:
        return None
    return list(person.shops.order_by("name").values_list("name", flat=True))


@transaction.atomic
def deactivate(person: User, *, by: str) -> None:
    """Close an account and sign it out everywhere at once. Raises LastOwner."""
    _keep_an_owner(person, stays=False)
    if User.objects.filter(pk=person.pk, is_active=True).update(is_active=False):
        audit.note(by, "person_deactivated", person.email)
    end_sessions(person)


@transaction.atomic
def reactivate(person: User, *, by: str) -> None:
    take_turn()
    if User.objects.filter(pk=person.pk, is_active=False).update(is_active=True):
        audit.note(by, "person_reactivated", person.email)


@transaction.atomic
def reset_two_step(person: User, *, by: str) -> bool:
    """For somebody who lost the phone; False when two-step sign-in was off."""
    was_on = two_step.turn_off(person)
    if was_on:
        audit.note(by, "two_step_reset", person.email)
    return was_on


@transaction.atomic
def set_password(person: User, password: str, *, by: str) -> None:
    """For somebody who forgot it; signs out everywhere. Raises ValidationError for a weak one."""
    validate_password(password, person)
    person.set_password(password)
    person.save(update_fields=["password"])
    end_sessions(person)
    audit.note(by, "password_changed", person.email)


def _keep_an_owner(person: User, *, stays: bool) -> None:
    if take_turn() == {person.pk} and not stays:
        raise LastOwner(
            f"{person} is the only active owner. Make somebody else an owner first; a desk "
            "without one could not be looked after."
        )
