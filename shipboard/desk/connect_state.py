"""The state that goes with a person to the marketplace and comes back: signed, bound to the session
and the person, good for half an hour and for one use.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from django.core import signing
from django.core.cache import cache

SALT = "shipboard.connect"
SECONDS = 30 * 60
BEGIN = "Begin again with Connect."


class BadState(ValueError):
    """What came back does not belong to what was begun; the message says so, and the way on."""


@dataclass(frozen=True, slots=True)
class State:
    """`shop`: the key of the shop whose access is to be renewed, 0 for none."""

    app: int
    shop: int
    once: str


def made(app: int, person: int, session: str, shop: int = 0) -> str:
    once = secrets.token_urlsafe(12)
    told = {"a": app, "p": person, "s": _digest(session), "w": shop, "o": once}
    return signing.dumps(told, salt=SALT)


def read(state: str, person: int, session: str) -> State:
    """Raises BadState. Does not use it up."""
    try:
        told = signing.loads(state, salt=SALT, max_age=SECONDS)
    except signing.SignatureExpired:
        raise BadState(f"More than half an hour has passed. {BEGIN}") from None
    except signing.BadSignature:
        raise BadState(f"This answer does not belong to anything begun here. {BEGIN}") from None
    if (told["p"], told["s"]) != (person, _digest(session)):
        raise BadState(f"This was begun by somebody else, or before you signed in anew. {BEGIN}")
    return State(told["a"], told["w"], told["o"])


def use(state: State) -> None:
    """Raises BadState the second time."""
    if not cache.add(_key(state), 1, SECONDS + 60):
        raise BadState(f"This answer was used already. {BEGIN}")


def give_back(state: State) -> None:
    """Nothing came of it: it may be used once more."""
    cache.delete(_key(state))


def _key(state: State) -> str:
    return f"connect-state:{state.once}"


def _digest(session: str) -> str:
    return hashlib.sha256(session.encode()).hexdigest()[:20]
