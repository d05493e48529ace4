"""Cancellations and returns as their searches tell of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from shipboard.channels.case_contract import CaseStep
from shipboard.channels.contract import CaseFact, CaseKind, Unheard
from shipboard.channels.tiktok.cases import read_cancellation, read_return
from tests.channels.tiktok.payloads import AT, ID, at

DUE = AT + 48 * 3600


def cancellation(**more: Any) -> CaseFact:
    told = read_cancellation(
        {
            "order_id": ID,
            "cancel_id": "4035",
            "cancel_type": "BUYER_CANCEL",
            "cancel_status": "CANCELLATION_REQUEST_PENDING",
            "cancel_reason": "no_longer_needed",
            "create_time": AT,
            "refund_amount": {"currency": "USD", "refund_total": "21.00"},
        }
        | more
    )
    assert not isinstance(told, Unheard), told
    assert told[0] == ID
    return told[1]


def returned(**more: Any) -> CaseFact:
    told = read_return(
        {"order_id": ID, "return_id": "4036", "return_type": "REFUND", "create_time": AT} | more
    )
    assert not isinstance(told, Unheard), told
    return told[1]


def test_a_request_in_either_shape() -> None:
    due = {"action": "SELLER_RESPOND_CANCEL", "deadline": DUE}
    wanted = CaseFact(
        kind=CaseKind.CANCELLATION,
        case_id="4035",
        is_open=True,
        step=CaseStep.CANCEL,
        status="CANCELLATION_REQUEST_PENDING",
        reason_name="no_longer_needed",
        reason="Do not need it",
        amount=Decimal("21.00"),
        requested_at=at(0),
        respond_by=at(48 * 3600),
    )
    words = {"cancel_reason_text": "Do not need it"}
    assert cancellation(seller_next_action=due, **words) == wanted
    assert cancellation(seller_next_action_response=[due], **words) == wanted
    assert cancellation().reason == "No longer needed"
    buyers = cancellation(seller_next_action=due | {"action": "SELLER_RESPOND_BUYER_CANCEL"})
    assert (buyers.step, buyers.respond_by) == (CaseStep.CANCEL, at(48 * 3600))


@pytest.mark.parametrize(
    ("said", "is_open"),
    [
        ({}, True),
        ({"cancel_type": "CANCEL"}, False),
        ({"cancel_status": "CANCELLATION_REQUEST_SUCCESS"}, False),
        ({"cancel_status": "CANCELLATION_REQUEST_CANCEL"}, False),
        ({"cancel_status": "CANCELLATION_REQUEST_CANCELLED"}, False),
        ({"cancel_status": "CANCELLATION_REQUEST_COMPLETE"}, False),
        ({"cancel_status": "SOMETHING_NEW"}, False),
        ({"cancel_status": None, "seller_next_action": {"action": "SELLER_RESPOND_X"}}, True),
        ({"cancel_status": None, "seller_next_action": {"action": "", "deadline": DUE}}, False),
        ({"cancel_status": None, "seller_next_action": []}, False),
    ],
)
def test_what_waits_for_the_seller(said: dict[str, Any], is_open: bool) -> None:
    assert cancellation(**said).is_open is is_open


@pytest.mark.parametrize(
    ("return_type", "kind"),
    [
        ("REFUND", CaseKind.REFUND),
        ("RETURN_AND_REFUND", CaseKind.RETURN),
        ("REPLACEMENT", CaseKind.REPLACEMENT),
        ("EXCHANGE", CaseKind.REPLACEMENT),
        ("SWAP", CaseKind.RETURN),
        (None, CaseKind.RETURN),
    ],
)
def test_kinds_of_returns(return_type: str | None, kind: CaseKind) -> None:
    assert returned(return_type=return_type).kind == kind


@pytest.mark.parametrize(
    ("status", "actions", "is_open"),
    [
        ("RETURN_OR_REFUND_REQUEST_PENDING", [], True),
        ("REPLACEMENT_REQUEST_PENDING", None, True),
        ("EXCHANGE_REQUEST_PENDING", None, True),
        ("BUYER_SHIPPED_ITEM", [], False),
        ("BUYER_SHIPPED_ITEM", [{"action": "SELLER_RESPOND_RECEIVE_PACKAGE"}], True),
        ("RETURN_OR_REFUND_REQUEST_COMPLETE", [], False),
        ("RETURN_OR_REFUND__REQUEST_CANCELLED", [], False),
    ],
)
def test_returns_that_wait(status: str, actions: list[Any] | None, is_open: bool) -> None:
    case = returned(return_status=status, seller_next_action_response=actions)
    assert case.is_open is is_open


@pytest.mark.parametrize(
    ("said", "step"),
    [
        ({"seller_next_action": {"action": "SELLER_RESPOND_REFUND"}}, CaseStep.REFUND),
        ({"seller_next_action": {"action": "SELLER_RESPOND_RETURN"}}, CaseStep.RETURN),
        ({"seller_next_action": {"action": "SELLER_RESPOND_RECEIVE_PACKAGE"}}, CaseStep.PACKAGE),
        ({"seller_next_action": {"action": "SELLER_RESPOND_REPLACEMENT"}}, CaseStep.REPLACEMENT),
        ({"seller_next_action": {"action": "SOMETHING_NEW"}}, CaseStep.OTHER),
        (
            {
                "seller_next_action": {"action": "SOMETHING_NEW"},
                "return_status": "RETURN_OR_REFUND_REQUEST_PENDING",
            },
            CaseStep.REFUND,
        ),
        ({"return_status": "RETURN_OR_REFUND_REQUEST_PENDING"}, CaseStep.REFUND),
        (
            {"return_status": "REPLACEMENT_REQUEST_PENDING", "return_type": "REPLACEMENT"},
            CaseStep.REPLACEMENT,
        ),
        ({"return_status": "AWAITING_BUYER_SHIP"}, CaseStep.NOTHING),
    ],
)
def test_what_it_waits_for(said: dict[str, Any], step: CaseStep) -> None:
    assert returned(**said).step is step


def test_what_else_is_told_of_a_return() -> None:
    case = returned(
        role="BUYER",
        return_status="BUYER_SHIPPED_ITEM",
        return_reason="ecom_order_delivered_refund_reason_item_damaged",
        arbitration_status="IN_PROGRESS",
        return_tracking_number="GL1",
        return_provider_name="Gull Express",
        update_time=AT + 60,
        return_line_items=[{"order_line_item_id": "12"}, {"order_line_item_id": "11"}, {}],
    )
    assert (case.by, case.status, case.dispute) == ("buyer", "BUYER_SHIPPED_ITEM", "in_progress")
    assert (case.tracking_number, case.carrier) == ("GL1", "Gull Express")
    assert (case.unit_ids, case.changed_at) == (("12", "11"), at(60))
    assert case.reason_name == "ecom_order_delivered_refund_reason_item_damaged"
    assert not case.is_open


def test_the_first_of_several_deadlines_counts() -> None:
    actions = [{"action": "A", "deadline": DUE + 9}, None, {"action": "B", "deadline": DUE}]
    assert returned(seller_next_action_response=actions).respond_by == at(48 * 3600)


@pytest.mark.parametrize(
    ("payload", "order_id", "reason"),
    [
        ([], "", "The entry is not an object."),
        ({"order_id": ID}, ID, "The case has no cancel_id."),
        ({"cancel_id": "1"}, "", "The case has no order_id."),
        ({"order_id": ID, "cancel_id": "1", "create_time": "?"}, ID, "create_time is not"),
        ({"order_id": ID, "cancel_id": "1", "refund_amount": 3}, ID, "refund_amount is not"),
    ],
)
def test_what_cannot_be_read(payload: object, order_id: str, reason: str) -> None:
    told = read_cancellation(payload)
    assert isinstance(told, Unheard)
    assert told.order_id == order_id
    assert told.reason.startswith(reason)
