"""Pages of a list that is made anew for every call."""

from __future__ import annotations

from sandbox.api import Call, Refusal
from sandbox.kinds import Doc


def cut(call: Call, name: str, found: list[Doc]) -> Doc:
    """The page that a call asks for, as the data of its answer. Raises Refusal."""
    token = call.query.get("page_token", "")
    if token and not token.isdecimal():
        raise Refusal(36009010, "The page_token is not valid.")
    start = int(token or 0)
    end = start + call.page_size
    return {
        name: found[start:end],
        "next_page_token": str(end) if end < len(found) else "",
        "total_count": len(found),
    }
