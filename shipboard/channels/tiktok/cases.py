"""Cancellations and returns: the payloads of their searches (202309 and 202602) to CaseFacts, and
the case that an order's own mark of a buyer's request stands for.

A case is a register of its own when accounts are merged, and the newest account of it wins. A
request that is known from the order's mark alone has no id: a newer account that knows it by its id
takes its place (ingest/merge.py), and it is over once somebody looks and there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from shipboard.channels.contract import CaseFact, CaseKind, Unheard
from shipboard.channels.tiktok.values import (
    LONG,
    Odd,
    Payload,
    as_sent,
    flag,
    ident,
    instant,
    money,
    part,
    parts,
    text,
)

#: By return_type; one that we do not know is a return.
RETURNS: Mapping[str, CaseKind] = {
    "REFUND": CaseKind.REFUND,
    "RETURN_AND_REFUND": CaseKind.RETURN,
    "REPLACEMENT": CaseKind.REPLACEMENT,
    "EXCHANGE": CaseKind.REPLACEMENT,
}
#: The seller's or the system's own cancellation waits for nobody here.
OWN_CANCELLATION = "CANCEL"
PENDING = "_REQUEST_PENDING"
CANCELLATION_PENDING = f"CANCELLATION{PENDING}"

Told = tuple[str, CaseFact]


def read_cancellation(payload: object) -> Told | Unheard:
    """(order id, case) of one entry of a search for cancellations. Never raises."""
    return _read(payload, "cancel_id", _cancellation)


def read_return(payload: object) -> Told | Unheard:
    """(order id, case) of one entry of a search for returns. Never raises."""
    return _read(payload, "return_id", _return)


def cases_on(order: Payload, told: Sequence[CaseFact] | None) -> tuple[CaseFact, ...]:
    """The cases of an account of `order`: those `told` (looked up at the channel; None: nobody
    looked), and the nameless one of the order's own mark: open where the mark is set and no open
    cancellation is known by its id, closed where it is not set and somebody looked and found no
    cancellation. Raises Odd."""
    is_asked = flag(order, "is_buyer_request_cancel")
    cancellations = [case for case in told or () if case.kind is CaseKind.CANCELLATION]
    is_known = any(case.is_open for case in cancellations)
    is_refuted = told is not None and not told
    if is_known or not (is_asked or is_refuted):
        return tuple(told or ())
    nameless = CaseFact(
        kind=CaseKind.CANCELLATION,
        is_open=is_asked,
        reason=text(order, "cancel_reason", LONG) if is_asked else "",
        requested_at=instant(order, "request_cancel_time"),
    )
    return (*(told or ()), nameless)


def _read(
    payload: object, id_name: str, read: Callable[[Payload, str], CaseFact]
) -> Told | Unheard:
    if not isinstance(payload, dict):
        reason = "The entry is not an object."
        return Unheard(order_id="", reason=reason, payload=as_sent(payload))
    order_id = ""
    try:
        order_id = ident(payload, "order_id")
        case_id = ident(payload, id_name)
        if not order_id or not case_id:
            raise Odd(f"The case has no {'order_id' if case_id else id_name}.")
        return order_id, read(payload, case_id)
    except Odd as odd:
        return Unheard(order_id=order_id, reason=str(odd), payload=as_sent(payload))


def _cancellation(payload: Payload, case_id: str) -> CaseFact:
    waits, respond_by = _next_action(payload)
    is_pending = text(payload, "cancel_status") == CANCELLATION_PENDING
    is_own = text(payload, "cancel_type") == OWN_CANCELLATION
    return CaseFact(
        kind=CaseKind.CANCELLATION,
        case_id=case_id,
        is_open=waits or (is_pending and not is_own),
        respond_by=respond_by,
        reason=text(payload, "cancel_reason_text", LONG) or text(payload, "cancel_reason", LONG),
        amount=_refund(payload),
        requested_at=instant(payload, "create_time"),
    )


def _return(payload: Payload, case_id: str) -> CaseFact:
    waits, respond_by = _next_action(payload)
    return CaseFact(
        kind=RETURNS.get(text(payload, "return_type"), CaseKind.RETURN),
        case_id=case_id,
        is_open=waits or text(payload, "return_status").endswith(PENDING),
        respond_by=respond_by,
        reason=text(payload, "return_reason_text", LONG) or text(payload, "return_reason", LONG),
        amount=_refund(payload),
        requested_at=instant(payload, "create_time"),
    )


def _next_action(payload: Payload) -> tuple[bool, datetime | None]:
    """Whether the seller has to do something, and by when. One object or a list of them, by either
    of two names."""
    actions = [
        one
        for name in ("seller_next_action_response", "seller_next_action")
        for one in _objects(payload, name)
        if text(one, "action")
    ]
    deadlines = [at for one in actions if (at := instant(one, "deadline"))]
    return bool(actions), min(deadlines, default=None)


def _objects(payload: Payload, name: str) -> list[Payload]:
    value = payload.get(name)
    return [value] if isinstance(value, dict) else parts(payload, name)


def _refund(payload: Payload) -> Decimal | None:
    return money(part(payload, "refund_amount"), "refund_total")
