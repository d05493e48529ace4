"""Idempotency keys: a decision that is sent again with its key is answered as before, and nothing
is done. One that was refused leaves no trace.
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.aftersales.cases import CANCELLATION, RETURN
from sandbox.api import Call, Refusal
from sandbox.kinds import Doc

KIND = "idempotency"
#: Lines of the ledger.
DECIDED, REPEATED = "decided", "decided_again"
LONGEST = 255


def once(call: Call, case_id: str, decide: Callable[[], None]) -> Doc:
    """Decides, unless the key of this call has done so. Raises Refusal."""
    key = call.query.get("idempotency_key", "")
    if len(key) > LONGEST:
        raise Refusal(36009023, f"idempotency_key has at most {LONGEST} signs.")
    scope = f".{call.operation.name}.{case_id}" if call.fact("idempotency_scope") == "case" else ""
    id = f"{call.app.key}{scope}.{key}"
    if key and call.market.books.get(KIND, call.shop.id, id):
        _note(call, case_id, REPEATED, key)
        return {}
    decide()
    _note(call, case_id, DECIDED, key)
    if key:
        call.market.books.put(KIND, call.shop.id, {"id": id, "create_time": call.now})
    return {}


def _note(call: Call, case_id: str, what: str, key: str) -> None:
    books, shop = call.market.books, call.shop.id
    case = books.get(CANCELLATION, shop, case_id) or books.get(RETURN, shop, case_id) or {}
    told = {"case_id": case_id, "operation": call.operation.name, "key": key}
    books.note(what, shop, call.now, order_id=case.get("order_id", ""), detail=told)
