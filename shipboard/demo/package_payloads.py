"""The parcels of a demo shop as documents of the marketplace's API; one may hold several orders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from shipboard.channels.contract import OrderFact, ParcelFact
from shipboard.demo.life import changed_at
from shipboard.demo.markets import Market
from shipboard.demo.payloads import unix
from shipboard.demo.units import parcels_of, provider_id, status_of

Doc = dict[str, Any]
#: An order, and its document.
Told = tuple[OrderFact, Doc]

#: What the carrier says at each step, and its code for that.
SCANS = (
    ("arranged_at", "The carrier has been told of the package.", 101),
    ("collected_at", "The package has been collected.", 201),
    ("delivered_at", "The package has been delivered.", 501),
)


def packages_of(told: Iterable[Told], market: Market) -> Iterator[Doc]:
    """The packages of these orders, which are all orders of the shop."""
    parcels: dict[str, tuple[ParcelFact, list[Told]]] = {}
    for fact, order in told:
        for parcel in parcels_of(fact, market):
            parcels.setdefault(parcel.package_id, (parcel, []))[1].append((fact, order))
    for parcel, inside in parcels.values():
        yield _package(parcel, inside, market)


def _package(parcel: ParcelFact, inside: list[Told], market: Market) -> Doc:
    fact, order = inside[0]
    units = [unit for _, each in inside for unit in _units(each, parcel)]
    status, finer = status_of(parcel, fact.stage)
    tag = "COMBINE" if len(inside) > 1 else "SPLIT" if len(order["packages"]) > 1 else "DEFAULT"
    copied = ("shipping_type", "delivery_option_id", "delivery_option_name", "warehouse_id")
    weight = {"value": str(int(parcel.weight_kg * 1000)), "unit": "GRAM"} if parcel.weight_kg else 0
    return {
        "package_id": parcel.package_id,
        "orders": [{"id": each["id"], "skus": _skus(each, parcel)} for _, each in inside],
        "order_line_item_ids": [unit["id"] for unit in units],
        "package_status": status,
        "package_sub_status": finer,
        "split_and_combine_tag": tag,
        **{name: order[name] for name in copied},
        "shipping_provider_id": provider_id(parcel.carrier, market),
        "shipping_provider_name": parcel.carrier,
        "tracking_number": parcel.tracking_number,
        "has_multi_skus": len({unit["sku_id"] for unit in units}) > 1,
        "recipient_address": order["recipient_address"],
        "create_time": unix(fact.paid_at or fact.created_at),
        "update_time": unix(changed_at(fact)),
        **({"weight": weight} if weight else {}),
        "_": _untold(parcel, fact),
    }


def _units(order: Doc, parcel: ParcelFact) -> list[Doc]:
    return [unit for unit in order["line_items"] if unit.get("package_id") == parcel.package_id]


def _skus(order: Doc, parcel: ParcelFact) -> list[Doc]:
    found: dict[str, Doc] = {}
    for unit in _units(order, parcel):
        shown = {"id": unit["sku_id"], "name": unit["product_name"], "image_url": ""}
        sku = found.setdefault(unit["sku_id"], {**shown, "quantity": 0})
        sku["quantity"] += 1
    return list(found.values())


def _untold(parcel: ParcelFact, fact: OrderFact) -> Mapping[str, object]:
    """When it was shipped, and what the carrier has told of it."""
    if not parcel.tracking_number:
        return {}
    steps = {name: getattr(fact, name) for name, *_ in SCANS}
    steps["arranged_at"] = steps["arranged_at"] or changed_at(fact)
    return {
        "shipped_at": unix(steps["arranged_at"]),
        "scans": [
            {"description": words, "update_time_millis": unix(at) * 1000, "action_code": code}
            for name, words, code in SCANS
            if (at := steps[name])
        ],
    }
