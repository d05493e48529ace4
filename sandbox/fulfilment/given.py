"""Parts of a body, of the type they should have; anything else is refused and never a crash."""

from __future__ import annotations

from typing import Any

from sandbox.api import Refusal
from sandbox.kinds import Doc


def text(value: Any) -> str:
    """A string; blank when there is none. Raises Refusal."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Refusal(36009010, "A field must be a string.")
    return value


def texts(value: Any) -> list[str]:
    """Strings, each once. Raises Refusal."""
    return list(dict.fromkeys(text(one) for one in _many(value)))


def table(value: Any) -> Doc:
    """An object; empty when there is none. Raises Refusal."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Refusal(36009010, "A field must be an object.")
    return value


def tables(value: Any) -> list[Doc]:
    """Objects. Raises Refusal."""
    return [table(one) for one in _many(value)]


def line_ids(value: Any) -> list[str]:
    """The lines that an `order_line_list` names. Raises Refusal."""
    return texts([one.get("order_line_id") for one in tables(value)])


def _many(value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise Refusal(36009010, "A field must be a list.")
    return value
