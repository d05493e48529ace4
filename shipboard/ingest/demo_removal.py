"""Taking the demo away for good, and what remembers it: the audit. A desk that somebody works in
must not get made-up orders back because it is started the way it was first."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from shipboard.accounts import audit
from shipboard.accounts.demo import ROLES, close_sign_ins
from shipboard.accounts.models import AuditEntry, User
from shipboard.accounts.people import LastOwner, take_turn
from shipboard.accounts.roles import Role
from shipboard.channels.connecting import stop_hooks
from shipboard.channels.models import Connection, Shop
from shipboard.ingest.removal import remove_shop

REMOVED = "demo_removed"
ALLOWED_AGAIN = "demo_allowed_again"


class AddressTaken(ValueError):
    """Somebody else signs in with that address; the message says what to do."""


def take_over(email: str, password: str) -> User:
    """Make the desk its user's own: their account as an owner, and the demo away. A double click's
    second half, which waits for the first, finds it done. Raises AddressTaken."""
    _call_off()
    with transaction.atomic():
        return _take_over(email, password)


def take_demo_away(*, by: str) -> bool:
    """Remove the demo shops with all that was done there, and close the demo's sign-ins; False when
    there was nothing to remove. Raises LastOwner when only the demo's own people could sign in."""
    _call_off()
    with transaction.atomic():
        return _take_away(by)


def _call_off() -> None:
    """Nobody sends webhooks to the demo any more. If it stays after all, the next start asks for
    them again; until then polling suffices."""
    lines = Connection.objects.filter(shop__is_demo=True).exclude(hooks_address="")
    for line in lines.select_related("shop", "grant__app"):
        stop_hooks(line)
        Connection.objects.filter(pk=line.pk).update(hooks_address="")


def _take_over(email: str, password: str) -> User:
    take_turn()
    owner = User.objects.filter(email__iexact=email).first()
    if owner is None:
        try:
            with transaction.atomic():
                owner = User.objects.create_user(email, password, role=Role.OWNER)
        except IntegrityError:
            raise _taken(email) from None
    elif not (is_taken_away() and _is_theirs(owner, password)):
        raise _taken(email)
    _take_away(by=owner.email)
    return owner


def _take_away(by: str) -> bool:
    owners = take_turn()
    if not User.objects.filter(pk__in=owners).exclude(email__in=ROLES).exists():
        raise LastOwner("Nobody but the demo's people could sign in; make an owner first.")
    shops = list(Shop.objects.filter(is_demo=True).order_by("pk"))
    are_open = User.objects.filter(email__in=ROLES, is_active=True).exists()
    close_sign_ins()
    for shop in shops:
        remove_shop(shop)
    if shops or are_open:
        audit.note(by, REMOVED)
    return bool(shops or are_open)


def is_taken_away() -> bool:
    """Whether somebody removed the demo and nobody has asked for it since."""
    asked = AuditEntry.objects.filter(kind__in=(REMOVED, ALLOWED_AGAIN)).order_by("-pk")
    return asked.values_list("kind", flat=True).first() == REMOVED


def allow_again(*, by: str) -> None:
    """Let the next `up --demo` make the demo shops again."""
    audit.note(by, ALLOWED_AGAIN)


def _is_theirs(owner: User, password: str) -> bool:
    return owner.is_active and owner.role == Role.OWNER and owner.check_password(password)


def _taken(email: str) -> AddressTaken:
    return AddressTaken(
        f"{email} has an account here already. Choose another address, or sign in with it as an "
        "owner and press Use my own shop there."
    )
