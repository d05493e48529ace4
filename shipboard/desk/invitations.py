"""The page behind an invitation's link: the invited person sets a name and a password."""

from __future__ import annotations

from allauth.account.utils import perform_login
from django import forms
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from shipboard.accounts.invitations import NotOpen, accept, opened_by
from shipboard.accounts.models import Invitation, User
from shipboard.accounts.roles import ROLE_LABELS, ROLE_TEXTS, Role
from shipboard.desk.errors import said


class WelcomeForm(forms.Form):
    name = forms.CharField(max_length=120, widget=forms.TextInput({"autocomplete": "name"}))
    password = forms.CharField(
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text="At least ten characters, and none of the passwords that everybody uses.",
    )

    def __init__(self, *args: object, email: str) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.email = email

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        try:
            validate_password(password, User(email=self.email))
        except ValidationError as problem:
            raise forms.ValidationError(problem.messages) from None
        return password


@never_cache
@login_not_required
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks for a name and a password; POST makes the account and signs in, once."""
    now = timezone.now()  # tokens go by real time
    try:
        found = opened_by(token, now)
        if request.user.is_authenticated:
            return _signed_in_already(request, found)
        form = WelcomeForm(request.POST or None, email=found.email)
        if request.method == "POST" and form.is_valid():
            person = accept(token, **form.cleaned_data, now=now)
            made: HttpResponse = perform_login(request, person)
            return made
    except NotOpen as problem:
        return said(request, 410, "This link opens nothing", str(problem))
    role = Role(found.role)
    context = {"form": form, "found": found, "role": (ROLE_LABELS[role], ROLE_TEXTS[role])}
    return render(request, "invitation.html", context, status=422 if form.errors else 200)


def _signed_in_already(request: HttpRequest, found: Invitation) -> HttpResponse:
    return said(
        request,
        409,
        "You are signed in already",
        f"This link makes an account for {found.email}. Pass it on, or sign out first to use it.",
    )
