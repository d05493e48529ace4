"""What django-allauth says of signing in and out, put into the audit."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import user_logged_in, user_logged_out
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)

from shipboard.accounts import audit
from shipboard.accounts.models import User


def begin() -> None:
    """Called once, when Django has loaded."""
    user_logged_in.connect(_signed_in, dispatch_uid="audit")
    user_logged_out.connect(_signed_out, dispatch_uid="audit")
    authentication_failed.connect(_code_failed, dispatch_uid="audit")
    authenticator_added.connect(_turned_on, dispatch_uid="audit")
    authenticator_removed.connect(_turned_off, dispatch_uid="audit")
    authenticator_reset.connect(_codes_renewed, dispatch_uid="audit")


def _signed_in(user: User, **_: Any) -> None:
    audit.note(user.email, "signed_in")


def _signed_out(user: User | None, **_: Any) -> None:
    if user is not None:
        audit.note(user.email, "signed_out")


def _code_failed(user: User, **_: Any) -> None:
    audit.note(user.email, "code_refused")


def _turned_on(user: User, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type == Authenticator.Type.TOTP:
        audit.note(user.email, "two_step_on")


def _turned_off(user: User, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type == Authenticator.Type.TOTP:
        audit.note(user.email, "two_step_off")


def _codes_renewed(user: User, **_: Any) -> None:
    audit.note(user.email, "recovery_codes_made")
