"""The one door from a request to the rows it may see and what it may do with them: it answers
with shop ids and rights, not rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied

from shipboard.accounts.models import User
from shipboard.accounts.roles import REFUSALS, RIGHTS, Right, Role


class NotAllowed(PermissionDenied):
    """The actor's role lacks a right; the message is a sentence for them."""


@dataclass(frozen=True)
class Access:
    """What an actor may see and do. `shop_ids` None means every shop; `by` names the actor in
    events and the audit; `person_id` is theirs, None for the command line."""

    by: str
    shop_ids: frozenset[int] | None = None
    rights: frozenset[Right] = field(default=frozenset(Right))
    person_id: int | None = None

    def allows(self, shop_id: int) -> bool:
        return self.shop_ids is None or shop_id in self.shop_ids

    def narrow(self, shop_ids: Iterable[int]) -> frozenset[int]:
        return frozenset(each for each in shop_ids if self.allows(each))

    def may(self, right: Right) -> bool:
        return right in self.rights

    def need(self, right: Right) -> None:
        """Raises NotAllowed when the actor lacks `right`."""
        if right not in self.rights:
            raise NotAllowed(REFUSALS[right])


def access_of(user: User) -> Access:
    """By role, and limited to shops where the person is."""
    shop_ids = None
    if not user.sees_all_shops:
        shop_ids = frozenset(user.shops.values_list("pk", flat=True))
    return Access(
        by=user.email, shop_ids=shop_ids, rights=RIGHTS[Role(user.role)], person_id=user.pk
    )


#: The command line acts as the owner.
COMMAND_LINE = Access(by="command line")
