"""Exports as a worker sees them: committed rows, files in a folder of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shipboard.accounts.models import User
from shipboard.accounts.roles import Role
from shipboard.channels.models import Shop
from shipboard.ingest.apply import Source, apply
from tests import make


@pytest.fixture(autouse=True)
def exports_folder(settings: Any, tmp_path: Path) -> Path:
    settings.EXPORTS = tmp_path / "exports"
    return tmp_path / "exports"


@pytest.fixture
def owner(transactional_db: None) -> User:
    return User.objects.create_user("mai@shop.example", "a long password", role=Role.OWNER)


def fill(shop: Shop, many: int) -> Shop:
    facts = [make.order(f"5760000000000{n:05d}") for n in range(many)]
    apply(shop, facts, Source(by="test", now=make.NOW))
    return shop


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    """Twelve orders that wait for the seller."""
    return fill(make.shop(), 12)
