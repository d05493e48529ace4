"""The groups of rejected labels: each there, with words and a button; a way to cancel only where
the marketplace has it.
"""

from __future__ import annotations

import pytest

from shipboard.channels.contract import Rejection
from shipboard.fulfilment.buyer_messages import LANGUAGES, WORDINGS, buyer_message
from shipboard.fulfilment.rejections import (
    FREE_REASON,
    KINDS,
    WITHOUT_FREE_REASON,
    Fixing,
)


def test_every_group_is_known() -> None:
    assert set(KINDS) == set(Rejection)
    assert len({kind.title for kind in KINDS.values()}) == len(KINDS)


@pytest.mark.parametrize("rejection", Rejection)
def test_every_group_says_what_to_do(rejection: Rejection) -> None:
    kind = KINDS[rejection]
    assert kind.means.endswith(".")
    assert kind.next_step.endswith(".")
    assert kind.actions
    assert len(set(kind.actions)) == len(kind.actions)
    # What is paid for already is fetched, never bought again.
    if Fixing.FETCH in kind.actions:
        assert Fixing.RETRY not in kind.actions


@pytest.mark.parametrize("rejection", [Rejection.BUYER_ADDRESS, Rejection.OVERSIZED])
def test_canceling_without_penalty_is_offered_where_it_exists(rejection: Rejection) -> None:
    kind = KINDS[rejection]
    for region in ("US", "GB", "MY"):
        assert FREE_REASON in kind.step_in(region)
        assert Fixing.CANCEL in kind.actions_in(region)
    for region in (*WITHOUT_FREE_REASON, ""):
        assert FREE_REASON not in kind.step_in(region)
        assert Fixing.CANCEL not in kind.actions_in(region)
        assert kind.actions_in(region)


def test_no_other_group_speaks_of_canceling() -> None:
    for rejection in set(Rejection) - {Rejection.BUYER_ADDRESS, Rejection.OVERSIZED}:
        assert KINDS[rejection].step_in("US") == KINDS[rejection].next_step
        assert Fixing.CANCEL not in KINDS[rejection].actions_in("US")


def test_the_buyers_message_names_the_order_and_nobody() -> None:
    for wording in (each for pair in WORDINGS.values() for each in pair):
        assert wording.count("{number}") == wording.count("{") == 1
    assert "576000000000000001" in buyer_message("576000000000000001")


def test_the_buyers_message_is_in_the_markets_language_and_in_english() -> None:
    english = buyer_message("1")
    assert buyer_message("1", "US") == english
    for region in LANGUAGES:
        local, below = buyer_message("1", region).split("\n\n")
        assert below == english != local
    assert "Adresse bearbeiten" in buyer_message("1", "DE")


def test_too_long_an_address_is_to_be_shortened() -> None:
    said = buyer_message("1", "DE", is_too_long=True)
    assert "kürzen Sie sie" in said
    assert "shorten it" in said
    assert "shorten" not in buyer_message("1", "DE")
