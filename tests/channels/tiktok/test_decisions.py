"""Reasons in words, what may be decided and canceled as it is told, and records, without a call."""

from __future__ import annotations

from typing import Any

import pytest

from shipboard.channels.case_contract import Decision
from shipboard.channels.tiktok import canceling, decisions
from shipboard.channels.tiktok.reasons import words
from shipboard.channels.tiktok.records import read_records
from shipboard.channels.tiktok.values import Odd
from tests.channels.tiktok.payloads import AT, at


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("seller_cancel_reason_out_of_stock", "Out of stock"),
        ("seller_cancel_reason_wrong_price_uk", "Pricing error"),
        (
            "seller_cancel_paid_reason_address_not_deliver",
            "Cannot deliver to the buyer's address",
        ),
        (
            "seller_reject_apply_product_has_been_packed",
            "The product has been packed already",
        ),
        ("seller_cancel_reason_something_new_here", "Something new here"),
        ("buyer_cancel_reason_", "Buyer cancel reason"),
        ("Changed my mind", "Changed my mind"),
        ("", ""),
    ],
)
def test_keys_in_words(name: str, text: str) -> None:
    assert words(name) == text


def told(**eligible: Any) -> dict[Decision, str]:
    """Why not, by decision, of the answer for a return."""
    entries = [
        {"decision": name, "eligible": value is not False}
        | ({"available_reject_reasons": value} if isinstance(value, list) else {})
        for name, value in eligible.items()
    ]
    read = decisions.read_decisions({"decisions": entries})
    return {fact.decision: fact.why_not for fact in decisions.facts(read, is_cancellation=False)}


def test_what_follows_from_what_was_told() -> None:
    reasons = [{"name": "seller_reject_x", "text": "Used"}]
    found = told(APPROVE_RETURN=True, REJECT_RETURN=reasons, DIRECT_REFUND=False)
    assert not found[Decision.APPROVE_RETURN]
    assert not found[Decision.REJECT_RETURN]
    assert not found[Decision.OFFER_PART]
    assert found[Decision.REFUND_WITHOUT_RETURN]
    assert found[Decision.APPROVE_PACKAGE] == decisions.NOT_NOW
    assert found[Decision.OFFER_PART_AFTER] == decisions.NOT_NOW


def test_a_refund_without_return_goes_with_the_return_where_nothing_is_said_of_it() -> None:
    assert not told(APPROVE_RETURN=True)[Decision.REFUND_WITHOUT_RETURN]
    assert told(APPROVE_RETURN=False)[Decision.REFUND_WITHOUT_RETURN]


def test_a_rejection_without_a_reason_to_give_is_not_possible() -> None:
    assert told(REJECT_REFUND=[])[Decision.REJECT_REFUND] == decisions.NO_REASONS


def test_a_direct_refund_only_where_the_return_cannot_be_approved() -> None:
    yes, no = decisions.Eligible("", ()), decisions.Eligible("No.", ())
    assert decisions.is_direct({"DIRECT_REFUND": yes, "APPROVE_RETURN": no})
    assert not decisions.is_direct({"DIRECT_REFUND": yes, "APPROVE_RETURN": yes})
    assert not decisions.is_direct({"DIRECT_REFUND": no, "APPROVE_RETURN": yes})
    assert not decisions.is_direct({})


def entry(*ids: str, reasons: Any = None, why: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {"request_type": "CANCEL", "eligible": not why}
    found["order_line_items_ids"] = list(ids)
    if why:
        found["ineligible_reason"] = why
    return found | ({"available_reason_names": reasons} if reasons is not None else {})


def options(*entries: dict[str, Any], region: str = "US") -> Any:
    data = {"sku_eligibility": [{"line_item_eligibility": list(entries)}]}
    return canceling.options(canceling.read_entries(data), region)


def test_reasons_that_fit_all_units() -> None:
    stock, price = "seller_cancel_reason_out_of_stock", "seller_cancel_reason_wrong_price"
    found = options(
        entry("1", "2", reasons=[stock, price]),
        entry("3", reasons=[price, stock, "other_x"]),
        entry("4", why="The item is shipped."),
        {"request_type": "REFUND", "eligible": True, "order_line_items_ids": ["5"]},
    )
    assert found.unit_ids == ("1", "2", "3")
    assert [each.name for each in found.reasons] == [stock, price]
    assert [each.name for each in found.part_reasons] == [stock]
    assert found.why_not == "The item is shipped."
    lone = options(entry("1", reasons=[stock]), region="TH")
    assert (len(lone.reasons), lone.part_reasons) == (1, ())


def test_names_of_reasons_are_text_that_can_be_kept() -> None:
    found = options(entry("1", reasons=["out\ud800_of_\x00stock", "\x00", 5]))
    assert [each.name for each in found.reasons] == ["out_of_stock"]


def test_nothing_to_cancel() -> None:
    assert options(entry("1", why="Shipped.")).why_not == "Shipped."
    assert options().why_not == canceling.NOTHING
    assert options(entry("1", reasons=[])).reasons == ()


@pytest.mark.parametrize(
    "odd",
    [
        {"order_line_items_ids": "1"},
        {"available_reason_names": "x"},
        {"eligible": "perhaps"},
        {"order_line_list": [{"order_line_item_id": "a b"}]},
    ],
)
def test_what_is_odd_is_refused(odd: dict[str, Any]) -> None:
    with pytest.raises(Odd):
        options(entry("1") | odd)


def test_records_are_told_oldest_first_with_addresses_a_browser_may_open() -> None:
    late = {"role": "SELLER", "description": "Rejected.", "create_time": AT + 60}
    first = {
        "role": "BUYER",
        "note": "It is broken.",
        "images": [{"url": "https://a.example/1.jpg"}, {"url": "javascript:alert(1)"}, {}],
        "videos": [{"url": "http://a.example/1.mp4"}],
        "create_time": AT,
    }
    one, other = read_records({"records": [late, first, None]})
    assert (one.at, one.by, one.note) == (at(0), "buyer", "It is broken.")
    assert (one.pictures, one.videos) == (("https://a.example/1.jpg",), ())
    assert (other.by, other.words) == ("seller", "Rejected.")
    assert read_records({}) == ()
