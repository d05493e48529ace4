"""Webhooks: signatures on the raw body, and the hint of each type."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipboard.channels.contract import Hint
from shipboard.channels.tiktok.signing import sign_hook
from shipboard.channels.tiktok.webhooks import hint, is_signed
from tests.channels.tiktok import made

ORDER = "576684019603311365"


def body(type: object, data: object = None, **more: Any) -> bytes:
    head = {"type": type, "shop_id": "7494726673780148744", "timestamp": 1664095733}
    return json.dumps(head | {"data": data} | more).encode()


@pytest.mark.django_db
def test_a_signature_is_over_key_and_raw_body() -> None:
    app = made.app()
    raw = b'{"type": 1,   "data": {}}'
    good = sign_hook("key1", "secret1", raw)
    assert is_signed(app, {"Authorization": good}, raw)
    assert is_signed(app, {"authorization": good}, raw)
    assert not is_signed(app, {"Authorization": good}, raw.replace(b"   ", b" "))
    assert not is_signed(app, {"Authorization": sign_hook("key1", "other", raw)}, raw)
    for bad in ("", "ลายเซ็น", good.upper(), good[:-1]):
        assert not is_signed(app, {"Authorization": bad}, raw)
    assert not is_signed(app, {}, raw)


@pytest.mark.parametrize(
    ("type", "kind", "data"),
    [
        (1, "ORDER_STATUS_CHANGE", {"order_id": ORDER, "order_status": "CANCEL"}),
        (3, "RECIPIENT_ADDRESS_UPDATE", {"order_id": ORDER}),
        (11, "CANCELLATION_STATUS_CHANGE", {"order_id": ORDER, "cancel_id": "4035"}),
        (12, "RETURN_STATUS_CHANGE", {"order_id": int(ORDER), "return_id": "4036"}),
        (36, "INVOICE_STATUS_CHANGE", {"package_id": "115", "order_ids": [ORDER]}),
        (
            4,
            "PACKAGE_UPDATE",
            {"package_list": [{"package_id": "1", "order_id_list": [ORDER, ORDER]}, {}, None]},
        ),
    ],
)
def test_types_about_orders(type: int, kind: str, data: object) -> None:
    assert hint(body(type, data, tts_notification_id="7380")) == Hint(
        remote_shop_id="7494726673780148744",
        notification_id="7380",
        kind=kind,
        order_ids=(ORDER,),
        said_at=datetime(2022, 9, 25, 8, 48, 53, tzinfo=UTC),
    )


def test_a_combined_package_names_all_its_orders_once() -> None:
    packages = [{"order_id_list": ["1", "2"]}, {"order_id_list": ["2", "3"]}]
    assert hint(body(4, {"package_list": packages})).order_ids == ("1", "2", "3")


def test_access_withdrawn() -> None:
    found = hint(body(6, {"message": "Somchai has left"}))
    assert found.deauthorised
    assert found.notice == "The seller withdrew this desk's access at TikTok Shop."


def test_access_ends_soon() -> None:
    found = hint(body(7, {"message": "", "expiration_time": "1664095733"}))
    assert not found.deauthorised
    assert found.notice == "This desk's access at TikTok Shop ends on 2022-09-25 08:48 UTC."
    assert "within 30 days" in hint(body(7, {"expiration_time": "soon"})).notice


def test_a_type_of_the_future_is_told_apart() -> None:
    found = hint(body(99, {"order_id": ORDER}))
    assert not found.is_known
    assert found.kind == "type 99"
    assert found.order_ids == (ORDER,)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 200_000, "not JSON"),
        (b"[1]", "not a JSON object"),
        (b"{}", "no type"),
        (b'{"type": true}', "no type"),
        (b'{"type": "1"}', "no type"),
        (body(1, None), "names no order"),
        (body(1, {"order_id": ""}), "names no order"),
        (body(4, {"package_list": "x"}), "names no order"),
    ],
)
def test_bad_bodies_say_what_is_wrong(raw: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        hint(raw)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["order_id", "order_ids", "package_list", "order_id_list", "x"]), inner
        )
    ),
    max_leaves=8,
)


@given(st.sampled_from([1, 3, 4, 6, 7, 11, 12, 36, 64, 99]), JSON, JSON, JSON)
def test_no_body_breaks_the_reader(type: int, data: Any, time: Any, shop: Any) -> None:
    raw = json.dumps({"type": type, "data": data, "timestamp": time, "shop_id": shop}).encode()
    try:
        found = hint(raw)
    except ValueError:
        return
    assert all(isinstance(id, str) and id and "\0" not in id for id in found.order_ids)
