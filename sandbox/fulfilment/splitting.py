"""Splitting an order before it is shipped: whether it may or must be, and doing it. By unit in some
markets, by whole SKU in others.
"""

from __future__ import annotations

from sandbox.api import Call, Refusal, operation
from sandbox.fulfilment import births
from sandbox.fulfilment.asked import check_can_ship, lines_of, order_of
from sandbox.fulfilment.carriers import EUROPE
from sandbox.fulfilment.given import line_ids, tables, texts
from sandbox.kinds import Doc

#: Where units of one SKU may go into different packages; of Mexico only its cross-border shops.
BY_UNIT = ("US", "GB", "JP", *EUROPE)
MOST_ASKED = 50
WRITE = "seller.fulfillment.package.write"


@operation(
    "split_attributes",
    "GET",
    "/fulfillment/{version}/orders/split_attributes",
    scope="seller.fulfillment.basic",
)
def split_attributes(call: Call) -> Doc:
    ids = call.many("order_ids")
    if not 1 <= len(ids) <= MOST_ASKED:
        raise Refusal(36009023, f"From 1 to {MOST_ASKED} order_ids.")
    return {"split_attributes": [_attributes(call, order_of(call, id)) for id in ids]}


def _attributes(call: Call, order: Doc) -> Doc:
    reason = why_not(call, order)
    must = _must(call, order)
    return {
        "order_id": order["id"],
        "can_split": not reason,
        "reason": reason,
        "must_split": bool(must) and not reason,
        "must_split_reasons": must,
    }


def _must(call: Call, order: Doc) -> list[Doc]:
    lines = lines_of(order, None)
    most = int(call.fact("most_units_in_package"))
    found = []
    if len({bool(line.get("is_dangerous_good")) for line in lines}) > 1:
        kind = {"type": "CATEGORY_ITEM_LIMITATION", "category_id": "600001", "max_count": "1"}
        found.append(kind)
    if len(lines) > most:
        found.append({"type": "TOTAL_COUNT_LIMITATION", "category_id": "", "max_count": str(most)})
    return found


def why_not(call: Call, order: Doc) -> str:
    """Why the order cannot be split, or nothing."""
    lines = lines_of(order, None)
    if order["status"] != "AWAITING_SHIPMENT":
        return "The order is not awaiting shipment."
    if order.get("split_or_combine_tag") == "COMBINED":
        return "The order is combined with others."
    parts = len(lines) if is_by_unit(call) else len({line["sku_id"] for line in lines})
    return "" if parts > 1 else "There is only one part."


def is_by_unit(call: Call) -> bool:
    return call.shop.region in BY_UNIT or (
        call.shop.region == "MX" and call.shop.seller_type == "CROSS_BORDER"
    )


@operation("split_order", "POST", "/fulfillment/{version}/orders/{order_id}/split", scope=WRITE)
def split_order(call: Call) -> Doc:
    """Lines that no group names stay together in a package of their own."""
    order = order_of(call, call.path["order_id"])
    groups = _groups(call)
    named = [id for _, ids in groups for id in ids]
    lines_of(order, named)
    check_can_ship(call, order, lines_of(order, None))
    if order.get("split_or_combine_tag") == "COMBINED":
        raise Refusal(21011033, "The order is combined with others.")
    if why_not(call, order):
        raise Refusal(21011035, why_not(call, order))
    if len(named) != len(set(named)):
        raise Refusal(36009010, "A line is in two groups.")
    _whole_skus(call, order, groups)
    rest = [line["id"] for line in lines_of(order, None) if line["id"] not in named]
    parts = groups + ([("", rest)] if rest else [])
    if len(parts) < 2:
        raise Refusal(21011036, "A split makes two packages at least.")
    made = _split(call, order, parts)
    return {
        "packages": [
            {"splittable_group_id": group, "id": package["package_id"]}
            for (group, _), package in zip(parts, made, strict=True)
        ]
    }


def _groups(call: Call) -> list[tuple[str, list[str]]]:
    """(our id of the group, its lines), from either of the two fields for it."""
    if newer := call.body.get("splittable_groups_v2"):
        return [(str(one.get("id")), line_ids(one.get("order_line_list"))) for one in tables(newer)]
    groups = tables(call.need("splittable_groups"))
    return [(str(one.get("id")), texts(one.get("order_line_item_ids"))) for one in groups]


def _whole_skus(call: Call, order: Doc, groups: list[tuple[str, list[str]]]) -> None:
    """Raises Refusal when the units of a SKU part where they may not."""
    if is_by_unit(call):
        return
    sku_of = {line["id"]: line["sku_id"] for line in lines_of(order, None)}
    group_of = {id: number for number, (_, ids) in enumerate(groups) for id in ids}
    places: dict[str, set[int]] = {}
    for id, sku in sku_of.items():
        places.setdefault(sku, set()).add(group_of.get(id, -1))
    if any(len(where) > 1 for where in places.values()):
        raise Refusal(21011035, "The units of one SKU go together in this market.")


def _split(call: Call, order: Doc, parts: list[tuple[str, list[str]]]) -> list[Doc]:
    market, shop = call.market, call.shop.id
    old = births.waiting(market, shop, [order])
    for package in old:
        births.end(market, shop, package, [order])
    renames = call.on("split_renames_all") or call.strikes("package_id_changes_on_split")
    kept = "" if renames or not old else old[0]["package_id"]
    made = [
        births.bear(market, shop, [order], ids, id="" if number else kept)
        for number, (_, ids) in enumerate(parts)
    ]
    for package in made:
        market.books.put("package", shop, package | {"split_and_combine_tag": "SPLIT"})
    order["split_or_combine_tag"] = "SPLIT"
    births.keep(market, shop, [order])
    market.books.note(
        "split", shop, call.now, order_id=order["id"], detail={"parts": [ids for _, ids in parts]}
    )
    births.tell(market, shop, "SPLIT", made)
    return made
