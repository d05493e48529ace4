"""To which orders a verb applies now, asked in SQL: the rule of allowed.py for many at once."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Q

from shipboard.fulfilment.allowed import HOLDABLE, Verb
from shipboard.orders.holds import held
from shipboard.orders.stages import in_stage

NOTHING = Q(pk__in=[])


def applies(verb: Verb, now: datetime) -> Q:
    """Orders for which `allowed` says at `now` that the verb is possible."""
    match verb:
        case Verb.NOTE | Verb.FLAG:
            return Q()
        case Verb.HOLD:
            return reduce(or_, (in_stage(stage, now) for stage in HOLDABLE)) & ~held(now)
        case Verb.RELEASE:
            return held(now)
    return NOTHING  # this version sends nothing to a marketplace
