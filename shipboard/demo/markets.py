"""The three demo shops: what is usual in each market. All people, streets and numbers are made up;
in the files of a file shop the marketplace has masked the buyers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
    #: The marketplace's id of the shop; blank for one whose orders come from files.
    remote_id: str = ""
    warehouses: tuple[str, ...]
    platform_warehouse: str
    #: A package exists as soon as an order is paid, not only once it is shipped.
    has_package_at_payment: bool = False
    carriers: tuple[Carrier, ...]
    options: tuple[tuple[str, str], ...]
    payments: tuple[str, ...]
    has_cod: bool
    #: state, city, postal code
    places: tuple[tuple[str, str, str], ...]
    people: tuple[str, ...]
    #: Blank where buyers are masked.
    streets: tuple[str, ...] = ()
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
    def warehouse_ids(self) -> Mapping[str, str]:
        """The marketplace's ids of the warehouses by their names."""
        names = (*self.warehouses, self.platform_warehouse)
        return {name: f"75010{self.number}{place:013}" for place, name in enumerate(names, 1)}

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
    remote_id="7495100000000000001",
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
        ("CA", "Oakland", "94607"),
        ("TX", "Austin", "78701"),
        ("NY", "New York", "10012"),
        ("WA", "Seattle", "98101"),
        ("IL", "Chicago", "60605"),
        ("CO", "Denver", "80202"),
    ),
    people=(
        "Ada Marlowe",
        "Jonas Finch",
        "Mira Oakes",
        "Tomas Reed",
        "Leona Brandt",
        "Ken Sato",
        "Niamh Osei",
        "Priya Dell",
    ),
    streets=("Juniper Row", "Heron Lane", "Mill Street", "Orchard Way", "Quarry Road"),
    phone="(+1)20255501",
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
    remote_id="7495300000000000003",
    warehouses=("กรุงเทพฯ", "เชียงใหม่"),
    platform_warehouse="Platform warehouse Samut Prakan",
    has_package_at_payment=True,
    carriers=(
        Carrier("Flash Express", lambda random: f"TH{digits(random, 4)}X{digits(random, 6)}A"),
        Carrier("J&T Express", lambda random: f"62{digits(random, 10)}"),
        Carrier("Thailand Post", lambda random: f"QX{digits(random, 9)}TH"),
    ),
    options=(("Standard", "Standard Delivery"), ("Economy", "Economy Delivery")),
    payments=("TrueMoney", "PromptPay", "Visa"),
    has_cod=True,
    places=(
        ("กรุงเทพมหานคร", "จตุจักร", "10900"),
        ("เชียงใหม่", "เมืองเชียงใหม่", "50000"),
        ("ภูเก็ต", "กะทู้", "83120"),
        ("ขอนแก่น", "เมืองขอนแก่น", "40000"),
    ),
    people=("สมฤดี ใจงาม", "กิตติ ทองดี", "นภา รุ่งเรือง", "Petra Sommer", "อรทัย มีสุข"),
    streets=("ซอยมะลิ", "ถนนสายธาร", "ซอยลีลาวดี"),
    phone="(+66)8000001",
    goods=catalogue(goods.TH, 3),
    shipping=Decimal("38.00"),
    tax=None,
    fee=("small_order_fee", Decimal("5.00")),
    messages=("ฝากไว้กับป้อมยามได้เลยค่ะ", "ขอใบกำกับภาษีด้วยครับ"),
    notes=("ลูกค้าประจำ แถมสติกเกอร์", "เช็กไซซ์ก่อนส่ง"),
    says_ship_by=True,
)

MARKETS = (US, UK, TH)
