"""What happened in a demo return, as the marketplace keeps it: who did what, with the buyer's words
and pictures. Invented, and not to be opened: their host is nobody's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from shipboard.channels.contract import CaseFact, CaseKind, OrderFact
from shipboard.demo.payloads import unix

Doc = dict[str, Any]

HOST = "https://pictures.sandbox.example"
#: By what a reason ends with: the buyer's words, and how many pictures come with them.
SAYS: dict[str, tuple[str, int]] = {
    "changed_mind": ("It does not fit me after all, sorry. It is still in its packaging.", 0),
    "damaged": ("The box was wet and one side is cracked, see the pictures.", 3),
    "not_as_described": ("Much smaller than in the listing. I measured it.", 2),
    "wrong_item": ("I ordered the blue one, this one is green.", 1),
    "missing_item": ("Only one of the two was in the parcel.", 1),
    "not_received": ("The tracking has not moved for a week and nobody rang here.", 0),
}
#: Reasons that buyers like to film.
FILMED = ("damaged",)
APPROVED = ("SELLER", "APPROVE_RETURN", "The return was approved.")
SENT = ("BUYER", "BUYER_SHIPPED", "The buyer sent it back.")
REJECTED = ("SELLER", "REJECT_REFUND", "The request was rejected.")
#: What followed the request, by the status that the return has now.
FOLLOWED: dict[str, tuple[tuple[str, str, str], ...]] = {
    "AWAITING_BUYER_SHIP": (APPROVED,),
    "BUYER_SHIPPED_ITEM": (APPROVED, SENT),
    "AWAITING_BUYER_RESPONSE": (
        ("SELLER", "OFFER_PARTIAL_REFUND", "A part of the money was offered."),
    ),
    "REFUND_OR_RETURN_REQUEST_REJECT": (
        REJECTED,
        ("BUYER", "BUYER_DISPUTE", "The buyer asked the marketplace to decide."),
    ),
    "REPLACEMENT_REQUEST_REJECT": (REJECTED,),
    "RETURN_OR_REFUND_REQUEST_CANCEL": (
        ("BUYER", "BUYER_WITHDRAW", "The buyer withdrew the request."),
    ),
    "RETURN_OR_REFUND_REQUEST_COMPLETE": (
        ("SYSTEM", "REFUND_PAID", "The buyer got the money back."),
    ),
}
ARRIVED = ("SYSTEM", "RETURN_PACKAGE_DELIVERED", "What was sent back has arrived.")


def records_of(case: CaseFact, fact: OrderFact) -> list[Doc]:
    """Oldest first, evenly between the request and now."""
    steps = list(FOLLOWED.get(case.status, ()))
    if case.is_open and case.tracking_number:
        steps.append(ARRIVED)
    asked = case.requested_at or fact.created_at
    pause = (fact.as_of - asked) / (len(steps) + 1)
    first = _record(asked, "BUYER", "ORDER_REQUEST", "The buyer opened the request.")
    first |= {"reason_text": case.reason, **_shown(case)}
    return [
        first,
        *(_record(asked + pause * place, *step) for place, step in enumerate(steps, 1)),
    ]


def _record(at: datetime, role: str, event: str, words: str) -> Doc:
    return {
        "event": event,
        "role": role,
        "description": words,
        "reason_text": "",
        "note": "",
        "images": [],
        "videos": [],
        "create_time": unix(at),
    }


def _shown(case: CaseFact) -> Doc:
    about = next((name for name in SAYS if case.reason_name.endswith(name)), "")
    note, pictures = SAYS.get(about, ("", 0))
    video = {"url": f"{HOST}/{case.case_id}.mp4", "width": 1080, "height": 1920}
    is_filmed = about in FILMED and case.kind is CaseKind.REFUND
    return {
        "note": note,
        "images": list(_pictures(case, pictures)),
        "videos": [video | {"duration_millis": 9_000}] if is_filmed else [],
    }


def _pictures(case: CaseFact, count: int) -> Iterator[Doc]:
    for place in range(1, count + 1):
        url = f"{HOST}/{case.case_id}-{place}.jpg"
        yield {"url": url, "width": 1080, "height": 1440}
