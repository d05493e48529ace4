"""What a desk needs before its first page: an owner, and the demo shops when they are asked for."""

from __future__ import annotations

import os
import secrets

from shipboard import clock
from shipboard.accounts import demo
from shipboard.accounts.models import User
from shipboard.accounts.roles import Role
from shipboard.channels.models import Shop
from shipboard.demo.connected import rest
from shipboard.demo.load import CannotLoad, load
from shipboard.demo.marketplace import Site
from shipboard.ingest.demo_removal import is_taken_away


def prepare(with_demo: bool, sandbox: str = "", desk: str = "") -> list[str]:
    """Make what is missing; returns the lines to print for the person who started the desk.
    Doing it again changes nothing. The demo needs the addresses of the `sandbox` marketplace and of
    the `desk`."""
    if with_demo and has_demo():
        demo.open_sign_ins()
        return [*_owner_of_the_environment(), *_demo(Site(sandbox, desk))]
    demo.close_sign_ins()
    rest(clock.now())
    lines = _owner_of_the_environment() or _first_owner()
    return lines + (_no_demo() if with_demo else _leftovers())


def has_demo() -> bool:
    """Whether a start with a demo makes one; nobody has taken it away."""
    return not is_taken_away()


def _demo(site: Site) -> list[str]:
    colleagues = ", ".join(email for email in demo.ROLES if email != demo.OWNER)
    lines = [
        f"Demo sign-in: {demo.OWNER} / {demo.PASSWORD}",
        f"Demo colleagues, same password: {colleagues}",
        f"The demo's marketplace: {site.sandbox}/control/",
    ]
    try:
        load(clock.now(), site)
    except CannotLoad as problem:
        lines.append(f"The demo shops could not be made. {problem}")
    return lines


def _no_demo() -> list[str]:
    owners = User.objects.filter(role=Role.OWNER, is_active=True).order_by("pk")
    email = owners.values_list("email", flat=True).first()
    return [
        f"The demo was taken away here; sign in as {email}, or run `shipboard demo` and start "
        "again to have it back."
    ]


def _leftovers() -> list[str]:
    slugs = Shop.objects.filter(is_demo=True).order_by("slug").values_list("slug", flat=True)
    return [
        f"The demo shop is still here; `shipboard shop remove {slug}` takes it away."
        for slug in slugs
    ]


def _owner_of_the_environment() -> list[str]:
    email = os.environ.get("SHIPBOARD_ADMIN_EMAIL", "").strip()
    password = os.environ.get("SHIPBOARD_ADMIN_PASSWORD", "")
    if not (email and password):
        return []
    if not User.objects.filter(email__iexact=email).exists():
        User.objects.create_user(email, password, role=Role.OWNER)
    return [f"Owner: {email} (password from SHIPBOARD_ADMIN_PASSWORD)"]


def _first_owner() -> list[str]:
    if User.objects.filter(role=Role.OWNER, is_active=True).exists():
        return []
    one_time = secrets.token_urlsafe(12)
    email = os.environ.get("SHIPBOARD_ADMIN_EMAIL", "").strip() or "owner@shipboard.example"
    owner = User.objects.filter(email__iexact=email).first() or User(email=email)
    owner.role, owner.is_active, owner.sees_all_shops = Role.OWNER, True, True
    owner.set_password(one_time)
    owner.save()
    return [
        f"First sign-in: {email} / {one_time}",
        "This password is shown once; change it with `shipboard password`.",
    ]
