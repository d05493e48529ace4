"""Every name of where a case stands, by the description of the API and by what decisions lead to,
has words.
"""

from __future__ import annotations

import pytest

from shipboard.channels.registry import case_statuses
from shipboard.channels.tiktok.decided import LEADS_TO
from tests.sandbox.described import merged

SCHEMAS = merged()["components"]["schemas"]
NAMED = {name for schema in ("CancelStatus", "ReturnStatus") for name in SCHEMAS[schema]["enum"]}


@pytest.mark.parametrize("name", sorted(NAMED.union(*LEADS_TO.values())))
def test_a_name_has_words(name: str) -> None:
    status = case_statuses()[name]
    assert status.words[0].isupper()
    assert not (status.goes_on and status.is_refunded)


@pytest.mark.parametrize("name", sorted(case_statuses()))
def test_what_waits_goes_on(name: str) -> None:
    if name.endswith("_PENDING"):
        assert case_statuses()[name].goes_on
    if name.endswith(("_SUCCESS", "_COMPLETE", "_CANCEL", "_CANCELLED")):
        assert not case_statuses()[name].goes_on
