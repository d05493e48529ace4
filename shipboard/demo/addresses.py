"""An order's recipient as the marketplace knows it, and as much of that as it shows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from shipboard.channels.contract import OrderFact, Shipping, Stage
from shipboard.demo.life import changed_at

Doc = dict[str, Any]

MASKED_AFTER = timedelta(days=30)
UNSURE = {Stage.UNPAID, Stage.ON_HOLD}


def known_address(fact: OrderFact) -> Doc:
    """As the API would show it in full."""
    to = fact.recipient
    street = to["address"]
    return {
        "name": to["name"],
        "first_name": to["name"].split()[0],
        "last_name": to["name"].split()[-1],
        "phone_number": to["phone"],
        "address_line1": street,
        "address_line2": "",
        "address_line3": "",
        "address_line4": "",
        "address_detail": street,
        "postal_code": to["postal_code"],
        "full_address": f"{street}, {to['city']}, {to['state']} {to['postal_code']}",
        "region_code": to["country"],
        "district_info": [
            {"address_level": "L1", "address_level_name": "state", "address_name": to["state"]},
            {"address_level": "L2", "address_level_name": "city", "address_name": to["city"]},
        ],
    }


def shown_address(fact: OrderFact) -> Doc:
    """Nothing before the order is sure, and no more than its beginning where the platform ships; in
    the United States all of it, until the order has been over for a month or was canceled."""
    known = known_address(fact)
    if fact.stage in UNSURE:
        return dict.fromkeys(known, "") | {
            "region_code": known["region_code"],
            "district_info": [],
        }
    return known if is_open(fact) else {key: _masked(key, value) for key, value in known.items()}


def is_open(fact: OrderFact) -> bool:
    if fact.recipient["country"] == "US":
        return not is_over(fact) and fact.stage is not Stage.CANCELED
    return fact.shipping is Shipping.SELLER and not fact.is_platform_fulfilled


def is_over(fact: OrderFact) -> bool:
    """Completed so long ago that the address is masked for good."""
    return fact.stage is Stage.CLOSED and fact.as_of - changed_at(fact) >= MASKED_AFTER


def _masked(key: str, value: object) -> object:
    if not isinstance(value, str) or key == "region_code":
        return value
    return f"{value[:1]}****" if value else ""
