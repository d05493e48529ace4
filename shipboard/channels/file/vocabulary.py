"""Words of the smaller columns, in the languages of the exports: order type, who ships, payment on
delivery, cases, who canceled. Likely wordings stand beside those that the marketplace documents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from ..contract import CaseKind, OrderType, Shipping
from .words import folded

Meaning = TypeVar("Meaning")


def _words(table: Mapping[Meaning, Sequence[str]]) -> dict[str, Meaning]:
    return {folded(word): meaning for meaning, words in table.items() for word in words}


ORDER_TYPES = _words(
    {
        OrderType.NORMAL: (
            *("Normal", "Regular", "Standard", "ปกติ", "ธรรมดา", "Reguler", "Biasa"),
            *("Thông thường", "Bình thường", "Thường", "正常", "普通", "现货"),
        ),
        OrderType.PRE_ORDER: (
            *("Pre-order", "Preorder", "Pre order", "พรีออเดอร์", "สั่งจองล่วงหน้า", "สั่งซื้อล่วงหน้า"),
            *("Pra-pesan", "Prapesan", "Prapesanan", "Pra-pesanan", "Đặt trước", "Đặt hàng trước"),
            *("预售", "预购", "预订"),
        ),
        OrderType.MADE_TO_ORDER: ("Made to order", "Made-to-order", "定制"),
        OrderType.BACK_ORDER: ("Back order", "Back-order", "Backorder"),
        OrderType.SAMPLE: ("Sample", "Free sample", "样品"),
    }
)

SHIPPING = _words(
    {
        Shipping.SELLER: (
            *("Shipped by seller", "Seller shipping", "Ship by seller", "จัดส่งโดยผู้ขาย"),
            *("Dikirim oleh penjual", "Dikirim penjual", "Người bán tự vận chuyển"),
            *(
                "Vận chuyển bởi người bán",
                "Dihantar oleh penjual",
                "卖家自发货",
                "商家自配送",
                "卖家发货",
            ),
        ),
        Shipping.PLATFORM: (
            *(
                "Shipped via platform",
                "TikTok Shipping",
                "Shipped by TikTok",
                "Shipped by platform",
            ),
            *("Ship by TikTok", "Platform shipping", "จัดส่งผ่านแพลตฟอร์ม", "จัดส่งโดยแพลตฟอร์ม"),
            *("Dikirim melalui platform", "Dikirim lewat platform", "Dihantar melalui platform"),
            *("Vận chuyển qua nền tảng", "Được vận chuyển qua nền tảng", "平台物流", "平台配送"),
        ),
    }
)
PLATFORM_WAREHOUSE = ("fulfilled by tiktok", "fulfillment by tiktok", "fulfilment by tiktok", "fbt")

CASE_KINDS = _words(
    {
        CaseKind.CANCELLATION: (
            *(
                "Cancel",
                "Canceled",
                "Cancelled",
                "Cancelation",
                "Cancellation",
                "ยกเลิก",
                "การยกเลิก",
            ),
            *("Batal", "Batalkan", "Pembatalan", "Dibatalkan", "Hủy", "Huỷ", "Hủy đơn", "Đã hủy"),
            *("取消", "取消订单"),
        ),
        CaseKind.RETURN: (
            *(
                "Return",
                "Return/Refund",
                "Return and refund",
                "Return & refund",
                "Refund and return",
            ),
            *("Return or refund", "Returned", "คืนสินค้า", "คืนสินค้า/คืนเงิน", "คืนสินค้าและคืนเงิน"),
            *("Pengembalian barang", "Pengembalian barang/dana", "Pengembalian barang dan dana"),
            *("Pengembalian", "Trả hàng", "Trả hàng/Hoàn tiền", "Trả hàng và hoàn tiền"),
            *("Pemulangan", "Pemulangan/Bayaran balik", "Pemulangan dan bayaran balik"),
            *("退货", "退货退款", "退货/退款"),
        ),
        CaseKind.REFUND: (
            *("Refund", "Refund only", "Refunded", "คืนเงิน", "คืนเงินเท่านั้น", "Pengembalian dana"),
            *("Pengembalian dana saja", "Hanya pengembalian dana", "Hoàn tiền", "Chỉ hoàn tiền"),
            *("Bayaran balik", "Bayaran balik sahaja", "退款", "仅退款"),
        ),
        CaseKind.REPLACEMENT: (
            *("Replacement", "Replace", "Exchange", "เปลี่ยนสินค้า", "Penggantian", "Tukar barang"),
            *("Đổi hàng", "Penukaran", "换货"),
        ),
    }
)

CANCELERS = _words(
    {
        "buyer": (
            *("Buyer", "User", "Customer", "ผู้ซื้อ", "ลูกค้า", "Pembeli", "Pengguna"),
            *("Người mua", "Khách hàng", "买家", "用户"),
        ),
        "seller": ("Seller", "Merchant", "ผู้ขาย", "Penjual", "Người bán", "卖家", "商家"),
        "system": ("System", "Auto", "ระบบ", "Sistem", "Hệ thống", "系统"),
        "operator": (
            *("Operator", "Platform", "TikTok", "TikTok Shop", "Customer service"),
            *("แพลตฟอร์ม", "Nền tảng", "平台", "客服"),
        ),
    }
)

CASH_ON_DELIVERY = (
    *("cash on delivery", "pay on delivery", "เก็บเงินปลายทาง", "thanh toán khi nhận hàng"),
    *("bayar di tempat", "bayaran semasa penghantaran", "tunai semasa hantaran"),
    *("bayar tunai semasa penghantaran", "货到付款"),
)


def order_type(word: str) -> OrderType | None:
    """The order type that `word` names, or None."""
    return ORDER_TYPES.get(folded(word))


def shipping(word: str) -> tuple[Shipping, bool] | None:
    """Who arranges the carrier, and whether the goods lie in the platform's own warehouse; None
    for a word that we do not know."""
    value = folded(word)
    if value in SHIPPING:
        return SHIPPING[value], False
    if any(name in value for name in PLATFORM_WAREHOUSE):
        return Shipping.PLATFORM, True
    return None


def case_kind(word: str) -> CaseKind | None:
    """The kind of case that `word` names, or None."""
    return CASE_KINDS.get(folded(word).replace(" / ", "/"))


def canceler(word: str) -> str:
    """buyer, seller, system or operator; else the word itself in lower case."""
    return CANCELERS.get(folded(word), folded(word))


def is_cash_on_delivery(word: str) -> bool:
    value = folded(word)
    return value == "cod" or any(name in value for name in CASH_ON_DELIVERY) or "(cod)" in value
