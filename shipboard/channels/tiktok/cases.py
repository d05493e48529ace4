"""Cancellations and returns: the payloads of their searches (202309 and 202602) to CaseFacts, and
the case that an order's own mark of a buyer's request stands for.

A case is a register of its own when accounts are merged, and the newest account of it wins. A
request that is known from the order's mark alone has no id: a newer account that knows it by its id
takes its place (ingest/merge.py), and it is over once somebody looks and there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from shipboard.channels.case_contract import CaseStep, Decision
from shipboard.channels.contract import CaseFact, CaseKind, Unheard
from shipboard.channels.tiktok.decided import has_come_of
from shipboard.channels.tiktok.reasons import words
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

#: What a seller is asked to do, by either spelling.
STEPS: Mapping[str, CaseStep] = {
    "SELLER_RESPOND_CANCEL": CaseStep.CANCEL,
    "SELLER_RESPOND_BUYER_CANCEL": CaseStep.CANCEL,
    "SELLER_RESPOND_REFUND": CaseStep.REFUND,
    "SELLER_RESPOND_RETURN": CaseStep.RETURN,
    "SELLER_RESPOND_RECEIVE_PACKAGE": CaseStep.PACKAGE,
    "SELLER_RESPOND_REPLACEMENT": CaseStep.REPLACEMENT,
}
#: What a request that waits is about, where nothing says what to do.
FIRST_STEPS: Mapping[CaseKind, CaseStep] = {
    CaseKind.CANCELLATION: CaseStep.CANCEL,
    CaseKind.REFUND: CaseStep.REFUND,
    CaseKind.RETURN: CaseStep.RETURN,
    CaseKind.REPLACEMENT: CaseStep.REPLACEMENT,
}

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
        step=CaseStep.CANCEL if is_asked else CaseStep.NOTHING,
        by="buyer" if is_asked else "",
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
    status = text(payload, "cancel_status")
    is_own = text(payload, "cancel_type") == OWN_CANCELLATION
    return replace(
        _case(payload, CaseKind.CANCELLATION, status == CANCELLATION_PENDING and not is_own),
        case_id=case_id,
        status=status,
        is_granted=has_come_of(Decision.APPROVE_CANCEL, status),
        reason=_reason(payload, "cancel_reason"),
        reason_name=text(payload, "cancel_reason"),
        unit_ids=_units(payload, "cancel_line_items"),
    )


def _return(payload: Payload, case_id: str) -> CaseFact:
    kind = RETURNS.get(text(payload, "return_type"), CaseKind.RETURN)
    status = text(payload, "return_status")
    return replace(
        _case(payload, kind, status.endswith(PENDING)),
        case_id=case_id,
        status=status,
        reason=_reason(payload, "return_reason"),
        reason_name=text(payload, "return_reason"),
        unit_ids=_units(payload, "return_line_items"),
        dispute=text(payload, "arbitration_status").lower(),
        tracking_number=text(payload, "return_tracking_number"),
        carrier=text(payload, "return_provider_name"),
    )


def _case(payload: Payload, kind: CaseKind, is_pending: bool) -> CaseFact:
    """What both have in common. `is_pending`: by its status it waits for the seller."""
    actions = _actions(payload)
    deadlines = [at for one in actions if (at := instant(one, "deadline"))]
    steps = [step for one in actions if (step := STEPS.get(text(one, "action")))]
    asked = CaseStep.OTHER if actions else CaseStep.NOTHING
    return CaseFact(
        kind=kind,
        is_open=bool(actions) or is_pending,
        step=steps[0] if steps else FIRST_STEPS[kind] if is_pending else asked,
        by=text(payload, "role").lower(),
        respond_by=min(deadlines, default=None),
        amount=money(part(payload, "refund_amount"), "refund_total"),
        requested_at=instant(payload, "create_time"),
        changed_at=instant(payload, "update_time"),
    )


def _reason(payload: Payload, name: str) -> str:
    return text(payload, f"{name}_text", LONG) or words(text(payload, name, LONG))


def _units(payload: Payload, name: str) -> tuple[str, ...]:
    ids = (ident(one, "order_line_item_id") for one in parts(payload, name))
    return tuple(dict.fromkeys(filter(None, ids)))


def _actions(payload: Payload) -> list[Payload]:
    """What the seller has to do: one object or a list of them, by either of two names."""
    return [
        one
        for name in ("seller_next_action_response", "seller_next_action")
        for one in _objects(payload, name)
        if text(one, "action")
    ]


def _objects(payload: Payload, name: str) -> list[Payload]:
    value = payload.get(name)
    return [value] if isinstance(value, dict) else parts(payload, name)
