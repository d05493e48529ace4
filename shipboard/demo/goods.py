"""What the demo shops sell: invented goods, with names in the scripts that sellers write in."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from shipboard.channels.contract import ItemFact


@dataclass(frozen=True)
class Good:
    item: ItemFact
    price: Decimal
    weight_kg: Decimal


#: seller SKU, product name, variation, category, weight in kg, price
Listed = tuple[str, str, str, str, str, str]

US: tuple[Listed, ...] = (
    ("MUG-EN-BLU", "Enamel camping mug, 350 ml", "Blue", "Home", "0.21", "14.90"),
    ("MUG-EN-RED", "Enamel camping mug, 350 ml", "Red", "Home", "0.21", "14.90"),
    ("LMP-SUN-USB", "LED sunset lamp, USB", "Amber", "Lighting", "0.48", "27.50"),
    ("BTL-STL-750", "Insulated steel bottle", "750 ml / Sage", "Kitchen", "0.41", "31.00"),
    ("STD-AL-S", "Foldable phone stand, aluminium", "Silver", "Accessories", "0.15", "18.40"),
    ("TRS-LIN-M", "Linen wide-leg trousers", "M / Sand", "Clothing", "0.38", "46.00"),
    ("BNE-MER-OS", "Merino beanie, double knit", "Charcoal", "Clothing", "0.09", "29.90"),
    ("DRP-CER-W2", "Ceramic pour-over dripper", "White, size 2", "Kitchen", "0.52", "24.20"),
    ("SRM-C30", "Vitamin C brightening serum", "30 ml", "Beauty", "0.11", "19.80"),
    ("NB-DOT-A5", "Dotted notebook, 160 pages", "A5 / Forest", "Office", "0.29", "12.30"),
    ("CBL-C2M", "Braided USB-C cable", "2 m", "Accessories", "0.06", "9.90"),
    ("TEA-JP-01", "抹茶セット 茶筅と茶碗", "黒 / 3点", "Kitchen", "0.74", "52.00"),
    ("TEA-CN-01", "便携式旅行茶具套装", "一壶四杯 / 青瓷", "Kitchen", "0.88", "41.50"),
    ("TOY-RU-05", "Матрёшка деревянная, ручная роспись", "5 мест", "Toys", "0.36", "33.00"),
)
UK: tuple[Listed, ...] = (
    ("KTL-GOO-1L", "Gooseneck kettle, 1 litre", "Matt black", "Kitchen", "0.95", "39.00"),
    ("UMB-WND-23", "Windproof umbrella, 23 in", "Navy", "Accessories", "0.40", "21.50"),
    ("SCF-LMB-GR", "Lambswool scarf", "Heather grey", "Clothing", "0.17", "32.00"),
    ("CDL-FIG-220", "Fig leaf candle, 220 g", "Fig", "Home", "0.42", "18.00"),
    ("PLN-SNK-S", "Snake plant in a clay pot", "Small", "Garden", "1.60", "16.75"),
    ("SPN-OAK-4", "Oak cooking spoons, set of 4", "Oiled", "Kitchen", "0.31", "14.20"),
    ("BLK-WVN-XL", "Woven picnic blanket", "XL / Tartan", "Outdoor", "1.05", "28.40"),
    ("SOX-ALP-3", "Alpaca bed socks, 3 pairs", "4-7 / Oat", "Clothing", "0.22", "24.90"),
    ("PUZ-1000-LK", "Puzzle, 1000 pieces", "Lake", "Toys", "0.70", "17.00"),
    ("LMP-AR-01", "فانوس زجاجي مزخرف", "أزرق", "Lighting", "0.66", "35.60"),
    ("TEA-RU-02", "Самовар настольный, 3 л", "Медь", "Kitchen", "2.10", "88.00"),
    ("BAG-JUT-1", "Jute shopping bag", "Natural", "Accessories", "0.19", "8.50"),
)
TH: tuple[Listed, ...] = (
    ("BAG-TH-01", "กระเป๋าผ้าแคนวาส พิมพ์ลายช้าง", "สีครีม", "กระเป๋า", "0.24", "259.00"),
    ("FAN-TH-02", "พัดลมพกพา USB ชาร์จได้", "สีชมพู", "เครื่องใช้ไฟฟ้า", "0.31", "349.00"),
    ("SHR-TH-M", "เสื้อเชิ้ตผ้าลินินแขนสั้น", "M / ขาว", "เสื้อผ้า", "0.22", "490.00"),
    ("SHR-TH-L", "เสื้อเชิ้ตผ้าลินินแขนสั้น", "L / ขาว", "เสื้อผ้า", "0.23", "490.00"),
    ("OIL-TH-50", "น้ำมันนวดอโรมา ตะไคร้", "50 มล.", "ความงาม", "0.10", "180.00"),
    ("RCE-TH-5K", "ข้าวหอมมะลิ 5 กก.", "ถุงเดียว", "อาหาร", "5.05", "279.00"),
    ("BOX-TH-03", "กล่องข้าวสแตนเลส 3 ชั้น", "สีเขียว", "ครัว", "0.62", "399.00"),
    ("SND-TH-40", "รองเท้าแตะยางพารา", "40 / ดำ", "รองเท้า", "0.45", "199.00"),
    ("CAS-CN-15", "透明防摔手机壳", "15 Pro / 透明", "อุปกรณ์", "0.05", "129.00"),
    ("LGT-CN-02", "小熊夜灯 充电款", "白色", "แสงสว่าง", "0.28", "329.00"),
    ("MSK-KR-10", "수분 마스크팩 10매", "알로에", "ความงาม", "0.27", "290.00"),
    ("STK-EN-01", "Sticker pack, street food of Bangkok", "50 pcs", "ของที่ระลึก", "0.08", "89.00"),
)

#: As sellers stuff it for the search engines.
LONG_NAME = (
    "[2026 NEW] Ultra-light foldable camping chair with cup holder, side pocket and head rest, "
    "breathable mesh, up to 150 kg, carry bag included, for beach, garden, fishing, festivals and "
    "picnics, 5 colours, free repair kit, 24 months warranty, ships within 24 hours"
)
RIGHT_TO_LEFT = "سجادة صلاة مخملية مبطنة 70 × 110 سم"


def catalogue(listed: tuple[Listed, ...], market: int) -> tuple[Good, ...]:
    """The goods of a shop; ids of 19 digits as the marketplace has them, but of no real product."""
    return tuple(
        Good(
            ItemFact(
                sku_id=f"1729{market}{number * 83_177_131_007 + 51_000_000_000:014}",
                seller_sku=seller_sku,
                product_id=f"1729{market}{_product(listed, name) * 7_919_113 + 900_000_000:014}",
                product_name=name,
                sku_name=variation,
                category=category,
            ),
            Decimal(price),
            Decimal(weight),
        )
        for number, (seller_sku, name, variation, category, weight, price) in enumerate(listed, 1)
    )


def _product(listed: tuple[Listed, ...], name: str) -> int:
    """Variations of one name are one product."""
    return next(number for number, each in enumerate(listed, 1) if each[1] == name)
