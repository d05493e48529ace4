"""Whatever an order or a case looks like, it is read or refused in a sentence, and a refusal tells
nobody's name or address.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shipboard.channels.contract import Heard, Unheard
from shipboard.channels.tiktok.cases import read_cancellation, read_return
from shipboard.channels.tiktok.orders import read_order
from shipboard.channels.tiktok.packages import read_package
from shipboard.channels.tiktok.values import Odd
from tests.channels.tiktok.payloads import AT, READING, order, unit

SECRET = "Xanthippe Quux 99 Fern Lane"
WHOLE = order(
    is_buyer_request_cancel=True,
    request_cancel_time=AT,
    rts_sla_time=AT,
    cancel_order_sla_time=AT,
    order_rights=[1, 2],
    buyer_email="x@chat.example.com",
    packages=[{"id": "1151"}],
    line_items=[
        unit(1, package_id="1151", tracking_number="T1", rts_time=AT, is_gift=False),
        unit(2, combined_listing_skus=[{"sku_id": "17", "sku_count": 2}], item_tax=[]),
    ],
)
CASE = {
    "order_id": "5768",
    "cancel_id": "4035",
    "return_id": "4035",
    "cancel_status": "CANCELLATION_REQUEST_PENDING",
    "return_type": "REFUND",
    "create_time": AT,
    "refund_amount": {"currency": "USD", "refund_total": "3.00"},
    "seller_next_action_response": [{"action": "SELLER_RESPOND_REFUND", "deadline": AT}],
}
PACKAGE = {"package_id": "1151", "package_status": "PROCESSING", "orders": [{"id": "5768"}]}
json_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from([SECRET, "", "0", "-1", "1e5", "NaN", "\ud800", "\0", 10**40]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def paths(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        keys = list(value) if isinstance(value, dict) else range(len(value))
        for key in keys:
            yield (*here, key)
            yield from paths(value[key], (*here, key))


def changed(whole: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """The payload with odd values, nulls and gaps at a few of its paths."""
    gap = object()
    change = st.tuples(
        st.sampled_from(list(paths(whole))), st.one_of(st.none(), st.just(gap), json_values)
    )

    def apply(changes: list[tuple[tuple[Any, ...], Any]]) -> dict[str, Any]:
        payload = copy.deepcopy(whole)
        for path, value in changes:
            holder: Any = payload
            try:
                for key in path[:-1]:
                    holder = holder[key]
                holder[path[-1]]
            except (KeyError, IndexError, TypeError):
                continue
            if isinstance(holder, str):
                continue
            if value is gap:
                del holder[path[-1]]
            else:
                holder[path[-1]] = value
        return payload

    return st.lists(change, max_size=4).map(apply)


@settings(max_examples=600, deadline=None)
@given(changed(WHOLE))
def test_orders(payload: dict[str, Any]) -> None:
    told = read_order(payload, READING)
    assert isinstance(told, Heard | Unheard)
    json.loads(told.payload)
    assert told.payload.encode()
    if isinstance(told, Unheard):
        assert told.reason.endswith(".")
        assert SECRET not in told.reason
        assert "Ana" not in told.reason
        assert "Main St" not in told.reason
    else:
        for line in told.fact.lines:
            assert line.quantity > 0
            assert len(line.unit_ids) <= line.quantity
        for parcel in told.fact.parcels:
            assert parcel.package_id or parcel.tracking_number
            assert all(0 <= each.line < len(told.fact.lines) for each in parcel.contents)


@settings(max_examples=300, deadline=None)
@given(json_values)
def test_anything_at_all(payload: Any) -> None:
    assert isinstance(read_order(payload, READING), Heard | Unheard)
    assert isinstance(read_cancellation(payload), tuple | Unheard)
    assert isinstance(read_return(payload), tuple | Unheard)


@settings(max_examples=300, deadline=None)
@given(changed(CASE), changed(PACKAGE))
def test_cases_and_packages(case: dict[str, Any], package: dict[str, Any]) -> None:
    for read in (read_cancellation, read_return):
        told = read(case)
        assert isinstance(told, tuple | Unheard)
        if isinstance(told, Unheard):
            assert told.reason.endswith(".")
            assert SECRET not in told.reason
    with suppress(Odd):
        assert read_package(package).package_id
