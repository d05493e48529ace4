"""The third-party client searches, answers and cancels: it speaks the newer versions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tiktok_shop_api import TikTokShop, TikTokShopError
from tiktok_shop_api.generated import models

from sandbox.market import Market
from sandbox.testing import ORIGIN, Caller, transport
from tests.sandbox.conftest import TH, US
from tests.sandbox.lives import asked, claim, delivered, noted, order, ready


@pytest.fixture
def thai(market: Market, th: Caller) -> Iterator[TikTokShop]:
    with TikTokShop(
        th.key, th.secret, th.token, th.cipher, base_url=ORIGIN, transport=transport(market)
    ) as client:
        yield client


@pytest.fixture
def american(market: Market, us: Caller) -> Iterator[TikTokShop]:
    with TikTokShop(
        us.key, us.secret, us.token, us.cipher, base_url=ORIGIN, transport=transport(market)
    ) as client:
        yield client


def test_it_answers_a_request_once(market: Market, thai: TikTokShop) -> None:
    made = ready(market, TH)
    asked(market, TH, made)
    desk = thai.return_and_refund
    body = models.SearchCancellationsRequest(order_ids=[made["id"]])
    [case] = desk.search_cancellations(body=body, page_size="50").data.cancellations
    assert case.cancel_status == "CANCELLATION_REQUEST_PENDING"
    assert case.seller_next_action_response[0].deadline > case.create_time
    decisions = desk.get_decision_eligibility(return_or_cancel_id=case.cancel_id).data.decisions
    assert {one.decision for one in decisions if one.eligible} == {
        "APPROVE_REQUEST_CANCEL",
        "REJECT_REQUEST_CANCEL",
    }
    for _ in range(2):
        desk.approve_cancellation(
            case.cancel_id, body=models.ApproveCancellationRequest(), idempotency_key="k"
        )
    assert noted(market, "cancel_approved") == 1
    with pytest.raises(TikTokShopError) as late:
        desk.approve_cancellation(case.cancel_id, body=models.ApproveCancellationRequest())
    assert late.value.code == 25001044


def test_it_cancels_with_a_reason_of_the_menu(market: Market, american: TikTokShop) -> None:
    made = ready(market, US)
    desk = american.return_and_refund
    told = desk.get_aftersale_eligibility(made["id"]).data.sku_eligibility
    entries = [one for sku in told for one in sku.line_item_eligibility if one.eligible]
    [reasons] = [one.available_reason_names for one in entries if one.request_type == "CANCEL"]
    body = models.CancelOrderRequest(order_id=made["id"], cancel_reason=reasons[0])
    assert desk.cancel_order(body=body).data.cancel_id
    assert order(market, US, made["id"])["status"] == "CANCELLED"


def test_it_rejects_a_return_and_reads_its_records(
    market: Market, us: Caller, american: TikTokShop
) -> None:
    claim(market, US, "ask_return", delivered(market, us, US))
    desk = american.return_and_refund
    found = desk.search_returns(body=models.SearchReturnsRequest(), page_size="10").data
    [case] = found.return_orders
    [reason, *_] = desk.get_reject_reasons(return_or_cancel_id=case.return_id).data.reasons
    body = models.RejectReturnRequest(
        decision=models.RejectReturnRequestDecision.REJECT_RETURN, reject_reason=reason.name
    )
    desk.reject_return(case.return_id, body=body)
    records = desk.get_return_records(case.return_id).data.records
    assert [one.event for one in records] == ["ORDER_REQUEST", "REJECT_RETURN"]
    assert records[1].reason_text == reason.text
