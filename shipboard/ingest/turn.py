"""Writers of one shop's facts take turns, whoever and wherever they are."""

from __future__ import annotations

from django.db import connection

from shipboard.channels.models import Shop

#: First key of the advisory locks under which facts of one shop are written.
APPLY_LOCK = 5_1001


def take_turn(shop: Shop) -> None:
    """Wait for the turn, which ends with the present transaction, and read the shop's rules as
    they are then: two writers never both think an order new, or follow rules that have gone."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [APPLY_LOCK, shop.pk])
    shop.refresh_from_db()
