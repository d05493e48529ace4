"""Warehouses, the delivery options that serve them, and the carriers a seller may choose from."""

from __future__ import annotations

from sandbox.api import Call, Refusal, operation
from sandbox.fulfilment.carriers import PLATFORM_OPTION, SELLER_OPTION, of_region
from sandbox.kinds import Doc

SCOPE = "seller.logistics"


@operation("warehouses", "GET", "/logistics/{version}/warehouses", scope=SCOPE)
def warehouses(call: Call) -> Doc:
    places = call.shop.warehouses
    return {"warehouses": [_warehouse(one, place == 0) for place, one in enumerate(places)]}


def _warehouse(known: Doc, first: bool) -> Doc:
    """As the shop has it, with what it leaves out filled in; `region` is where it stands."""
    region = known.get("region", "")
    usual = {
        "entity_id": known["id"],
        "effect_status": "ENABLED",
        "type": "SALES_WAREHOUSE",
        "sub_type": "DOMESTIC_WAREHOUSE",
        "is_default": first,
    }
    address = {"region_code": region, "full_address": "", "contact_person": ""}
    own = {name: value for name, value in known.items() if name != "region"}
    return usual | own | {"address": address | (known.get("address") or {})}


@operation(
    "delivery_options",
    "GET",
    "/logistics/{version}/warehouses/{warehouse_id}/delivery_options",
    scope=SCOPE,
)
def delivery_options(call: Call) -> Doc:
    if not any(one["id"] == call.path["warehouse_id"] for one in call.shop.warehouses):
        raise Refusal(36009010, "The warehouse does not exist.")
    return {
        "delivery_options": [
            _option(PLATFORM_OPTION, "Standard shipping", "STANDARD"),
            _option(SELLER_OPTION, "Shipped by seller", "SEND_BY_SELLER"),
        ]
    }


def _option(id: str, name: str, type: str) -> Doc:
    return {
        "id": id,
        "name": name,
        "type": type,
        "description": name,
        "dimension_limit": {"max_length": 274, "max_width": 150, "max_height": 150, "unit": "CM"},
        "weight_limit": {"min_weight": 1, "max_weight": 31751, "unit": "GRAM"},
        "platform": ["TIKTOK_SHOP"],
    }


@operation(
    "shipping_providers",
    "GET",
    "/logistics/{version}/delivery_options/{delivery_option_id}/shipping_providers",
    scope=SCOPE,
)
def shipping_providers(call: Call) -> Doc:
    option = call.path["delivery_option_id"]
    if option == PLATFORM_OPTION:
        raise Refusal(21008117)
    if option != SELLER_OPTION:
        raise Refusal(36009010, "The delivery option does not exist.")
    found = of_region(call.shop.region)
    return {"shipping_providers": [{"id": one.id, "name": one.name} for one in found]}
