"""People and pages: a signed-in owner, and a stranger."""

from __future__ import annotations

import pytest
from django.test import Client

from shipboard.accounts.models import User
from shipboard.accounts.roles import Role


@pytest.fixture
def owner(db: None) -> User:
    return User.objects.create_user("mai@shop.example", "a long password", role=Role.OWNER)


@pytest.fixture
def desk(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    client.get("/closed/")  # a new session is noted once, and not while queries are counted
    return client


@pytest.fixture(autouse=True)
def fixed_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIPBOARD_NOW", "2026-11-22T12:00:00+00:00")


@pytest.fixture(autouse=True)
def plain_static(settings: object) -> None:
    """Pages of a test need no collected files."""
    settings.STORAGES = {  # type: ignore[attr-defined]
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
