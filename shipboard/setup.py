"""What a desk needs before its first page: an owner, and the demo shop when it is asked for."""

from __future__ import annotations

import os
import secrets

from shipboard.accounts.models import User
from shipboard.channels.models import Shop

DEMO_EMAIL = "demo@shipboard.example"
DEMO_PASSWORD = "demo-shipboard"  # noqa: S105 - printed on the screen, for a desk on loopback


def prepare(demo: bool) -> list[str]:
    """Make what is missing; returns the lines to print for the person who started the desk.
    Doing it again changes nothing."""
    User.objects.filter(email=DEMO_EMAIL).update(is_active=demo)
    lines = _first_owner(demo)
    if not demo:
        lines += [
            f"The demo shop is still here; `shipboard shop remove {slug}` takes it away."
            for slug in Shop.objects.filter(is_demo=True).values_list("slug", flat=True)
        ]
    if demo:
        from shipboard.demo.load import load

        load()
        lines.append(f"Demo sign-in: {DEMO_EMAIL} / {DEMO_PASSWORD}")
    return lines


def _first_owner(demo: bool) -> list[str]:
    email = os.environ.get("SHIPBOARD_ADMIN_EMAIL", "").strip()
    password = os.environ.get("SHIPBOARD_ADMIN_PASSWORD", "")
    if demo and not User.objects.filter(email=DEMO_EMAIL).exists():
        User.objects.create_user(DEMO_EMAIL, DEMO_PASSWORD, name="Demo")
    if email and password:
        if not User.objects.filter(email__iexact=email).exists():
            User.objects.create_user(email, password)
        return [f"Owner: {email} (password from SHIPBOARD_ADMIN_PASSWORD)"]
    if demo or User.objects.filter(is_active=True).exists():
        return []
    one_time = secrets.token_urlsafe(12)
    email = email or "owner@shipboard.example"
    User.objects.create_user(email, one_time)
    return [
        f"First sign-in: {email} / {one_time}",
        "This password is shown once; change it with `shipboard password`.",
    ]
