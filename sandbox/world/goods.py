"""What the invented shops sell, by market."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.shapes import Item

US = (
    Item("MUG-EN-BLU", "14.90", name="Enamel camping mug, 350 ml", variation="Blue"),
    Item("MUG-EN-RED", "14.90", name="Enamel camping mug, 350 ml", variation="Red"),
    Item("LMP-SUN-USB", "27.50", name="LED sunset lamp, USB", variation="Amber"),
    Item("BTL-STL-750", "31.00", name="Insulated steel bottle", variation="750 ml / Sage"),
    Item("BNE-MER-OS", "29.90", name="Merino beanie, double knit", variation="Charcoal"),
    Item("NB-DOT-A5", "12.30", name="Dotted notebook, 160 pages", variation="A5 / Forest"),
    Item("CBL-C2M", "9.90", name="Braided USB-C cable", variation="2 m"),
    Item("TEA-JP-01", "52.00", name="抹茶セット 茶筅と茶碗", variation="黒 / 3点"),
)
GB = (
    Item("KTL-GOO-1L", "39.00", name="Gooseneck kettle, 1 litre", variation="Matt black"),
    Item("UMB-WND-23", "21.50", name="Windproof umbrella, 23 in", variation="Navy"),
    Item("SCF-LMB-GR", "32.00", name="Lambswool scarf", variation="Heather grey"),
    Item("CDL-FIG-220", "18.00", name="Fig leaf candle, 220 g", variation="Fig"),
    Item("SPN-OAK-4", "14.20", name="Oak cooking spoons, set of 4", variation="Oiled"),
    Item("SOX-ALP-3", "24.90", name="Alpaca bed socks, 3 pairs", variation="4-7 / Oat"),
)
TH = (
    Item("BAG-TH-01", "259", name="กระเป๋าผ้าแคนวาส พิมพ์ลายช้าง", variation="สีครีม"),
    Item("FAN-TH-02", "349", name="พัดลมพกพา USB ชาร์จได้", variation="สีชมพู"),
    Item("SHR-TH-M", "490", name="เสื้อเชิ้ตผ้าลินินแขนสั้น", variation="M / ขาว"),
    Item("SHR-TH-L", "490", name="เสื้อเชิ้ตผ้าลินินแขนสั้น", variation="L / ขาว"),
    Item("RCE-TH-5K", "279", name="ข้าวหอมมะลิ 5 กก.", variation="ถุงเดียว"),
    Item("LGT-CN-02", "329", name="小熊夜灯 充电款", variation="白色"),
)
SEA = (
    Item("BAT-SRG-01", "120", name="Batik sarong, hand stamped", variation="Indigo"),
    Item("RTN-TRY-02", "85", name="Rattan tray, round", variation="30 cm"),
    Item("COF-RBT-25", "64", name="Robusta coffee, whole bean", variation="250 g"),
    Item("PHN-RNG-01", "19", name="Phone ring holder", variation="Rose"),
)
GOODS: Mapping[str, tuple[Item, ...]] = {"GB": GB, "TH": TH} | dict.fromkeys(
    ("VN", "MY", "SG", "PH", "ID"), SEA
)
#: How many of its own smallest unit a price of SEA above is worth, so that prices look right.
SCALE: Mapping[str, int] = {"VN": 1000, "ID": 500, "PH": 2}
SHIPPING_FEE: Mapping[str, str] = {"US": "4.90", "GB": "2.99", "TH": "38", "VN": "16500"} | {
    "MY": "4.90",
    "SG": "1.99",
    "PH": "45",
    "ID": "9000",
}
#: Added on top of prices; elsewhere prices hold the tax.
TAX_RATE: Mapping[str, str] = {"US": "0.0825"}
PAYMENTS: Mapping[str, tuple[str, ...]] = {
    "US": ("Credit card", "PayPal", "Apple Pay"),
    "GB": ("Credit card", "Klarna", "Apple Pay"),
}
SEA_PAYMENTS = ("Bank transfer", "E-wallet", "Credit card")
MESSAGES = (
    "Please leave it with the neighbour",
    "Gift, no invoice inside please",
    "ฝากไว้กับป้อมยามได้เลยค่ะ",
    "Ring twice, the dog is friendly",
)


def of(region: str) -> tuple[Item, ...]:
    return GOODS.get(region, US)
