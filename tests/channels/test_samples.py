"""The two sample exports, order by order, against what a correct desk counts in them."""

from __future__ import annotations

import json

import pytest

from shipboard.channels.contract import Shipping, ShopFacts, Stage, StageSource

from .files import PAYLOADS, TH, US, read

EXPECTED = json.loads((PAYLOADS / "orders-expected.json").read_text())
SAMPLES = [("orders-us.csv", "us", US), ("orders-sea.xlsx", "sea", TH)]
# The desk's clock closes what was delivered 14 days ago; the file says Completed for those.
CLOCKWORK = {Stage.DELIVERED: {"delivered", "closed"}, Stage.CLOSED: {"delivered", "closed"}}


@pytest.mark.parametrize(("name", "key", "shop"), SAMPLES)
def test_every_order_of_a_sample_is_taken(name: str, key: str, shop: ShopFacts) -> None:
    result = read(PAYLOADS / name, shop)
    assert result.rejected == []
    assert result.rows == EXPECTED[key]["rows"]
    assert len(result.accepted) == EXPECTED[key]["count"]
    assert set(result.ids) == EXPECTED[key]["orders"].keys()
    for entry in result.accepted:
        fact = entry.fact
        wanted = EXPECTED[key]["orders"][fact.order_id]
        assert str(fact.total) == wanted["amount"]
        assert fact.created_at.isoformat() == wanted["created"]
        assert len(fact.lines) == wanted["skus"]
        assert len(fact.parcels) == wanted["packages"]
        assert wanted["stage"] in CLOCKWORK.get(fact.stage, {fact.stage.value})
        assert fact.stage_source is StageSource.CHANNEL
        assert fact.currency == shop.currency
        assert fact.as_of == result.as_of


def test_a_row_of_the_us_sample_in_full() -> None:
    result = read(PAYLOADS / "orders-us.csv", US)
    first = result.accepted[0]
    fact, line = first.fact, first.fact.lines[0]
    assert first.row == 3  # after the header and the description
    assert fact.status_words == "Completed / Completed"
    assert line.item.sku_name == "110 cm\nGreen"
    assert line.item.sku_id == "1729000000005408677"
    assert (line.quantity, str(line.unit_price), str(line.subtotal)) == (3, "19.54", "58.62")
    assert (str(line.seller_discount), str(line.total)) == ("5.86", "52.76")
    assert str(fact.charges["original_shipping_fee"]) == "5.00"
    assert fact.shipping is Shipping.SELLER
    assert fact.recipient["postal_code"] == "00501"
    assert fact.parcels[0].tracking_number == "9400021895786863113026"
    assert str(fact.parcels[0].weight_kg) == "0.300"


def test_a_sample_warns_of_rows_that_differ_but_names_nobody() -> None:
    result = read(PAYLOADS / "orders-us.csv", US)
    said = " ".join(result.warnings)
    assert "Recipient differs between the rows of one order" in said
    assert not any(name in said for name in ("Souza", "user", "555"))


def test_the_regional_address_block_of_the_sea_sample() -> None:
    result = read(PAYLOADS / "orders-sea.xlsx", TH)
    recipient = result.accepted[0].fact.recipient
    assert recipient["state"] == "Bangkok"
    assert (recipient["district"], recipient["subdistrict"]) == ("Watthana", "Khlong Toei")
