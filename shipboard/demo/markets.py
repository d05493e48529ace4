"""The three demo shops: what is usual in each market. All people, places' streets and numbers are
made up, and buyers are masked as the marketplace masks them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from shipboard.channels.contract import Deadlines
from shipboard.channels.shops import Rules
from shipboard.demo import goods
from shipboard.demo.goods import Good, catalogue
from shipboard.orders.sla import PRESETS, Profile, end_of


@dataclass(frozen=True)
class Carrier:
    """`number` makes a tracking number of the carrier's form; none of them leads anywhere."""

    name: str
    number: Callable[[Random], str]


@dataclass(frozen=True, kw_only=True)
class Market:
    name: str
    #: Sets the ids of one shop apart from another's.
    number: int
    orders: int
    region: str
    timezone: str
    currency: str
    rules: Rules
    warehouses: tuple[str, ...]
    platform_warehouse: str
    carriers: tuple[Carrier, ...]
    options: tuple[tuple[str, str], ...]
    payments: tuple[str, ...]
    has_cod: bool
    #: state, city, postal code
    places: tuple[tuple[str, str, str], ...]
    people: tuple[str, ...]
    phone: str
    goods: tuple[Good, ...]
    shipping: Decimal
    #: Added on top of the prices shown; None where prices hold it.
    tax: Decimal | None
    #: A charge of the region and its amount.
    fee: tuple[str, Decimal]
    messages: tuple[str, ...]
    notes: tuple[str, ...]
    #: The marketplace says itself by when to ship; elsewhere the shop's rules do.
    says_ship_by: bool = False

    def said(self, created_at: datetime) -> Deadlines:
        """What the channel itself says of an order placed then; UTC."""
        if not self.says_ship_by:
            return Deadlines()
        calendar = PRESETS[self.rules.sla].calendar
        day = calendar.add(created_at.astimezone(ZoneInfo(self.timezone)).date(), 0)
        return Deadlines(ship_by=end_of(calendar, day, 1), collect_by=end_of(calendar, day, 2))

    @property
    def profile(self) -> Profile:
        return Profile(self.rules.sla, self.rules.dispatch_hours, self.rules.auto_cancel_hours)


def digits(random: Random, count: int) -> str:
    return str(random.randrange(10 ** (count - 1), 10**count))


US = Market(
    name="Demo Northwind US",
    number=1,
    orders=1000,
    region="US",
    timezone="America/Los_Angeles",
    currency="USD",
    rules=Rules(sla="us-standard"),
    warehouses=("Oakland", "Newark"),
    platform_warehouse="Platform warehouse Dallas",
    carriers=(
        Carrier("USPS", lambda random: f"94001000{digits(random, 14)}"),
        Carrier("UPS", lambda random: f"1Z{digits(random, 3)}X0{digits(random, 11)}"),
        Carrier("FedEx", lambda random: digits(random, 12)),
    ),
    options=(("Standard", "Standard shipping"), ("Express", "2-day shipping")),
    payments=("Visa", "Mastercard", "PayPal", "Apple Pay"),
    has_cod=False,
    places=(
        ("CA", "Oakland", "94***"),
        ("TX", "Austin", "78***"),
        ("NY", "New York", "10***"),
        ("WA", "Seattle", "98***"),
        ("IL", "Chicago", "60***"),
        ("CO", "Denver", "80***"),
    ),
    people=("Ad** M*****", "Jo*** F****", "Mi** O****", "To*** R****", "Le** B*****", "Ke* S***"),
    phone="(+1)*******",
    goods=catalogue(goods.US, 1),
    shipping=Decimal("4.90"),
    tax=Decimal("0.0825"),
    fee=("retail_delivery_fee", Decimal("0.28")),
    messages=("Please leave it with the neighbour", "Gift, no invoice inside please"),
    notes=("Regular customer, add a sticker", "Check the blue against the sample"),
)
UK = Market(
    name="Demo Northwind UK",
    number=2,
    orders=600,
    region="GB",
    timezone="Europe/London",
    currency="GBP",
    rules=Rules(dispatch_hours=48, auto_cancel_hours=120),
    warehouses=("Leeds", "Croydon"),
    platform_warehouse="Platform warehouse Daventry",
    carriers=(
        Carrier("Royal Mail", lambda random: f"QZ{digits(random, 9)}GB"),
        Carrier("Evri", lambda random: f"H00X0A{digits(random, 10)}"),
        Carrier("DPD", lambda random: f"1550{digits(random, 10)}"),
    ),
    options=(("Standard", "Standard delivery"), ("Express", "Next working day")),
    payments=("Visa", "Mastercard", "Klarna", "Apple Pay"),
    has_cod=False,
    places=(
        ("England", "Leeds", "LS* ***"),
        ("England", "Bristol", "BS* ***"),
        ("Scotland", "Glasgow", "G** ***"),
        ("Wales", "Cardiff", "CF** ***"),
        ("Northern Ireland", "Belfast", "BT* ***"),
    ),
    people=("Ma** S***", "Ow** P****", "Ni** A*****", "Is** C****", "Ra*** D****"),
    phone="(+44)********",
    goods=catalogue(goods.UK, 2),
    shipping=Decimal("2.99"),
    tax=None,
    fee=("shipping_insurance", Decimal("0.40")),
    messages=("Please ring the bell, the dog is friendly", "Leave it in the porch"),
    notes=("Wrap twice, pot breaks", "Ask for a review"),
)
TH = Market(
    name="Demo Northwind TH",
    number=3,
    orders=800,
    region="TH",
    timezone="Asia/Bangkok",
    currency="THB",
    rules=Rules(sla="th-standard"),
    warehouses=("กรุงเทพฯ", "เชียงใหม่"),
    platform_warehouse="Platform warehouse Samut Prakan",
    carriers=(
        Carrier("Flash Express", lambda random: f"TH{digits(random, 4)}X{digits(random, 6)}A"),
        Carrier("J&T Express", lambda random: f"62{digits(random, 10)}"),
        Carrier("Thailand Post", lambda random: f"QX{digits(random, 9)}TH"),
    ),
    options=(("Standard", "Standard Delivery"), ("Economy", "Economy Delivery")),
    payments=("TrueMoney", "PromptPay", "Visa"),
    has_cod=True,
    places=(
        ("กรุงเทพมหานคร", "จตุจักร", "10***"),
        ("เชียงใหม่", "เมืองเชียงใหม่", "50***"),
        ("ภูเก็ต", "กะทู้", "83***"),
        ("ขอนแก่น", "เมืองขอนแก่น", "40***"),
    ),
    people=("ส*** ใ**", "ก*** ท***", "น*** ร***", "P***** S****", "อ*** ม***"),
    phone="(+66)*******",
    goods=catalogue(goods.TH, 3),
    shipping=Decimal("38.00"),
    tax=None,
    fee=("small_order_fee", Decimal("5.00")),
    messages=("ฝากไว้กับป้อมยามได้เลยค่ะ", "ขอใบกำกับภาษีด้วยครับ"),
    notes=("ลูกค้าประจำ แถมสติกเกอร์", "เช็กไซซ์ก่อนส่ง"),
    says_ship_by=True,
)

MARKETS = (US, UK, TH)
