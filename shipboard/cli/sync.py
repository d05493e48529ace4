"""`shipboard sync` and `shipboard reconcile`: read connected shops at once and say what changed.
Exit codes: 0 all well; 3 some orders or streams could not be read; 2 could not be done at all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from shipboard.cli.orders import in_desk, print_json

if TYPE_CHECKING:
    from shipboard.channels.models import Shop
    from shipboard.ingest.sync import Synced

MOST_SHOWN = 20

shop_option = click.option("--shop", "slug", help="Only this shop; else every connected one.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.command("sync")
@shop_option
@json_option
@in_desk
def sync(slug: str | None, as_json: bool) -> int:
    """Read what changed at the marketplace: orders, cancellations, returns."""
    from shipboard import clock
    from shipboard.ingest.sync import sync as read

    return _run(slug, as_json, lambda shop: read(shop, clock.now))


@click.command("reconcile")
@shop_option
@json_option
@in_desk
def reconcile(slug: str | None, as_json: bool) -> int:
    """Read every open order again by its id, and list what no poll had told of."""
    from shipboard import clock
    from shipboard.ingest.reconcile import reconcile as read

    return _run(slug, as_json, lambda shop: read(shop, clock.now, anew=True))


def _run(slug: str | None, as_json: bool, read: Callable[[Shop], Synced]) -> int:
    from shipboard.channels.registry import NotConnected
    from shipboard.cli.refusals import Refused

    outcomes: list[tuple[Shop, Synced]] = []
    for shop in _shops(slug):
        try:
            outcomes.append((shop, read(shop)))
        except NotConnected as refusal:
            raise Refused(str(refusal)) from None
    if as_json:
        print_json({"shops": [summary(shop, synced) for shop, synced in outcomes]})
    else:
        for shop, synced in outcomes:
            _say(shop, synced)
    return max((_code(synced) for _, synced in outcomes), key=(0, 3, 2).index)


def _shops(slug: str | None) -> list[Shop]:
    from shipboard.channels.models import Connection, Shop
    from shipboard.cli.imports import shop_named
    from shipboard.cli.refusals import Refused

    if slug is not None:
        return [shop_named(slug)]
    shops = list(Shop.objects.filter(connection__state=Connection.State.ON).order_by("slug"))
    if not shops:
        raise Refused("No shop is connected to a marketplace; connect one on the page Shops.")
    return shops


def _code(synced: Synced) -> int:
    """What could not be read at all told of nothing."""
    if synced.failed and not synced.taken.heard:
        return 2
    return 3 if synced.failed or synced.taken.unreadable else 0


def summary(shop: Shop, synced: Synced) -> dict[str, Any]:
    taken = synced.taken
    return {
        "shop": shop.slug,
        "orders_read": taken.heard,
        "orders_created": taken.applied.created,
        "orders_updated": taken.applied.updated,
        "orders_unchanged": taken.applied.unchanged,
        "changed": list(dict.fromkeys(taken.applied.changed)),
        "unreadable": [
            {"order_id": order_id, "reason": reason}
            for order_id, reason in dict.fromkeys(taken.unreadable)
        ],
        "unknown_status": list(dict.fromkeys(taken.unknown)),
        "stepped_back": list(dict.fromkeys(taken.applied.stepped_back)),
        "missed": list(taken.missed),
        "gone": list(dict.fromkeys(taken.gone)),
        "failures": [
            {
                "stream": each.stream,
                "kind": each.kind,
                "sentence": each.sentence,
                "next_step": each.next_step,
            }
            for each in synced.failed
        ],
    }


def _say(shop: Shop, synced: Synced) -> None:
    taken = synced.taken
    click.echo(
        f"{shop.name}: {taken.heard:,} orders read: {taken.applied.created:,} new, "
        f"{taken.applied.updated:,} changed, {taken.applied.unchanged:,} as before, "
        f"{len(set(taken.unreadable)):,} unreadable."
    )
    _list("Changed", taken.applied.changed)
    _list("Taken back a step by the marketplace", taken.applied.stepped_back)
    _list("Changed without a poll or webhook having told of it", taken.missed)
    _list("Not known to the marketplace any more", taken.gone)
    _list("In a status that is not known here", taken.unknown)
    for order_id, reason in dict.fromkeys(taken.unreadable):
        click.echo(f"Order {order_id or '(no id)'}: {reason}", err=True)
    for each in synced.failed:
        stream = each.stream.replace("_", " ")
        click.echo(f"{stream.capitalize()}: {each.sentence} {each.next_step}".rstrip(), err=True)


def _list(what: str, order_ids: tuple[str, ...]) -> None:
    ids = list(dict.fromkeys(order_ids))
    if ids:
        more = f" and {len(ids) - MOST_SHOWN:,} more" if len(ids) > MOST_SHOWN else ""
        click.echo(f"{what}: {', '.join(ids[:MOST_SHOWN])}{more}")
