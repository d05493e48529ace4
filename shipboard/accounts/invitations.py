"""Invitations: a link that lets one person in, once, within a week. Only the link's digest is
kept; the link itself is shown once, to the owner who passes it on.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from shipboard.accounts import audit
from shipboard.accounts.models import Invitation, User
from shipboard.accounts.people import take_turn
from shipboard.accounts.roles import ROLE_LABELS, Role

VALID_FOR = timedelta(days=7)


class NotInvited(Exception):
    """Nobody was invited; the message says why."""


class NotOpen(Exception):
    """The link opens nothing; the message is for the person who followed it."""


def open_invitations(now: datetime) -> QuerySet[Invitation]:
    still = Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=now)
    return still.prefetch_related("shops").order_by("-invited_at", "-pk")


@transaction.atomic
def invite(
    email: str, role: Role, shop_ids: frozenset[int] | None, *, by: str, now: datetime
) -> tuple[Invitation, str]:
    """The invitation and its token, which is not kept. An open one for the same address ends. `now`
    is real time, as for every token. Raises NotInvited."""
    take_turn()
    email = User.objects.normalize_email(email.strip())
    if User.objects.filter(email__iexact=email).exists():
        raise NotInvited(f"{email} is one of the people here already; change the role instead.")
    earlier = Invitation.objects.filter(email__iexact=email, accepted_at=None, revoked_at=None)
    earlier.update(revoked_at=now)
    token = secrets.token_urlsafe(32)
    made = Invitation.objects.create(
        email=email,
        role=role,
        sees_all_shops=shop_ids is None or role == Role.OWNER,
        digest=_digest(token),
        by=by,
        invited_at=now,
        expires_at=now + VALID_FOR,
    )
    if not made.sees_all_shops:
        made.shops.set(shop_ids or ())
    audit.note(by, "invitation_made", email, role=ROLE_LABELS[role])
    return made, token


@transaction.atomic
def revoke(invitation: Invitation, *, by: str, now: datetime) -> bool:
    """Make the link useless; False when it was used or revoked before."""
    still = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
    if not still.update(revoked_at=now):
        return False
    audit.note(by, "invitation_revoked", invitation.email)
    return True


def opened_by(token: str, now: datetime) -> Invitation:
    """The invitation whose link holds `token`. Raises NotOpen."""
    return _checked(Invitation.objects.filter(digest=_digest(token)).first(), now)


@transaction.atomic
def accept(token: str, *, name: str, password: str, now: datetime) -> User:
    """The new person; of two at once the second is told that the link was used. The caller has
    checked the password. Raises NotOpen."""
    locked = Invitation.objects.select_for_update().filter(digest=_digest(token))
    invitation = _checked(locked.first(), now)
    if User.objects.filter(email__iexact=invitation.email).exists():
        raise NotOpen(f"{invitation.email} has an account here already; sign in with it.")
    person = User.objects.create_user(
        invitation.email,
        password,
        name=name,
        role=invitation.role,
        sees_all_shops=invitation.sees_all_shops,
    )
    person.shops.set(invitation.shops.all())
    Invitation.objects.filter(pk=invitation.pk).update(accepted_at=now)
    audit.note(person.email, "invitation_accepted", role=ROLE_LABELS[Role(person.role)])
    return person


def _checked(invitation: Invitation | None, now: datetime) -> Invitation:
    if invitation is None:
        raise NotOpen("This link is not an invitation to this desk; was it copied whole?")
    if invitation.accepted_at:
        raise NotOpen("This invitation has been used. If that was you, sign in.")
    if invitation.revoked_at:
        raise NotOpen("This invitation was taken back; ask the owner who sent it for another.")
    if invitation.expires_at <= now:
        raise NotOpen("This invitation is older than seven days; ask for another.")
    return invitation


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
