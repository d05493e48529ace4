"""Personal data as it is shown until somebody asks for it: enough to recognise, not to use."""

from __future__ import annotations

#: These say where in the world, not who.
OPEN = frozenset({"country", "state"})
#: The buyer's name at the marketplace; it is no field of the recipient, and masked like a name.
USERNAME = "buyer_username"


def masked(key: str, value: str) -> str:
    """`value` of a recipient's field, or the buyer's user name, as anyone may see it."""
    if not value or key in OPEN:
        return value
    if key == "phone":
        digits = [place for place, sign in enumerate(value) if sign.isdigit()]
        kept = set(digits[-2:]) if len(digits) > 4 else set()
        return "".join(
            "*" if place in digits and place not in kept else sign
            for place, sign in enumerate(value)
        )
    if key in ("name", USERNAME):
        return " ".join(f"{word[0]}{'*' * 4}" for word in value.split())
    return "*" * 8
