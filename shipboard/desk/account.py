"""A person's own settings: name, password, two-step sign-in, and where they are signed in."""

from __future__ import annotations

from allauth.core import ratelimit
from allauth.mfa.base.views import authenticate
from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from shipboard.accounts import audit, two_step
from shipboard.accounts.roles import ROLE_LABELS, ROLE_TEXTS, Role
from shipboard.accounts.sessions import browser_name, end_sessions, sessions_of
from shipboard.desk.door import access_for, signed_in
from shipboard.orders.queries import visible_shops


class NameForm(forms.Form):
    name = forms.CharField(
        max_length=120,
        required=False,
        help_text="Shown to the others beside what you do.",
        widget=forms.TextInput({"autocomplete": "name"}),
    )


@never_cache
def own(request: HttpRequest) -> HttpResponse:
    """GET shows everything of the signed-in person; POST changes the name."""
    person = signed_in(request)
    form = NameForm(request.POST or None, initial={"name": person.name})
    if request.method == "POST" and form.is_valid():
        person.name = form.cleaned_data["name"]
        person.save(update_fields=["name"])
        messages.success(request, "Saved.")
        return redirect("mfa_index")
    role = Role(person.role)
    context = {
        "form": form,
        "role": (ROLE_LABELS[role], ROLE_TEXTS[role]),
        "shops": None if person.sees_all_shops else visible_shops(access_for(request)),
        "has_two_step": two_step.is_on(person),
        "sessions": [
            (each, browser_name(each.user_agent), each.session_key == request.session.session_key)
            for each in sessions_of(person)
        ],
    }
    return render(request, "settings.html", context, status=422 if form.errors else 200)


def password(request: HttpRequest) -> HttpResponse:
    """Change the password, given the present one; every other browser is signed out."""
    person = signed_in(request)
    form = PasswordChangeForm(person, request.POST or None)
    if request.method == "POST":
        # Somebody at an unlocked screen may not try passwords all day.
        if not ratelimit.consume(request, action="change_password", user=person):
            return render(request, "429.html", status=429)
        if form.is_valid():
            form.save()
            update_session_auth_hash(request, person)
            end_sessions(person, but=request.session.session_key)
            audit.note(person.email, "password_changed", person.email)
            messages.success(request, "The new password is set; other browsers are signed out.")
            return redirect("mfa_index")
    return render(request, "password.html", {"form": form}, status=422 if form.errors else 200)


@login_not_required
def second_step(request: HttpRequest) -> HttpResponse:
    """The code, after the password. allauth's view would take an answer without one for that of a
    security key, which this desk does not offer."""
    if request.method == "POST" and "code" not in request.POST:
        return redirect("account_login")
    shown: HttpResponse = authenticate(request)
    return shown


@require_POST
def sign_out_others(request: HttpRequest) -> HttpResponse:
    """End one other session of one's own, or all of them."""
    person = signed_in(request)
    which = request.POST.get("session", "")
    only = int(which) if which.isascii() and which.isdigit() and len(which) < 19 else None
    if which and only is None:
        messages.error(request, "Nothing was signed out: choose a browser of the list.")
        return redirect("mfa_index")
    ended = end_sessions(person, but=request.session.session_key, only=only)
    if ended:
        audit.note(person.email, "sessions_ended", person.email, count=ended)
    messages.success(request, f"Signed out of {ended} other browser{'' if ended == 1 else 's'}.")
    return redirect("mfa_index")
