"""The search box: every field it promises, many values, and the values that found nothing."""

from __future__ import annotations

import pytest

from shipboard.accounts.access import COMMAND_LINE, Access
from shipboard.accounts.roles import RIGHTS, Role
from shipboard.channels.contract import Stage
from shipboard.ingest.apply import Source, apply
from shipboard.orders.filters import parse
from shipboard.orders.models import Order
from shipboard.orders.queries import listing
from shipboard.orders.search import find
from shipboard.orders.stages import Tab
from tests import make

pytestmark = pytest.mark.django_db
SOURCE = Source(by="tests", now=make.NOW)
MUG = make.line(
    sku_id="1729000000000000001",
    seller_sku="Mug-01",
    product_id="1730000000000000009",
    product_name="Emaillebecher BLAU 100% _echt_ (350 ml)",
    sku_name="Größe L",
)


def found(*values: str, access: Access = COMMAND_LINE) -> list[str]:
    hits = find(values, access)
    return sorted(Order.objects.filter(pk__in=hits.order_pks).values_list("order_id", flat=True))


def test_a_user_name_finds_orders_for_those_who_may_see_it() -> None:
    apply(make.shop(), [make.order(buyer_username="Anna_99")], SOURCE)
    packer = Access(by="packer", rights=RIGHTS[Role.PACKER])
    assert found("anna_99") == ["576000000000000001"]
    assert found("anna_99", access=packer) == []
    assert found("anna_99", "mug-01", access=packer) == ["576000000000000001"]


@pytest.mark.parametrize(
    "value",
    [
        "576000000000000001",
        "1150000000000000001",
        "1z999aa10123456784",
        "1Z999AA10123456784",
        "1zOLDnumber",
        "1729000000000000001",
        "mug-01",
        "MUG-01",
        "größe l",
        "GRÖSSE L".replace("SS", "ß"),
        "1730000000000000009",
        "anna_99",
        "ANNA_99",
        "becher",
        "emaillebecher blau",
        "100%",
        "_echt_",
        "350",
        "be",
    ],
)
def test_every_field(value: str) -> None:
    shop = make.shop()
    for hours, number in enumerate(("1Zoldnumber", "1Z999aa10123456784")):
        fact = make.order(
            as_of=make.NOW + hours * make.HOUR,
            buyer_username="Anna_99",
            lines=(MUG,),
            parcels=(make.parcel(tracking_number=number),),
        )
        apply(shop, [fact], SOURCE)
    apply(
        shop,
        [make.order("2", lines=(make.line(sku_id="9", seller_sku="x", sku_name="y"),))],
        SOURCE,
    )
    assert found(value) == ["576000000000000001"]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("แก้วเคลือบสีน้ำเงิน", "เคลือบ"),
        ("แก้วเคลือบสีน้ำเงิน", "แก้"),
        ("蓝色搪瓷杯 350毫升", "搪瓷杯"),
        ("蓝色搪瓷杯 350毫升", "搪瓷"),
        ("蓝色搪瓷杯 350毫升", "杯"),
        ("Cốc tráng men màu xanh", "TRÁNG"),
    ],
)
def test_a_part_of_a_products_name_in_any_script(name: str, part: str) -> None:
    apply(
        make.shop(),
        [make.order("1", lines=(make.line(product_name=name),)), make.order("2")],
        SOURCE,
    )
    assert found(part) == ["1"]


@pytest.mark.parametrize(
    "value", ["%", "_", "m_g", "%mug%", "mug\\", "a", "1729", "57600000000000000"]
)
def test_what_finds_nothing(value: str) -> None:
    apply(make.shop(), [make.order()], SOURCE)
    hits = find([value], COMMAND_LINE)
    assert (hits.order_pks, hits.not_found) == ((), (value,))


def test_a_parcel_that_the_order_has_left_still_finds_it() -> None:
    shop = make.shop()
    apply(shop, [make.order(parcels=(make.parcel(package_id="P1", tracking_number="T1"),))], SOURCE)
    moved = make.parcel(package_id="P2", tracking_number="T2")
    apply(shop, [make.order(as_of=make.NOW + make.HOUR, parcels=(moved,))], SOURCE)
    for value in ("P1", "T1", "P2", "T2"):
        assert found(value) == ["576000000000000001"], value


def test_a_thousand_values_and_exactly_those_not_found() -> None:
    apply(make.shop(), [make.order(f"5760{number:04d}") for number in range(500)], SOURCE)
    values = [f"5760{number:04d}" for number in range(1000)]
    hits = find(values, COMMAND_LINE)
    assert (len(hits.order_pks), list(hits.not_found)) == (500, values[500:])


def test_other_peoples_shops_are_not_searched() -> None:
    ours, theirs = make.shop("Ours"), make.shop("Theirs")
    for shop in (ours, theirs):
        apply(shop, [make.order(shop.slug)], SOURCE)
    narrow = Access(by="mai", shop_ids=frozenset({ours.pk}))
    assert found("Enamel mug", access=narrow) == ["ours"]
    assert find(["theirs"], narrow).not_found == ("theirs",)
    assert find(["ours"], Access(by="x", shop_ids=frozenset())).not_found == ("ours",)


def test_the_page_says_in_which_tabs_the_hits_are() -> None:
    facts = [make.order("1"), make.order("2", stage=Stage.IN_TRANSIT), make.order("3")]
    apply(make.shop(), facts, SOURCE)
    page = listing(parse("tab=pending_shipping&q=1,2,nothing"), COMMAND_LINE, make.NOW)
    assert [order.order_id for order in page.page.rows] == ["1"]
    assert page.hit_tabs == {Tab.PENDING_SHIPPING: 1, Tab.SHIPPED: 1}
    assert page.hits is not None
    assert page.hits.not_found == ("nothing",)


def test_no_shop_at_all() -> None:
    page = listing(parse("q=1"), COMMAND_LINE, make.NOW)
    assert (page.count, page.hit_tabs) == (0, {})
