"""Two-step sign-in: its secrets are encrypted where they are stored, and a code opens the desk
once. django-allauth does the counting and the slowing down.
"""

from __future__ import annotations

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings as mfa
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from django import forms
from django.core.cache import cache

from shipboard.accounts.models import User
from shipboard.accounts.sealing import InvalidToken, seal, unseal

#: What the secrets are sealed for.
PURPOSE = "shipboard two-step sign-in"

#: How long a code is right; half a minute before and after, because phones' clocks differ.
CODE_SECONDS = mfa.TOTP_PERIOD * (2 * mfa.TOTP_TOLERANCE + 1)


def is_on(user: User) -> bool:
    on = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP)
    return bool(on.exists())


def turn_off(user: User) -> bool:
    """For somebody who lost the phone: no code is asked any more. False when none was."""
    was_on = is_on(user)
    Authenticator.objects.filter(user=user).delete()
    return was_on


class DeskTwoStepAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    def encrypt(self, text: str) -> str:
        return seal(text, PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        """Raises InvalidToken when the desk's key is another one now."""
        return unseal(encrypted_text, PURPOSE)


class _OnceOnly:
    """A code is taken once. allauth's own mark lasts for half a minute only, whatever the
    tolerance."""

    def clean_code(self) -> str:
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except InvalidToken:
            raise forms.ValidationError(
                "The desk's secret key was changed, so no code can be checked any more. Ask an "
                "owner to reset your two-step sign-in."
            ) from None
        user: User = self.user  # type: ignore[attr-defined]
        used = f"shipboard.code.{user.pk}.{normalize_user_code(code)}"
        if not cache.add(used, 1, timeout=CODE_SECONDS):
            raise forms.ValidationError("This code was used already; wait for the next one.")
        return code


class CodeForm(_OnceOnly, AuthenticateForm):  # type: ignore[misc]
    """The second step of signing in."""


class CodeAgainForm(_OnceOnly, ReauthenticateForm):  # type: ignore[misc]
    """Before two-step sign-in itself is changed."""
