"""Writing a file: what is in it, in which order, for whom; one instant; too many; canceled."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connections

from shipboard.accounts.access import COMMAND_LINE, NotAllowed
from shipboard.accounts.roles import RIGHTS, Role
from shipboard.channels.contract import ParcelContent, Stage, WarehouseFact
from shipboard.channels.models import Shop
from shipboard.channels.warehouses import remember, set_logistics
from shipboard.exports import periods
from shipboard.exports import write as writing
from shipboard.exports.layouts import OWN, BadLayout, SeveralRegions
from shipboard.exports.write import Canceled, Planned, TooMany, plan, write
from shipboard.fulfilment.selection import Selection
from shipboard.ingest.apply import Source, apply
from shipboard.orders.filters import parse
from shipboard.orders.flags import set_flag
from shipboard.orders.holds import place_hold
from shipboard.orders.models import Colour, Order
from shipboard.orders.notes import add_note
from shipboard.orders.queries import listing
from tests import make
from tests.exports.files import csv_cells, exported, table, wanted

pytestmark = pytest.mark.django_db(transaction=True)

BUYER = {
    "name": "Nguyễn Thị Mai",
    "phone": "(+1)2025550102",
    "country": "US",
    "state": "NY",
    "city": "New York",
    "postal_code": "00501",
    "address": "12 Main St",
}
PACKER = replace(COMMAND_LINE, by="packer@shop.example", rights=RIGHTS[Role.PACKER])


def taken(shop: Shop, *facts: object) -> None:
    apply(shop, facts, Source(by="tests", now=make.NOW))  # type: ignore[arg-type]


@pytest.fixture
def one() -> Order:
    """An order of two lines, one of them in two parcels, with everything that we add."""
    shop = make.shop("Coast", timezone="America/New_York")
    line = make.line(quantity=3, unit_price=Decimal("10.00"), subtotal=Decimal("30.00"))
    line = replace(line, total=Decimal("10.00"), returned=1)
    boxes = (
        make.parcel(package_id="2", tracking_number="T2", contents=(ParcelContent(0, 1),)),
        make.parcel(package_id="1", tracking_number="T1", contents=(ParcelContent(0, 2),)),
    )
    fact = make.order(
        lines=(line, make.line(sku_id="007", seller_sku="=cmd|x")),
        parcels=boxes,
        recipient=BUYER,
        charges={"taxes": Decimal("1.2"), "refund": Decimal(0)},
        buyer_message="+66 call first",
        total=Decimal("-5"),
    )
    taken(shop, fact)
    order = Order.objects.get()
    add_note(order, text="@gift", by="mai@shop.example", now=make.NOW)
    set_flag(order, Colour.RED, by="mai@shop.example", now=make.NOW)
    place_hold(order, reason="Address", by="mai@shop.example", now=make.NOW)
    return order


def test_a_row_for_each_sku_and_parcel_shares_out_what_the_line_costs(one: Order) -> None:
    rows = table(wanted(unmasked=True))
    said = [
        (row["Quantity"], row["Package ID"], row["SKU Subtotal After Discount"]) for row in rows
    ]
    assert said == [("2", "1\t", "6.67"), ("1", "2\t", "3.33"), ("1", "", "9.50")]
    assert [row["Sku Quantity of return"] for row in rows] == ["1", "0", "0"]
    assert [row["Created Time"] for row in rows] == ["11/21/2026 09:00:00 PM\t"] * 3
    assert {(row["Taxes"], row["Order Refund Amount"]) for row in rows} == {("1.20", "0")}


def test_no_cell_starts_a_formula_and_numbers_stay_numbers(one: Order) -> None:
    for layout in ("tiktok", "orders", "lines", "parcels"):
        for row in table(wanted(layout=layout, unmasked=True)):
            for name, cell in row.items():
                risky = cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
                assert not risky or (name.lower(), cell) == ("order amount", "-5.00")
    row = table(wanted(layout="lines", unmasked=True))[1]
    assert (row["SKU ID"], row["Seller SKU"]) == ("007", "'=cmd|x")
    assert (row["Notes"], row["Flag"], row["Held because"]) == ("'@gift", "red", "Address")
    assert (row["Buyer message"], row["Zipcode"]) == ("'+66 call first", "00501")
    assert (row["Time zone"], row["Created"]) == ("America/New_York", "2026-11-21 21:00:00")


def test_personal_data_is_masked_unless_it_is_asked_for_by_who_may_see_it(one: Order) -> None:
    for layout, name in (("tiktok", "Phone #"), ("orders", "Phone"), ("parcels", "Phone")):
        for format_ in ("csv", "xlsx"):
            with pytest.raises(NotAllowed):
                plan(wanted(layout=layout, unmasked=True, format=format_), PACKER, make.NOW)
            with pytest.raises(NotAllowed):
                exported(wanted(layout=layout, unmasked=True, format=format_), PACKER)
        row = table(wanted(layout=layout), PACKER)[0]
        assert (row["Recipient"], row[name]) == ("N**** T**** M****", "(+*)********02")
        assert (row["City"], row["Zipcode"], row["State"]) == ("********", "********", "NY")
        assert table(wanted(layout=layout, unmasked=True))[0][name] == "(+1)2025550102"


def test_every_layout_of_ours_says_how_parcels_travel() -> None:
    shop = make.shop()
    names = ("Leeds", "Hull", "Mars", "7301", "")
    taken(shop, *(make.order(f"57{name}", warehouse=name) for name in names))
    set_logistics(shop, "Leeds", "local")
    remember(shop, [WarehouseFact(remote_id="7301", name="Hull", country="CN")])
    set_logistics(make.shop("Other"), "Mars", "local")
    for layout in ("orders", "lines"):
        told = {row["Warehouse"]: row["Logistics"] for row in table(wanted(layout=layout))}
        assert told == {"Leeds": "local", "Hull": "direct", "Mars": "", "7301": "direct", "": ""}


def test_only_orders_of_shops_that_the_actor_may_see(one: Order) -> None:
    taken(make.shop("Other"), make.order("9"))
    access = replace(COMMAND_LINE, shop_ids=frozenset({one.shop_id}))
    assert {row["Order ID"] for row in table(wanted(layout="orders"), access)} == {one.order_id}
    some = Selection(2, pks=tuple(Order.objects.values_list("pk", flat=True)))
    assert plan(replace(wanted(layout="orders"), selection=some), access, make.NOW).orders == 1


def many(shop: Shop, count: int = 30) -> None:
    facts = [
        make.order(
            f"5760000{n:04}",
            created_at=make.NOW - timedelta(days=40, minutes=n * 7 % 31),
            paid_at=make.NOW - timedelta(minutes=n) if n % 4 else None,
            total=Decimal(n * 13 % 17),
        )
        for n in range(count)
    ]
    taken(shop, *facts)


@pytest.mark.parametrize("key", ["created", "paid", "ship_by", "total", "status"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_rows_stand_as_on_the_page(key: str, sign: str) -> None:
    many(make.shop(), 30)
    query = f"sort={sign}{key}"
    page = listing(parse(f"{query}&per_page=100"), COMMAND_LINE, make.NOW).page.rows
    rows = table(wanted(query, layout="orders", columns=("order_id",)))
    shown, file = [order.order_id for order in page], [row["Order ID"] for row in rows]
    assert sorted(file) == sorted(shown)

    def places(order_ids: list[str]) -> list[object]:
        names = {"created": "created_at", "paid": "paid_at", "status": "ship_by"}
        values = dict(Order.objects.values_list("order_id", names.get(key, key)))
        return [values[each] for each in order_ids]

    assert places(file) == places(shown)


def test_a_plan_is_what_is_written(one: Order) -> None:
    for layout, rows in (("tiktok", 3), ("orders", 1), ("lines", 2), ("parcels", 2)):
        for format_ in ("csv", "xlsx"):
            what = wanted(layout=layout, format=format_)
            _, written = exported(what)
            assert plan(what, COMMAND_LINE, make.NOW) == Planned(1, rows)
            assert (written.orders, written.rows) == (1, rows)


def test_orders_without_goods_and_parcels_without_contents_are_counted_as_written() -> None:
    shop = make.shop()
    boxes = tuple(
        make.parcel(package_id=name, tracking_number=name, contents=held)
        for name, held in (("1", ()), ("2", (ParcelContent(0, 1),)), ("3", (ParcelContent(7, 2),)))
    )
    two = (make.line(quantity=3), make.line(sku_id="2"))
    taken(
        shop,
        make.order("1", lines=()),
        make.order("2", lines=two, parcels=boxes),
        make.order("3", lines=two, parcels=boxes[:1]),
        make.order("4", lines=(make.line(quantity=0),)),
    )
    for layout in ("tiktok", "orders", "lines", "parcels"):
        what = wanted(layout=layout)
        assert plan(what, COMMAND_LINE, make.NOW).rows == exported(what)[1].rows, layout
    assert plan(wanted(), COMMAND_LINE, make.NOW).rows > 6


def test_a_file_is_of_one_instant_and_tells_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "STEP", 5)
    monkeypatch.setattr(writing, "TOLD", 4)
    many(make.shop(), 30)
    heard: list[int] = []
    other = connections["default"].copy()

    def told(rows: int) -> None:
        with other.cursor() as cursor:
            cursor.execute("""update "order" set warehouse = 'Later'""")
        heard.append(rows)

    out = io.BytesIO()
    written = write(wanted(layout="orders"), COMMAND_LINE, make.NOW, out, told, lambda: False)
    other.close()
    assert heard == [4, 8, 12, 16, 20, 24, 28, 30]
    assert (written.orders, written.rows) == (30, 30)
    assert b"Later" not in out.getvalue()
    assert set(Order.objects.values_list("warehouse", flat=True)) == {"Later"}


def test_whoever_cancels_is_heard_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "TOLD", 4)
    many(make.shop(), 30)
    heard: list[int] = []
    with pytest.raises(Canceled):
        write(wanted(), COMMAND_LINE, make.NOW, io.BytesIO(), heard.append, lambda: True)
    assert heard == [4]
    assert Order.objects.count() == 30  # the connection is as good as before


def test_too_many_orders_are_refused_with_periods_that_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MOST_ORDERS", 10)
    monkeypatch.setattr(periods, "MOST_ORDERS", 10)
    shop = make.shop()
    days = (date(2026, 8, 3), date(2026, 9, 1), date(2026, 10, 5), date(2026, 10, 20))
    for at, (day, orders) in enumerate(zip(days, (4, 5, 9, 7), strict=True)):
        created = make.NOW.replace(month=day.month, day=day.day)
        taken(
            shop,
            *(make.order(f"{at}{n}", created_at=created, paid_at=None) for n in range(orders)),
        )
    with pytest.raises(TooMany) as refusal:
        plan(wanted(), COMMAND_LINE, make.NOW)
    told = [(each.query, each.orders) for each in refusal.value.periods]
    assert [orders for _, orders in told] == [9, 9, 7]
    for query, orders in told:
        assert plan(wanted(query), COMMAND_LINE, make.NOW).orders == orders
        assert f"{query} ({orders} orders)" in str(refusal.value)


def test_a_day_that_is_too_many_is_split_by_shop_and_then_by_stage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writing, "MOST_ORDERS", 10)
    monkeypatch.setattr(periods, "MOST_ORDERS", 10)
    day = {"created_at": make.NOW, "paid_at": None}
    stages = [Stage.AWAITING_SHIPMENT] * 6 + [Stage.IN_TRANSIT] * 5 + [Stage.CLOSED] * 12
    far = make.shop("Far East", timezone="Asia/Tokyo")
    taken(make.shop("Near"), *(make.order(f"1{n}", **day) for n in range(9)))
    taken(far, *(make.order(f"2{n}", stage=stage, **day) for n, stage in enumerate(stages)))
    with pytest.raises(TooMany) as refusal:
        plan(wanted(), COMMAND_LINE, make.NOW)
    told = {each.query: each.orders for each in refusal.value.periods}
    same = "created_from=2026-11-22&created_to=2026-11-22"
    assert told == {
        f"{same}&shop=far-east&stage=awaiting_shipment": 6,
        f"{same}&shop=far-east&stage=in_transit": 5,
        f"{same}&shop=near": 9,
    }
    for query, orders in told.items():
        assert plan(wanted(query), COMMAND_LINE, make.NOW).orders == orders
    (beyond,) = refusal.value.beyond
    assert beyond.orders == 12
    assert (
        "Too many even so: 2026-11-22 to 2026-11-22, Far East, Closed (12 orders). Narrow them by "
        "warehouse" in str(refusal.value)
    )


def test_own_columns_in_their_own_order_and_what_is_refused(one: Order) -> None:
    header, row = csv_cells(wanted(layout="orders", columns=("total", "shop", "order_id")))
    assert (header, row) == (["Order amount", "Shop", "Order ID"], ["-5.00", "Coast", one.order_id])
    for given in (
        {"layout": "orders", "columns": ("nothing",)},
        {"layout": "orders", "columns": ("shop", "shop")},
        {"layout": "tiktok", "columns": ("shop",)},
        {"layout": "invoice"},
        {"format": "pdf"},
    ):
        with pytest.raises(BadLayout):
            plan(wanted(**given), COMMAND_LINE, make.NOW)
    for columns in OWN.values():
        assert len({column.key for column in columns}) == len(columns)
        assert len({column.header for column in columns}) == len(columns)


def test_shops_whose_files_differ_do_not_come_into_one(one: Order) -> None:
    thailand = make.shop("Samui", region="TH", timezone="Asia/Bangkok", currency="THB")
    taken(thailand, make.order("9", currency="THB", total=Decimal("120")))
    with pytest.raises(SeveralRegions, match=r"United States: Coast; Thailand.*: Samui") as refusal:
        plan(wanted(), COMMAND_LINE, make.NOW)
    assert [list(shops) for shops in refusal.value.groups.values()] == [[one.shop], [thailand]]
    assert plan(wanted(layout="orders"), COMMAND_LINE, make.NOW).orders == 2
    header, description, row = csv_cells(wanted("shop=samui", with_description=True))
    assert "Province" in header
    assert "State" not in header
    assert description[0] == "Platform unique order ID."
    assert row[header.index("Created Time")] == "22/11/2026 09:00:00\t"


def test_an_order_in_another_currency_says_so(one: Order) -> None:
    taken(one.shop, make.order("9", currency="EUR"))
    (row,) = [row for row in table(wanted()) if row["Order ID"] == "9\t"]
    assert (row["Order Amount"], row["SKU Unit Original Price"]) == ("EUR 12.50", "EUR 9.50")
