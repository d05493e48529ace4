"""Idempotency keys: a decision that is sent again with its key is answered as before, and nothing
is done. One that was refused leaves no trace.
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.api import Call, Refusal
from sandbox.kinds import Doc

KIND = "idempotency"
LONGEST = 255


def once(call: Call, case_id: str, decide: Callable[[], None]) -> Doc:
    """Decides, unless the key of this call has done so. Raises Refusal."""
    key = call.query.get("idempotency_key", "")
    if len(key) > LONGEST:
        raise Refusal(36009023, f"idempotency_key has at most {LONGEST} signs.")
    scope = f".{call.operation.name}.{case_id}" if call.fact("idempotency_scope") == "case" else ""
    id = f"{call.app.key}{scope}.{key}"
    if key and call.market.books.get(KIND, call.shop.id, id):
        return {}
    decide()
    if key:
        call.market.books.put(KIND, call.shop.id, {"id": id, "create_time": call.now})
    return {}
