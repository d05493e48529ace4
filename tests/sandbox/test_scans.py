"""What carriers tell of packages: places as carriers in the US name them, scans that are older than
the order, and packages that go to another post code.
"""

from __future__ import annotations

import pytest

from sandbox.kinds import Doc
from sandbox.market import Market
from sandbox.testing import Caller
from sandbox.verbs import CannotDo
from tests.sandbox.conftest import TH, US
from tests.sandbox.lives import do
from tests.sandbox.shipping import GULL, MONSOON, mark, order, package_id, ready, ship


def told(caller: Caller, doc: Doc) -> list[Doc]:
    path = f"/fulfillment/202309/orders/{doc['id']}/tracking"
    found: list[Doc] = caller.data("GET", path)["tracking"]
    return found


def marked(market: Market, us: Caller) -> Doc:
    (one,) = ready(market, US, shipping_type="SELLER")
    assert mark(us, one, "GX000000000001", GULL) == 0
    return order(market, US, one)


def test_american_carriers_say_where_they_delivered(market: Market, us: Caller) -> None:
    one = marked(market, us)
    do(market, "collect", US, order_id=one["id"])
    do(market, "deliver", US, order_id=one["id"])
    words = [each["description"] for each in told(us, one)]
    assert "Delivered, Portland, Oregon 97201." in words


def test_thai_carriers_do_not(market: Market, th: Caller) -> None:
    (one,) = ready(market, TH, shipping_type="SELLER")
    own = {"tracking_number": "MS0000000001", "shipping_provider_id": MONSOON}
    assert ship(th, package_id(one), self_shipment=own) == 0
    do(market, "collect", TH, order_id=one["id"])
    do(market, "deliver", TH, order_id=one["id"])
    assert "Delivered." in [each["description"] for each in told(th, one)]


@pytest.mark.parametrize(("given", "hours"), [({}, 30), ({"hours": "48"}, 48)])
def test_a_scan_older_than_the_order(market: Market, us: Caller, given: Doc, hours: int) -> None:
    one = marked(market, us)
    do(market, "scan_early", US, order_id=one["id"], **given)
    oldest = told(us, one)[-1]
    assert oldest["action_code"] == 201
    assert oldest["update_time_millis"] == (one["create_time"] - hours * 3600) * 1000
    assert order(market, US, one)["status"] == "AWAITING_COLLECTION"


def test_a_package_that_goes_elsewhere(market: Market, us: Caller) -> None:
    one = marked(market, us)
    do(market, "collect", US, order_id=one["id"])
    where = do(market, "scan_elsewhere", US, order_id=one["id"], seed="3")["where"]
    assert "97201" not in where
    do(market, "deliver", US, order_id=one["id"])
    words = [each["description"] for each in told(us, one)]
    assert {f"Out for delivery, {where}.", f"Delivered, {where}."} <= set(words)
    again = {each["description"] for each in _across_borders(us, one)}
    assert again == set(words)


def _across_borders(us: Caller, doc: Doc) -> list[Doc]:
    (parcel,) = us.data("GET", f"/logistics/202604/orders/{doc['id']}/tracking")[
        "logistics_details"
    ]
    found: list[Doc] = parcel["track_list"]
    return found


@pytest.mark.parametrize("verb", ["scan_early", "scan_elsewhere"])
def test_there_is_no_scan_of_what_is_not_shipped(market: Market, verb: str) -> None:
    (one,) = ready(market, TH)
    with pytest.raises(CannotDo):
        do(market, verb, TH, order_id=one["id"])
