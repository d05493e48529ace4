"""The one door from a request to the rows it may see: it answers with shop ids, not rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shipboard.accounts.models import User


@dataclass(frozen=True)
class Access:
    """What an actor may see. `shop_ids` None means every shop; `by` names the actor in events."""

    by: str
    shop_ids: frozenset[int] | None = None

    def allows(self, shop_id: int) -> bool:
        return self.shop_ids is None or shop_id in self.shop_ids

    def narrow(self, shop_ids: Iterable[int]) -> frozenset[int]:
        return frozenset(each for each in shop_ids if self.allows(each))


def access_of(user: User) -> Access:
    """Owners see every shop."""
    return Access(by=user.email)


#: The command line acts as the owner.
COMMAND_LINE = Access(by="command line")
