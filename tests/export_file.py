"""A made-up order export, the same for the same seed and instant: invented people and goods,
in every stage that the file format knows, with deadlines around `now`.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

HEADER = (
    "Order ID,Order Status,Order Substatus,Cancelation/Return Type,Normal or Pre-order,"
    "SKU ID,Seller SKU,Product Name,Variation,Quantity,Sku Quantity of return,"
    "SKU Unit Original Price,SKU Subtotal Before Discount,SKU Platform Discount,"
    "SKU Seller Discount,SKU Subtotal After Discount,Shipping Fee After Discount,"
    "Original Shipping Fee,Shipping Fee Seller Discount,Shipping Fee Platform Discount,"
    "Payment platform discount,Retail Delivery Fee,Taxes,Order Amount,Order Refund Amount,"
    "Created Time,Paid Time,RTS Time,Shipped Time,Delivered Time,Cancelled Time,Cancel By,"
    "Cancel Reason,Fulfillment Type,Warehouse Name,Tracking ID,Delivery Option Type,"
    "Delivery Option,Shipping Provider Name,Buyer Message,Buyer Username,Recipient,Phone #,"
    "Country,State,City,Zipcode,Detail Address,Additional address information,"
    "House Name or Number,Delivery Instruction,Payment Method,Weight(kg),Product Category,"
    "Package ID,Seller Note,Shipping Information"
).split(",")

GOODS = (
    ("MUG-EN-BLU", "Enamel camping mug, 350 ml", "Blue", "14.90", "Home"),
    ("MUG-EN-RED", "Enamel camping mug, 350 ml", "Red", "14.90", "Home"),
    ("LMP-SUN-USB", "LED sunset lamp, USB", "Amber", "27.50", "Lighting"),
    ("BTL-STL-750", "Insulated steel bottle", "750 ml / Sage", "31.00", "Kitchen"),
    ("STD-AL-S", "Foldable phone stand, aluminium", "Silver", "18.40", "Accessories"),
    ("TRS-LIN-M", "Linen wide-leg trousers", "M / Sand", "46.00", "Clothing"),
    ("BNE-MER-OS", "Merino beanie, double knit", "Charcoal", "29.90", "Clothing"),
    ("DRP-CER-W2", "Ceramic pour-over dripper", "White, size 2", "24.20", "Kitchen"),
    ("SRM-C30", "Vitamin C brightening serum", "30 ml", "19.80", "Beauty"),
    ("ORG-B3", "Bamboo desk organiser", "3 tiers", "38.60", "Office"),
    ("NB-DOT-A5", "Dotted notebook, 160 pages", "A5 / Forest", "12.30", "Office"),
    ("CBL-C2M", "Braided USB-C cable", "2 m", "9.90", "Accessories"),
)
PLACES = (
    ("CA", "Oakland", "94607"),
    ("TX", "Austin", "78704"),
    ("NY", "New York", "00501"),
    ("WA", "Seattle", "98101"),
    ("IL", "Chicago", "60607"),
    ("CO", "Denver", "80205"),
)
NAMES = ("Ada Marlow", "Jonas Field", "Mira Okoye", "Tomas Reyes", "Lena Brandt", "Kei Sato")
CARRIERS = ("USPS", "UPS", "FedEx")
MESSAGES = ("", "", "", "", "Please leave it with the neighbour", "Gift, no invoice inside please")

#: How many of 100 orders are in which stage; hours since creation between the two bounds.
MIX = (
    ("unpaid", 3, 0.1, 20),
    ("on_hold", 4, 0.1, 0.9),
    ("awaiting_shipment", 24, 2, 58),
    ("partially_shipped", 2, 12, 44),
    ("cancel_requested", 3, 5, 40),
    ("pending_collection", 14, 18, 66),
    ("in_transit", 15, 40, 150),
    ("delivered", 14, 120, 330),
    ("return_requested", 3, 150, 330),
    ("completed", 13, 500, 1400),
    ("canceled", 5, 30, 900),
)
STATUS = {
    "unpaid": ("Unpaid", "Unpaid"),
    "on_hold": ("Unpaid", "On hold"),
    "awaiting_shipment": ("To ship", "Awaiting shipment"),
    "partially_shipped": ("To ship", "Partially shipped"),
    "cancel_requested": ("To ship", "Awaiting shipment"),
    "pending_collection": ("To ship", "Awaiting collection"),
    "in_transit": ("Shipped", "In transit"),
    "delivered": ("Shipped", "Delivered"),
    "return_requested": ("Shipped", "Delivered"),
    "completed": ("Completed", "Completed"),
    "canceled": ("Canceled", "Canceled"),
}
ARRANGED = {"pending_collection", "in_transit", "delivered", "return_requested", "completed"}
COLLECTED = ARRANGED - {"pending_collection"}
DELIVERED = COLLECTED - {"in_transit"}
FEE = Decimal("4.90")


@dataclass
class Chance:
    """Draws of one export; all of them come from one seed."""

    random: Random
    now: datetime

    def ago(self, at_least: float, at_most: float) -> datetime:
        hours = self.random.uniform(at_least, at_most)
        return (self.now - timedelta(hours=hours)).replace(microsecond=0)

    def between(self, first: datetime, share: float) -> datetime:
        """A moment `share` of the way from `first` to now, give or take."""
        way = (self.now - first) * share * self.random.uniform(0.85, 1.1)
        return (first + way).replace(microsecond=0)


def export(now: datetime, orders: int = 320, seed: int = 7) -> bytes:
    """The export as CSV in UTF-8 with a byte-order mark; `now` and all times in UTC."""
    chance = Chance(Random(seed), now)
    stages = [stage for stage, share, _, _ in MIX for _ in range(share)]
    bounds = {stage: (low, high) for stage, _, low, high in MIX}
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADER, lineterminator="\r\n")
    writer.writeheader()
    for number in range(orders):
        stage = stages[number % len(stages)]
        writer.writerows(_order(chance, number, stage, *bounds[stage]))
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _order(
    chance: Chance, number: int, stage: str, low: float, high: float
) -> list[dict[str, str]]:
    random = chance.random
    order_id = str(577_200_000_000_000_000 + number * 7_919_113_337 + random.randrange(10**6))
    kinds = 2 if stage == "partially_shipped" else random.choices((1, 2, 3), (70, 22, 8))[0]
    goods = random.sample(GOODS, kinds)
    lines = [_line(random, good) for good in goods]
    subtotal = sum((Decimal(line["SKU Subtotal After Discount"]) for line in lines), Decimal(0))
    taxes = (subtotal * Decimal("0.0825")).quantize(Decimal("0.01"))
    common = {
        "Order ID": order_id + "\t",
        "Order Status": STATUS[stage][0],
        "Order Substatus": STATUS[stage][1],
        "Normal or Pre-order": "Normal",
        "Shipping Fee After Discount": str(FEE),
        "Original Shipping Fee": "6.90",
        "Shipping Fee Seller Discount": "2.00",
        "Shipping Fee Platform Discount": "0",
        "Payment platform discount": "0",
        "Retail Delivery Fee": "0",
        "Taxes": str(taxes),
        "Order Amount": str(subtotal + FEE + taxes),
        "Order Refund Amount": "0",
        "Fulfillment Type": random.choice(("Shipped by seller", "Shipped via platform")),
        "Warehouse Name": random.choice(("East", "West")),
        "Delivery Option Type": "Standard",
        "Delivery Option": "Standard shipping",
        "Payment Method": random.choice(("Visa", "Mastercard", "PayPal")),
        **_buyer(random, stage),
        **_times(chance, stage, low, high),
        **_case(random, stage),
    }
    return _parcelled(random, stage, number, [{**line, **common} for line in lines])


def _line(random: Random, good: tuple[str, str, str, str, str]) -> dict[str, str]:
    seller_sku, name, variation, price, category = good
    quantity = random.choices((1, 2, 3), (80, 15, 5))[0]
    before = Decimal(price) * quantity
    discount = (before * random.choice((0, 0, 5, 10)) / 100).quantize(Decimal("0.01"))
    sku_number = 1_729_500_000_000_000_000 + GOODS.index(good) * 1_111_111
    return {
        "SKU ID": f"{sku_number}\t",
        "Seller SKU": seller_sku,
        "Product Name": name,
        "Variation": variation,
        "Quantity": str(quantity),
        "Sku Quantity of return": "0",
        "SKU Unit Original Price": price,
        "SKU Subtotal Before Discount": str(before),
        "SKU Platform Discount": "0",
        "SKU Seller Discount": str(discount),
        "SKU Subtotal After Discount": str(before - discount),
        "Weight(kg)": f"{random.uniform(0.1, 1.4):.3f}",
        "Product Category": category,
    }


def _buyer(random: Random, stage: str) -> dict[str, str]:
    user = {
        "Buyer Username": f"buyer{random.randrange(10**5, 10**6)}",
        "Buyer Message": random.choice(MESSAGES),
    }
    if stage in ("unpaid", "on_hold"):
        return user
    state, city, zipcode = random.choice(PLACES)
    return user | {
        "Recipient": random.choice(NAMES),
        "Phone #": f"(+1)202555{random.randrange(10**4):04}",
        "Country": "US",
        "State": state,
        "City": city,
        "Zipcode": zipcode,
        "Detail Address": f"{random.randrange(1, 900)} Harbor St",
    }


def _times(chance: Chance, stage: str, low: float, high: float) -> dict[str, str]:
    created = chance.ago(low, high)
    times = {"Created Time": created}
    if stage != "unpaid":
        times["Paid Time"] = created + timedelta(seconds=70)
    if stage in ARRANGED:
        times["RTS Time"] = chance.between(created, 0.2)
    if stage in COLLECTED:
        times["Shipped Time"] = chance.between(created, 0.35)
    if stage in DELIVERED:
        times["Delivered Time"] = chance.between(created, 0.6)
    if stage == "canceled":
        times["Cancelled Time"] = chance.between(created, 0.3)
    return {name: f"{at:%m/%d/%Y %I:%M:%S %p}\t" for name, at in times.items()}


def _case(random: Random, stage: str) -> dict[str, str]:
    if stage == "canceled":
        by = random.choice(("Buyer", "Seller", "System"))
        reason = {"Buyer": "No longer needed", "Seller": "Out of stock", "System": "Not shipped"}
        return {
            "Cancelation/Return Type": "Cancel",
            "Cancel By": by,
            "Cancel Reason": reason[by],
        }
    if stage == "cancel_requested":
        return {"Cancelation/Return Type": "Cancel", "Cancel Reason": "Better price found"}
    if stage == "return_requested":
        return {"Cancelation/Return Type": "Return/Refund"}
    return {}


def _parcelled(
    random: Random, stage: str, number: int, rows: list[dict[str, str]]
) -> list[dict[str, str]]:
    """Rows with their parcels; now and then the lines of an order travel apart."""
    if stage == "partially_shipped":
        return _parcelled(random, "in_transit", number, rows[:1]) + rows[1:]
    if stage not in ARRANGED:
        return rows
    carrier = random.choice(CARRIERS)
    is_split = len(rows) > 1 and number % 5 == 0
    for position, row in enumerate(rows):
        parcel = number * 10 + (position if is_split else 0)
        row["Package ID"] = f"{1_159_000_000_000_000_000 + parcel}\t"
        row["Tracking ID"] = f"9400{112_000_000_000_000_000 + parcel * 7_777_777:018}"
        row["Shipping Provider Name"] = carrier
    return rows
