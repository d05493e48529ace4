"""Which units and orders travel together, in TikTok Shop's words: splitting an order, combining
orders and taking them apart again; bodies and readers. Nothing is called from here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shipboard.channels.contract import ChannelFailure, Combinable, SplitAdvice
from shipboard.channels.tiktok.errors import failure
from shipboard.channels.tiktok.values import Odd, Payload, flag, ident, parts, text

SPLIT, COMBINE, UNCOMBINE = "split_order", "combine_packages", "uncombine_package"
TOO_MANY = "TOTAL_COUNT_LIMITATION"
APART = "CATEGORY_ITEM_LIMITATION"


def split_body(groups: Sequence[Sequence[str]]) -> dict[str, object]:
    """The ids of the groups are ours, and only for this call."""
    named = [
        {"id": str(number), "order_line_item_ids": list(units)}
        for number, units in enumerate(groups, start=1)
    ]
    return {"splittable_groups": named}


def combine_body(group: Combinable) -> dict[str, object]:
    together = {"id": group.remote_id, "order_ids": list(group.order_ids)}
    return {"combinable_packages": [together]}


def uncombine_body(order_ids: Sequence[str]) -> dict[str, object]:
    return {"order_ids": list(order_ids)} if order_ids else {}


def read_packages(data: Payload) -> tuple[str, ...]:
    """The ids of the packages that were made. They were, so nothing here can fail: what is odd is
    left out."""
    made = data.get("packages")
    ids = [one.get("id") for one in made if isinstance(one, dict)] if isinstance(made, list) else []
    return tuple(id for id in ids if isinstance(id, str) and id)


def refusal(operation: str, data: Payload, request_id: str) -> ChannelFailure | None:
    """The failure of a change that code 0 refuses in its `errors`; None where it names none. With
    packages made besides, some of it was done."""
    told = data.get("errors")
    errors = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    if not errors:
        return None
    code = text(errors[0], "code")
    return failure(operation, code, text(errors[0], "message"), request_id, 200)


def read_combinable(data: Payload) -> tuple[Combinable, ...]:
    """Raises Odd."""
    return tuple(
        Combinable(remote_id=ident(one, "id"), order_ids=tuple(_order_ids(one)))
        for one in parts(data, "combinable_packages")
    )


def _order_ids(one: Payload) -> Iterator[str]:
    """Raises Odd."""
    told = one.get("order_ids") or []
    if not isinstance(told, list):
        raise Odd("order_ids is not a list.")
    for value in dict.fromkeys(map(str, told)):
        if order_id := ident({"order_ids": value}, "order_ids"):
            yield order_id


def read_split_advice(data: Payload) -> tuple[SplitAdvice, ...]:
    """Raises Odd."""
    return tuple(
        SplitAdvice(
            order_id=ident(one, "order_id"),
            can_split=flag(one, "can_split"),
            must_split=flag(one, "must_split"),
            reasons=tuple(_reasons(one)),
        )
        for one in parts(data, "split_attributes")
        if ident(one, "order_id")
    )


def _reasons(one: Payload) -> Iterator[str]:
    """Why it must be split, or why it cannot. Raises Odd."""
    for reason in parts(one, "must_split_reasons"):
        kind, most = text(reason, "type"), text(reason, "max_count")
        if kind == TOO_MANY and most:
            yield f"A package holds {most} units at most."
        elif kind == TOO_MANY:
            yield "The order holds more units than a package may."
        elif kind == APART:
            yield "Some of the goods must travel in a package of their own."
        elif kind:
            yield f"TikTok Shop asks for it ({kind})."
    if words := text(one, "reason"):
        yield words
