"""Stages from words in every language, from times where words leave it open, and the words of the
smaller columns.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shipboard.channels.contract import CaseKind, OrderType, Shipping, Stage, StageSource
from shipboard.channels.file.remarks import Remarks
from shipboard.channels.file.stages import stage_of
from shipboard.channels.file.vocabulary import canceler, case_kind, is_cash_on_delivery

from .files import OTHER_ID, OTHER_SKU, read_csv

AT = datetime(2026, 11, 20, 10, tzinfo=UTC)
RTS = {"RTS Time": "11/20/2026 11:00:00 AM"}
SHIPPED = {**RTS, "Shipped Time": "11/20/2026 12:00:00 PM"}
DELIVERED = {**SHIPPED, "Delivered Time": "11/21/2026 12:00:00 PM"}


@pytest.mark.parametrize(
    ("status", "substatus", "stage"),
    [
        ("Unpaid", "", "unpaid"),
        ("Unpaid", "On hold", "on_hold"),
        ("ค้างชำระ", "", "unpaid"),
        ("Belum dibayar", "", "unpaid"),
        ("Chưa thanh toán", "", "unpaid"),
        ("未付款", "", "unpaid"),
        ("待付款", "", "unpaid"),
        ("On hold", "On hold", "on_hold"),
        ("Ditahan", "", "on_hold"),
        ("Tạm giữ", "", "on_hold"),
        ("暂缓", "", "on_hold"),
        ("To ship", "Awaiting shipment", "awaiting_shipment"),
        ("TO_SHIP", "AWAITING_SHIPMENT", "awaiting_shipment"),
        ("ที่จะจัดส่ง", "รอจัดส่ง", "awaiting_shipment"),
        ("Perlu dikirim", "Menunggu pengiriman", "awaiting_shipment"),
        ("Cần gửi", "Chờ gửi hàng", "awaiting_shipment"),
        ("Untuk dihantar", "Menunggu penghantaran", "awaiting_shipment"),
        ("待发货", "待发货", "awaiting_shipment"),
        ("To ship", "Partially shipped", "partially_shipped"),
        ("To ship", "PARTIALLY_SHIPPING", "partially_shipped"),
        ("待发货", "部分发货", "partially_shipped"),
        ("To ship", "Awaiting collection", "pending_collection"),
        ("ที่จะจัดส่ง", "รอเข้ารับ", "pending_collection"),
        ("Perlu dikirim", "Menunggu dijemput", "pending_collection"),
        ("Chờ vận chuyển", "Chờ lấy hàng", "pending_collection"),
        ("Untuk dihantar", "Menunggu kutipan", "pending_collection"),
        ("待发货", "待揽收", "pending_collection"),
        ("Shipped", "In transit", "in_transit"),
        (" shipped ", "IN  TRANSIT", "in_transit"),
        ("จัดส่งแล้ว", "อยู่ระหว่างการขนส่ง", "in_transit"),
        ("Dikirim", "Dalam perjalanan", "in_transit"),
        ("Đã gửi", "Đang trung chuyển", "in_transit"),
        ("Dihantar", "Dalam transit", "in_transit"),
        ("已发货", "运输中", "in_transit"),
        ("Shipped", "Delivered", "delivered"),
        ("จัดส่งแล้ว", "จัดส่งสำเร็จ", "delivered"),
        ("Dikirim", "Terkirim", "delivered"),
        ("Đã giao hàng", "", "delivered"),
        ("Dihantar", "Diserahkan", "delivered"),
        ("已签收", "", "delivered"),
        ("Completed", "Completed", "closed"),
        ("เสร็จแล้ว", "", "closed"),
        ("Selesai", "", "closed"),
        ("Đã hoàn tất", "", "closed"),
        ("已完成", "", "closed"),
        ("Canceled", "Canceled", "canceled"),
        ("Cancelled", "", "canceled"),
        ("Canceled", "Awaiting shipment", "canceled"),
        ("ยกเลิกแล้ว", "ยกเลิกแล้ว", "canceled"),
        ("Dibatalkan", "", "canceled"),
        ("Đã huỷ", "", "canceled"),
        ("已取消", "", "canceled"),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_words_name_the_stage(status: str, substatus: str, stage: str, form: str) -> None:
    remarks = Remarks()
    words = (unicodedata.normalize(form, word) for word in (status, substatus))
    named = stage_of(*words, {}, all_arranged=False, remarks=remarks, row=2)
    assert named == (Stage(stage), StageSource.CHANNEL)
    assert remarks.sentences() == []


@pytest.mark.parametrize(
    ("status", "times", "stage"),
    [
        ("To ship", {}, "awaiting_shipment"),
        ("To ship", RTS, "pending_collection"),
        ("Shipped", SHIPPED, "in_transit"),
        ("Shipped", DELIVERED, "delivered"),
        ("待发货", RTS, "pending_collection"),
        ("Chờ vận chuyển", {}, "awaiting_shipment"),
    ],
)
def test_times_decide_within_a_coarse_word(
    tmp_path: Path, status: str, times: dict[str, object], stage: str
) -> None:
    result = read_csv(tmp_path, {"Order Status": status, "Order Substatus": "", **times})
    assert result.fact.stage == stage
    assert result.fact.stage_source is StageSource.CHANNEL
    assert result.fact.status_words == status
    assert result.warnings == []


def test_half_arranged_orders_are_partially_shipped(tmp_path: Path) -> None:
    words = {"Order Substatus": ""}
    first = {**words, **RTS, "Package ID": "1151"}
    fact = read_csv(tmp_path, first, {**words, **OTHER_SKU}).fact
    assert fact.stage is Stage.PARTIALLY_SHIPPED


def test_an_unknown_substatus_leaves_it_to_status_and_times(tmp_path: Path) -> None:
    result = read_csv(
        tmp_path, {"Order Status": "Shipped", "Order Substatus": "Levitating", **DELIVERED}
    )
    assert result.fact.stage is Stage.DELIVERED
    assert result.fact.status_words == "Shipped / Levitating"
    assert "“Levitating” is not known" in result.warnings[0]


@pytest.mark.parametrize(
    ("times", "stage"),
    [
        ({**DELIVERED, "Cancelled Time": "11/22/2026 12:00:00 AM"}, "canceled"),
        (DELIVERED, "delivered"),
        (SHIPPED, "in_transit"),
        (RTS, "pending_collection"),
        ({}, "on_hold"),
        ({"Paid Time": ""}, "unknown"),
    ],
)
def test_unknown_words_are_derived_from_the_times(
    tmp_path: Path, times: dict[str, object], stage: str
) -> None:
    words = {"Order Status": "Hmm", "Order Substatus": "Huh"}
    result = read_csv(tmp_path, {**words, **times})
    assert (result.fact.stage, result.fact.stage_source) == (stage, StageSource.DERIVED)
    assert "“Hmm” / “Huh” is not known" in result.warnings[0]


def test_one_warning_for_one_word(tmp_path: Path) -> None:
    rows = [
        {"Order ID": f"5768564038457182{n:02d}", "Order Status": "?", "Order Substatus": ""}
        for n in range(9)
    ]
    assert read_csv(tmp_path, *rows).warnings == [
        "The order status “?” is not known; the stage was worked out from the order's times "
        "(9 times, for example rows 2, 3, 4)."
    ]


@pytest.mark.parametrize(
    ("word", "total", "order_type", "warns"),
    [
        ("Normal", "0", OrderType.NORMAL, False),
        ("Pre-order", "5", OrderType.PRE_ORDER, False),
        ("预售", "5", OrderType.PRE_ORDER, False),
        ("Đặt trước", "5", OrderType.PRE_ORDER, False),
        ("", "0", OrderType.SAMPLE, False),
        ("", "0.00", OrderType.SAMPLE, False),
        ("", "5", OrderType.NORMAL, False),
        ("", "", OrderType.NORMAL, False),
        ("Odd", "5", OrderType.NORMAL, True),
    ],
)
def test_order_types(
    tmp_path: Path, word: str, total: str, order_type: OrderType, warns: bool
) -> None:
    result = read_csv(tmp_path, {"Normal or Pre-order": word, "Order Amount": total})
    assert result.fact.order_type is order_type
    assert bool(result.warnings) is warns
    assert result.fact.extra.get("Normal or Pre-order", "") == (word if warns else "")


@pytest.mark.parametrize(
    ("word", "shipping", "is_ours"),
    [
        ("Shipped by seller", Shipping.SELLER, False),
        ("Shipped via platform", Shipping.PLATFORM, False),
        ("TikTok Shipping", Shipping.PLATFORM, False),
        ("Fulfilled by TikTok", Shipping.PLATFORM, True),
        ("Fulfillment by TikTok Shop", Shipping.PLATFORM, True),
        ("FBT", Shipping.PLATFORM, True),
        ("卖家自发货", Shipping.SELLER, False),
        ("", Shipping.UNSAID, False),
        ("By pigeon", Shipping.UNSAID, False),
    ],
)
def test_fulfillment_types(tmp_path: Path, word: str, shipping: Shipping, is_ours: bool) -> None:
    result = read_csv(tmp_path, {"Fulfillment Type": word})
    assert (result.fact.shipping, result.fact.is_platform_fulfilled) == (shipping, is_ours)
    assert ("Fulfillment Type" in result.fact.extra) is (word == "By pigeon")
    assert len(result.warnings) == (word == "By pigeon")


@pytest.mark.parametrize(
    "word",
    [
        *("Cash on delivery", "COD", "Cash on Delivery (COD)", "เก็บเงินปลายทาง", "货到付款"),
        *("Thanh toán khi nhận hàng", "Bayar di tempat"),
    ],
)
def test_cash_on_delivery(word: str) -> None:
    assert is_cash_on_delivery(word)
    assert not is_cash_on_delivery("Visa")
    assert not is_cash_on_delivery("Codensa card")


@pytest.mark.parametrize(
    ("word", "who"),
    [
        ("Buyer", "buyer"),
        ("ผู้ขาย", "seller"),
        ("System", "system"),
        ("Operator", "operator"),
        ("The Cat", "the cat"),
    ],
)
def test_who_canceled(word: str, who: str) -> None:
    assert canceler(word) == who


CANCELED = {"Order Status": "Canceled", "Order Substatus": "", "Cancel Reason": "No longer needed"}
DONE = {"Order Status": "Completed", "Order Substatus": ""}
ON_ITS_WAY = {"Order Status": "Shipped", "Order Substatus": "Delivered"}


@pytest.mark.parametrize(
    ("word", "changes", "kind", "is_open", "amount"),
    [
        ("Cancel", {}, CaseKind.CANCELLATION, True, None),
        ("Cancel", CANCELED, CaseKind.CANCELLATION, False, None),
        ("Cancel", DONE, CaseKind.CANCELLATION, False, None),
        ("Return/Refund", ON_ITS_WAY, CaseKind.RETURN, True, None),
        (
            "Return/Refund",
            {**ON_ITS_WAY, "Order Refund Amount": "5.00"},
            CaseKind.RETURN,
            False,
            "5.00",
        ),
        ("Return/Refund", {**ON_ITS_WAY, "Order Refund Amount": ""}, CaseKind.RETURN, True, None),
        ("Refund only", {**DONE, "Order Refund Amount": "5.00"}, CaseKind.REFUND, False, "5.00"),
        ("Refund only", DONE, CaseKind.REFUND, False, None),
    ],
)
def test_cases(
    tmp_path: Path,
    word: str,
    changes: dict[str, object],
    kind: CaseKind,
    is_open: bool,
    amount: str | None,
) -> None:
    fact = read_csv(tmp_path, {"Cancelation/Return Type": word, **changes}).fact
    (case,) = fact.cases
    assert (case.kind, case.is_open, case.amount and str(case.amount)) == (kind, is_open, amount)
    assert case.requested_at is None
    assert case.reason == ("No longer needed" if changes is CANCELED else "")
    assert fact.names_all_cases


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("ยกเลิก", CaseKind.CANCELLATION),
        ("Hủy", CaseKind.CANCELLATION),
        ("取消", CaseKind.CANCELLATION),
        ("Return & Refund", CaseKind.RETURN),
        ("Return / Refund", CaseKind.RETURN),
        ("退货退款", CaseKind.RETURN),
        ("仅退款", CaseKind.REFUND),
        ("Pengembalian dana", CaseKind.REFUND),
        ("Replacement", CaseKind.REPLACEMENT),
        ("Riddle", None),
    ],
)
def test_case_words(word: str, kind: CaseKind | None) -> None:
    assert case_kind(word) is kind


def test_an_unknown_case_is_kept_as_text(tmp_path: Path) -> None:
    result = read_csv(tmp_path, {"Cancelation/Return Type": "Riddle"}, {"Order ID": OTHER_ID})
    fact = result.accepted[0].fact
    assert fact.cases == ()
    assert fact.extra["Cancelation/Return Type"] == "Riddle"
    assert not fact.names_all_cases
    assert "“Riddle” is not known" in result.warnings[0]
    assert result.accepted[1].fact.names_all_cases


def test_lines_of_one_order_may_differ_in_their_case(tmp_path: Path) -> None:
    fact = read_csv(
        tmp_path, ON_ITS_WAY, {**ON_ITS_WAY, **OTHER_SKU, "Cancelation/Return Type": "Refund"}
    ).fact
    assert [case.kind for case in fact.cases] == [CaseKind.REFUND]
