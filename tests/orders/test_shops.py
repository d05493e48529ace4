"""Adding a shop: what is taken, and what is refused in words."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from shipboard.channels.models import Shop
from shipboard.channels.shops import BadShop, Rules, add_shop, change_rules, rules_of

pytestmark = pytest.mark.django_db
PRESETS = {"us-standard"}
RULES = {each.name for each in fields(Rules)}


def add(name: str = "Northwind", **given: Any) -> Shop:
    rules = Rules(**{key: given.pop(key) for key in list(given) if key in RULES})
    values: dict[str, Any] = {"region": "US", "timezone": "UTC", "presets": PRESETS, "rules": rules}
    return add_shop(name, **values | given)


def test_a_shop_gets_its_slug_and_its_regions_currency() -> None:
    shop = add("  North   wind & Söhne ", region=" uk ", timezone="Europe/London")
    assert (shop.slug, shop.name) == ("north-wind-sohne", "North wind & Söhne")
    assert (shop.region, shop.currency, shop.after_sales_days) == ("GB", "GBP", 14)


def test_a_region_that_we_know_nothing_of_has_no_currency_yet() -> None:
    assert add(region="ch", timezone="Europe/Zurich").currency == ""


def test_names_in_other_scripts_get_a_slug_of_their_own() -> None:
    slugs = [add(name, region="TH").slug for name in ("ร้านค้า", "ของขวัญ", "杯子店")]
    assert slugs == ["shop-th", "shop-th-2", "shop-th-3"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "  "}, "needs a name"),
        ({"name": "x" * 121}, "120 letters"),
        ({"name": "a\x00b"}, "needs a name"),
        ({"channel": "ebay"}, "no channel 'ebay'"),
        ({"region": "USA"}, "'USA' is not a country code"),
        ({"region": "1A"}, "'1A' is not a country code"),
        ({"region": ""}, "is not a country code"),
        ({"timezone": "PST8"}, "'PST8' is not a time zone"),
        ({"timezone": "localtime"}, "is not a time zone"),
        ({"timezone": "../etc/passwd"}, "is not a time zone"),
        ({"sla": "mars"}, "no SLA preset 'mars'; there are us-standard"),
        ({"sla": "us-standard", "dispatch_hours": 24}, "not both"),
        ({"dispatch_hours": 0}, "between 1 and 1440; 0 was given"),
        ({"auto_cancel_hours": 1441}, "between 1 and 1440; 1441 was given"),
        ({"after_sales_days": 366}, "between 0 and 365; 366 was given"),
    ],
)
def test_what_is_refused_and_how(given: dict[str, Any], said: str) -> None:
    with pytest.raises(BadShop) as refused:
        add(**given)
    assert said in str(refused.value)
    assert Shop.objects.count() == 0


def test_a_second_shop_of_one_name_is_refused() -> None:
    add()
    with pytest.raises(BadShop, match="There is a shop 'northwind' already; choose another name"):
        add("NORTHWIND")
    assert Shop.objects.count() == 1


def test_rules_are_changed_by_the_same_checks() -> None:
    shop = add(sla="us-standard")
    change_rules(shop, Rules(dispatch_hours=24, after_sales_days=7), PRESETS)
    assert rules_of(Shop.objects.get()) == Rules(dispatch_hours=24, after_sales_days=7)
    with pytest.raises(BadShop, match="not both"):
        change_rules(shop, Rules(sla="us-standard", dispatch_hours=24), PRESETS)
    assert rules_of(Shop.objects.get()).sla == ""
