"""Signing in: by e-mail and password, rate-limited by django-allauth. Nobody signs up alone."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from shipboard.accounts import audit
from shipboard.accounts.models import User


class DeskAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: object, **kwargs: object) -> None:
        """Signing in and out is seen, not announced."""

    def reauthenticate(self, user: User, password: str) -> bool:
        """The password again, before two-step sign-in is changed; the view slows guesses down."""
        return user.check_password(password)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Noted by whom it would have been; what a stranger typed is not kept, it may be a
        password."""
        typed = str(credentials.get("email", ""))
        known = User.objects.filter(email__iexact=typed).first() if typed else None
        audit.note(known.email if known else "", "sign_in_failed")
