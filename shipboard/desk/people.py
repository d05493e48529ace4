"""People of the desk, for its owners: who is here, with what role and shops; and invitations."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import messages
from django.db.models import Exists, Max, OuterRef
from django.db.models.functions import Greatest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from shipboard.accounts.invitations import NotInvited, invite, open_invitations, revoke
from shipboard.accounts.models import Invitation, User
from shipboard.accounts.people import (
    LastOwner,
    change_rights,
    deactivate,
    reactivate,
    reset_two_step,
)
from shipboard.accounts.roles import ROLE_LABELS, ROLE_TEXTS, Right, Role
from shipboard.channels.models import Shop
from shipboard.desk.door import access_for, needs


class RightsForm(forms.Form):
    """What somebody may do, and for which shops."""

    role = forms.ChoiceField(
        choices=[(role.value, label) for role, label in ROLE_LABELS.items()],
        initial=Role.PACKER.value,
    )
    all_shops = forms.BooleanField(required=False, initial=True, label="All shops, new ones too")
    shops = forms.ModelMultipleChoiceField(
        Shop.objects.order_by("name", "pk"),
        required=False,
        label="Or only these",
        widget=forms.CheckboxSelectMultiple,
    )

    def clean(self) -> dict[str, object]:
        given = self.cleaned_data
        is_owner = given.get("role") == Role.OWNER
        if not (is_owner or given.get("all_shops") or given.get("shops")) and not self.errors:
            self.add_error("shops", "Tick the shops that this person works for, or all shops.")
        return given

    def role_given(self) -> Role:
        return Role(self.cleaned_data["role"])

    def shop_ids(self) -> frozenset[int] | None:
        given = self.cleaned_data
        return None if given["all_shops"] else frozenset(shop.pk for shop in given["shops"])


class InvitationForm(RightsForm):
    field_order = ("email",)
    email = forms.EmailField(
        label="E-mail", max_length=254, widget=forms.EmailInput({"autocomplete": "off"})
    )


@never_cache
@needs(Right.OWN)
def people(request: HttpRequest) -> HttpResponse:
    """GET lists people and open invitations; POST invites, and shows the link this one time."""
    form = InvitationForm(request.POST or None)
    made = None
    if request.method == "POST" and form.is_valid():
        try:
            # Tokens go by real time, whatever the desk's clock is set to.
            made = _invite(request, form)
        except NotInvited as problem:
            form.add_error("email", str(problem))
    context = {
        "form": InvitationForm() if made else form,
        "made": made,
        "people": _people(),
        "invitations": open_invitations(timezone.now()),
        "role_labels": {role.value: label for role, label in ROLE_LABELS.items()},
        "role_texts": [(ROLE_LABELS[role], text) for role, text in ROLE_TEXTS.items()],
    }
    return render(request, "people.html", context, status=422 if form.errors else 200)


def _invite(request: HttpRequest, form: InvitationForm) -> tuple[Invitation, str]:
    """The invitation, and its link to pass on."""
    made, token = invite(
        form.cleaned_data["email"],
        form.role_given(),
        form.shop_ids(),
        by=access_for(request).by,
        now=timezone.now(),
    )
    return made, request.build_absolute_uri(reverse("invitation", args=[token]))


def _people() -> list[User]:
    has_code = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
    seen = Greatest("last_login", Max("usersession__last_seen_at"))
    everybody = User.objects.annotate(seen_at=seen, has_two_step=Exists(has_code))
    return list(everybody.prefetch_related("shops").order_by("-is_active", "name", "email"))


@never_cache
@needs(Right.OWN)
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows what one person may do; POST changes it."""
    found = _person(pk)
    reach = set(found.shops.values_list("pk", flat=True))
    initial = {"role": found.role, "all_shops": found.sees_all_shops, "shops": reach}
    form = RightsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            change_rights(found, form.role_given(), form.shop_ids(), by=access_for(request).by)
        except LastOwner as problem:
            form.add_error("role", str(problem))
        else:
            messages.success(request, f"What {found} may do is changed, from now on.")
            return redirect("people")
    context = {"form": form, "found": found, "role_texts": ROLE_TEXTS, "role_labels": ROLE_LABELS}
    return render(request, "person.html", context, status=422 if form.errors else 200)


def _person(pk: int) -> User:
    has_code = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
    return get_object_or_404(User.objects.annotate(has_two_step=Exists(has_code)), pk=pk)


@require_POST
@needs(Right.OWN)
def close_person(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(request, pk, deactivate, "{} is signed out everywhere and cannot sign in any more.")


@require_POST
@needs(Right.OWN)
def open_person(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(request, pk, reactivate, "{} can sign in again.")


@require_POST
@needs(Right.OWN)
def reset_person(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(request, pk, reset_two_step, "{} signs in without a code, until it is set up again.")


def _do(request: HttpRequest, pk: int, verb: Callable[..., object], said: str) -> HttpResponse:
    found = _person(pk)
    try:
        verb(found, by=access_for(request).by)
    except LastOwner as problem:
        messages.error(request, str(problem))
        return redirect("person", pk)
    messages.success(request, said.format(found))
    return redirect("people")


@require_POST
@needs(Right.OWN)
def revoke_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Invitation, pk=pk)
    if revoke(found, by=access_for(request).by, now=timezone.now()):
        messages.success(request, f"The link for {found.email} opens nothing any more.")
    else:
        messages.info(request, f"The link for {found.email} was used or taken back before.")
    return redirect("people")
