"""Which service a person wants for many labels of a shop, the usual one or the cheapest: what they
chose last holds for their next batches until they sign out.
"""

from __future__ import annotations

from django.contrib.sessions.backends.base import SessionBase

from shipboard.channels.models import Shop
from shipboard.fulfilment.batches import CHEAPEST, USUAL

KEPT = "label_services"
RULES = (USUAL, CHEAPEST)


def rule_of(session: SessionBase, shop: Shop) -> str:
    """USUAL, which is the platform's own choice, unless they chose otherwise."""
    said = session.get(KEPT, {}).get(str(shop.pk), USUAL)
    return said if said in RULES else USUAL


def keep_rule(session: SessionBase, shop: Shop, rule: str) -> None:
    if rule in RULES and rule != rule_of(session, shop):
        session[KEPT] = {**session.get(KEPT, {}), str(shop.pk): rule}
