"""The table of operations: as a whole, and versions that are chosen elsewhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from tiktok_shop_api.generated._meta import OPERATIONS as THEIRS

from shipboard.channels.tiktok.versions import OPERATIONS, Operation, read_versions, version_of

#: (method, path without version and names of ids) to whether a shop_cipher goes with it.
KNOWN = {
    (
        one["method"].upper(),
        re.sub(r"\{\w+\}", "{}", re.sub(r"/20\d{4}/", "/{}/", one["path"])),
    ): one["requiresShopCipher"]
    for one in THEIRS
}


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda one: one.name)
def test_every_operation_is_where_another_client_has_it(operation: Operation) -> None:
    place = (operation.method, re.sub(r"\{\w+\}", "{}", operation.path))
    assert KNOWN[place] == operation.cipher
    assert operation.method != "GET" or not operation.writes


def test_versions_are_of_the_app_then_of_the_settings_then_ours(settings: Any) -> None:
    settings.TIKTOK_VERSIONS = "order_detail=202309, create_packages = 202512"
    assert version_of("order_detail", {"order_detail": "202601"}) == "202601"
    assert version_of("order_detail", {}) == "202309"
    assert version_of("create_packages") == "202512"
    assert version_of("price_detail", {}) == "202407"


@pytest.mark.parametrize(
    ("text", "words"),
    [("order_details=202309", "no operation"), ("order_detail=v2", "no version of order_detail")],
)
def test_a_slip_in_the_settings_is_named(text: str, words: str, settings: Any) -> None:
    with pytest.raises(ValueError, match=words):
        read_versions(text)
    settings.TIKTOK_VERSIONS = text
    with pytest.raises(ImproperlyConfigured, match=words):
        version_of("order_detail")
