"""Which shops a token may see, and what their seller may do."""

from __future__ import annotations

from sandbox import shops
from sandbox.api import Call, operation
from sandbox.kinds import Doc


@operation(
    "authorized_shops",
    "GET",
    "/authorization/{version}/shops",
    scope="seller.authorization.info",
    cipher=False,
)
def authorized_shops(call: Call) -> Doc:
    mine = [shop for shop in shops.everyone(call.market.books) if shop.id in call.seller["shops"]]
    return {
        "shops": [
            {
                "id": shop.id,
                "name": shop.name,
                "region": shop.region,
                "seller_type": shop.seller_type,
                "cipher": shop.cipher,
                "code": shop.code,
            }
            for shop in mine
        ]
    }


@operation(
    "seller_permissions",
    "GET",
    "/seller/{version}/permissions",
    scope="seller.shop.info",
    cipher=False,
)
def seller_permissions(call: Call) -> Doc:
    mine = [shop for shop in shops.everyone(call.market.books) if shop.id in call.seller["shops"]]
    abroad = any(shop.seller_type == "CROSS_BORDER" for shop in mine)
    return {"permissions": ["MANAGE_GLOBAL_PRODUCT"] if abroad else []}
