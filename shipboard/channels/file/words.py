"""Status words of exports in the seller's language, and the stage that each means.

A fine word names one stage. A coarse word is the name of a Seller Center tab that holds several
("To ship", "Shipped"); within it the order's times decide. Words seen in real files and likely
wordings stand side by side; compare with `folded`.
"""

from __future__ import annotations

import unicodedata
from enum import Enum
from typing import NamedTuple

from ..contract import Stage


class Tab(Enum):
    """A coarse word's meaning."""

    TO_SHIP = "to ship"
    SHIPPED = "shipped"


class Words(NamedTuple):
    """Words of one meaning by language."""

    en: tuple[str, ...]
    th: tuple[str, ...] = ()
    id: tuple[str, ...] = ()
    vi: tuple[str, ...] = ()
    ms: tuple[str, ...] = ()
    zh: tuple[str, ...] = ()


FINE: dict[Stage, Words] = {
    Stage.UNPAID: Words(
        en=("Unpaid",),
        th=("ค้างชำระ", "ยังไม่ได้ชำระเงิน", "รอชำระเงิน"),
        id=("Belum dibayar",),
        vi=("Chưa thanh toán", "Chờ thanh toán"),
        ms=("Belum dibayar", "Belum bayar"),
        zh=("待付款", "未付款"),
    ),
    Stage.ON_HOLD: Words(
        en=("On hold",),
        th=("On hold", "พักไว้", "ระงับชั่วคราว"),
        id=("Ditahan",),
        vi=("Tạm giữ",),
        ms=("Ditahan",),
        zh=("处理中", "暂缓"),
    ),
    Stage.AWAITING_SHIPMENT: Words(
        en=("Awaiting shipment",),
        th=("รอจัดส่ง", "รอการจัดส่ง"),
        id=("Menunggu pengiriman",),
        vi=("Chờ gửi hàng", "Chờ vận chuyển"),
        ms=("Menunggu penghantaran",),
        zh=("待发货",),
    ),
    Stage.PARTIALLY_SHIPPED: Words(
        en=("Partially shipped", "Partially shipping", "Partial shipment", "Partially_shipped"),
        th=("จัดส่งบางส่วน", "จัดส่งแล้วบางส่วน", "จัดส่งบางส่วนแล้ว"),
        id=("Dikirim sebagian", "Sebagian dikirim", "Pengiriman sebagian"),
        vi=("Đã gửi một phần", "Gửi một phần", "Giao một phần", "Đã vận chuyển một phần"),
        ms=("Dihantar sebahagian", "Sebahagian dihantar"),
        zh=("部分发货", "部分已发货"),
    ),
    Stage.PENDING_COLLECTION: Words(
        en=("Awaiting collection", "Pending collection"),
        th=("รอเข้ารับ", "รอการเข้ารับ"),
        id=("Menunggu pengambilan", "Menunggu dijemput"),
        vi=("Chờ lấy hàng",),
        ms=("Menunggu kutipan",),
        zh=("待揽收",),
    ),
    Stage.IN_TRANSIT: Words(
        en=("In transit",),
        th=("อยู่ระหว่างการขนส่ง", "อยู่ระหว่างขนส่ง"),
        id=("Dalam perjalanan", "Dalam pengiriman", "Transit"),
        vi=("Đang vận chuyển", "Đang trung chuyển"),
        ms=("Dalam transit",),
        zh=("运输中",),
    ),
    Stage.DELIVERED: Words(
        en=("Delivered",),
        th=("จัดส่งสำเร็จ", "จัดส่งสำเร็จแล้ว"),
        id=("Terkirim",),
        vi=("Đã giao", "Đã giao hàng"),
        ms=("Diserahkan",),
        zh=("已送达", "已签收"),
    ),
    Stage.CLOSED: Words(
        en=("Completed",),
        th=("เสร็จสมบูรณ์", "เสร็จแล้ว", "สำเร็จแล้ว"),
        id=("Selesai",),
        vi=("Đã hoàn tất", "Hoàn tất", "Đã hoàn thành"),
        ms=("Selesai",),
        zh=("已完成",),
    ),
    Stage.CANCELED: Words(
        en=("Canceled", "Cancelled", "Cancel"),
        th=("ยกเลิกแล้ว",),
        id=("Dibatalkan",),
        vi=("Đã hủy", "Đã huỷ"),
        ms=("Dibatalkan",),
        zh=("已取消",),
    ),
}

COARSE: dict[Tab, Words] = {
    Tab.TO_SHIP: Words(
        en=("To ship",),
        th=("ที่จะจัดส่ง", "ที่ต้องจัดส่ง"),
        id=("Perlu dikirim",),
        vi=("Cần gửi", "Chờ vận chuyển"),
        ms=("Untuk dihantar",),
        zh=("待发货",),
    ),
    Tab.SHIPPED: Words(
        en=("Shipped",),
        th=("จัดส่งแล้ว",),
        id=("Dikirim",),
        vi=("Đã gửi", "Đã vận chuyển"),
        ms=("Dihantar",),
        zh=("已发货",),
    ),
}


def folded(word: str) -> str:
    """A word as it is compared: trimmed, without case, one Unicode form, single spaces."""
    return " ".join(unicodedata.normalize("NFC", word).casefold().replace("_", " ").split())


FINE_WORDS: dict[str, Stage] = {
    folded(word): stage for stage, words in FINE.items() for language in words for word in language
}
COARSE_WORDS: dict[str, Tab] = {
    folded(word): tab for tab, words in COARSE.items() for language in words for word in language
}
