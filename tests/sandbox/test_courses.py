"""What became of orders, as proofs ask it of the ledger; buyers who act at the worst moments; and
pictures of sellers.
"""

from __future__ import annotations

import io
import struct

import pytest
from tiktok_shop_api import TikTokShop, TikTokShopError
from tiktok_shop_api.generated import models
from tiktok_shop_api.generated.types import File

from sandbox.market import Market
from sandbox.testing import (
    ORIGIN,
    Caller,
    canceled_after_shipping,
    courses,
    shipped_after_cancel,
    transport,
)
from sandbox.verbs import CannotDo
from tests.sandbox.conftest import TH, US
from tests.sandbox.lives import R, asked, cancellations, claim, delivered, do, order, ready, ship

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", 640, 480)
JPEG = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08" + struct.pack(">HH", 480, 640) + bytes(12)
BUY, CALLS = "/fulfillment/202309/packages", "create_packages"


def approve(caller: Caller, cancel_id: str, key: str) -> int:
    path = f"{R}/cancellations/{cancel_id}/approve"
    return caller.code("POST", path, {"idempotency_key": key}, {})


def test_a_course_tells_who_asked_decided_and_canceled(market: Market, th: Caller) -> None:
    made = ready(market, TH)
    case = asked(market, TH, made)
    units = tuple(line["id"] for line in made["line_items"])
    assert [approve(th, case["cancel_id"], key) for key in ("a", "a", "b")] == [0, 0, 25001044]
    [course] = courses(market, TH)
    [request], [step], [decided] = course.requests, course.steps, course.decided
    assert (request.units, request.how, request.by) == (units, "cancel_approved", "SELLER")
    assert (step.what, step.units, step.by) == ("cancelled", units, "BUYER")
    assert set(step.was) == {"AWAITING_SHIPMENT"}
    assert (decided.key, decided.repeats, decided.case_id) == ("a", 1, case["cancel_id"])
    assert shipped_after_cancel(market) == canceled_after_shipping(market) == []
    told = th.http.get("/control/api/courses").json()["courses"]
    assert [each["order_id"] for each in told] == [made["id"]]


def test_shipping_while_a_buyer_waits_is_told(market: Market, us: Caller) -> None:
    """In the United States it rejects the request."""
    made = ready(market, US)
    asked(market, US, made)
    ship(market, us, US, made)
    found = shipped_after_cancel(market, US)
    assert {step.what for _, step in found} == {"shipped", "label_bought"}
    [request] = found[0][0].requests
    assert (request.how, request.by) == ("cancel_rejected", "SELLER")
    assert shipped_after_cancel(market, TH) == []


def test_what_is_canceled_after_it_was_shipped_is_told(market: Market, us: Caller) -> None:
    made = ship(market, us, US, ready(market, US))
    body = {"order_id": made["id"], "cancel_reason": "seller_cancel_reason_out_of_stock"}
    assert us.code("POST", f"{R}/cancellations", None, body) == 0
    [(course, step)] = canceled_after_shipping(market)
    assert (course.order_id, step.by, set(step.was)) == (
        made["id"],
        "SELLER",
        {"AWAITING_COLLECTION"},
    )


def test_silence_and_the_platform_are_not_the_seller(market: Market, th: Caller) -> None:
    made = ship(market, th, TH, ready(market, TH))
    asked(market, TH, made)
    market.clock.advance(25 * 3600)
    market.tick()
    assert order(market, TH, made["id"])["status"] == "CANCELLED"
    assert canceled_after_shipping(market) == []


@pytest.mark.parametrize(
    ("when", "code", "status"),
    [("before", 0, "CANCELLATION_REQUEST_CANCELLED"), ("after", 0, "")],
)
def test_a_buyer_asks_in_the_moment_a_label_is_bought(
    market: Market, us: Caller, when: str, code: int, status: str
) -> None:
    """After it, in the United States, nothing can be asked any more."""
    one, other = ready(market, US), ready(market, US, seed="9")
    do(market, "lie_in_wait", US, operation=CALLS, when=when, deed="cancel", times=1)
    assert us.code("POST", BUY, None, {"order_id": one["id"]}) == code
    told = cancellations(us, order_ids=[one["id"]])
    assert [each["cancel_status"] for each in told] == ([status] if status else [])
    assert us.code("POST", BUY, None, {"order_id": other["id"]}) == 0
    assert cancellations(us, order_ids=[other["id"]]) == []


def test_a_buyer_asks_just_before_a_parcel_is_shipped(market: Market, th: Caller) -> None:
    """Elsewhere that stops the parcel."""
    made = ready(market, TH)
    do(market, "lie_in_wait", TH, operation="ship_package", when="before", times=1)
    path = f"/fulfillment/202309/packages/{made['packages'][0]['id']}/ship"
    assert th.code("POST", path, None, {}) in (21008044, 21011007)
    assert order(market, TH, made["id"])["status"] == "AWAITING_SHIPMENT"
    assert shipped_after_cancel(market) == []
    assert [one.detail["deed"] for one in market.books.ledger(what="ambushed")] == ["cancel"]


def test_a_buyer_changes_his_mind_in_the_moment_of_a_decision(market: Market, th: Caller) -> None:
    case = asked(market, TH, ready(market, TH))
    do(market, "lie_in_wait", TH, operation="approve_cancellation", deed="withdraw", times=1)
    assert approve(th, case["cancel_id"], "k") == 25001044
    assert order(market, TH, case["order_id"])["status"] == "AWAITING_SHIPMENT"


def test_no_such_moment(market: Market) -> None:
    for wrong in ({"operation": "order_detail"}, {"operation": CALLS, "when": "later"}):
        with pytest.raises(CannotDo, match="no such moment"):
            do(market, "lie_in_wait", US, times=1, **wrong)


@pytest.mark.parametrize("content", [PNG, JPEG])
def test_another_client_uploads_a_picture_and_rejects_with_it(
    market: Market, us: Caller, content: bytes
) -> None:
    case = claim(market, US, "ask_return", delivered(market, us, US))
    with TikTokShop(
        us.key, us.secret, us.token, us.cipher, base_url=ORIGIN, transport=transport(market)
    ) as client:
        file = File(payload=io.BytesIO(content), file_name="seen.png", mime_type="image/png")
        upload = client.products.upload_product_image
        kept = upload(body=models.UploadProductImageRequest(data=file)).data
        assert (kept.width, kept.height) == (640, 480)
        desk = client.return_and_refund
        told = desk.get_decision_eligibility(return_or_cancel_id=case["return_id"]).data.decisions
        [reject] = [one for one in told if one.decision == "REJECT_RETURN"]
        body = models.RejectReturnRequest(
            decision=models.RejectReturnRequestDecision.REJECT_RETURN,
            reject_reason=reject.available_reject_reasons[0].name,
            comment="See the picture.",
            images=[models.RejectCancellationRequestImage(image_id=kept.uri)],
        )
        desk.reject_return(case["return_id"], body=body, idempotency_key="k")
        first, last = desk.get_return_records(case["return_id"]).data.records
        assert first.note
        assert (last.note, last.images[0].url) == ("See the picture.", kept.url)
        small = File(payload=io.BytesIO(b"GIF89a"), file_name="a.gif", mime_type="image/gif")
        with pytest.raises(TikTokShopError) as refused:
            upload(body=models.UploadProductImageRequest(data=small))
        assert refused.value.code == 36009010
    assert all(not one.body for one in market.record.exchanges() if one.operation == "upload_image")
