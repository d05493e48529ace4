"""Commands about shops and orders. They act as the owner; with --json they print one object on
stdout and nothing else there. Exit codes: 0 all well, 2 could not be done, 3 some rows rejected.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from shipboard.cli.django_setup import desk

AFTER_SALES = "For so many days after delivery an order can still be acted on."


def in_desk(command: Callable[..., int | None]) -> Callable[..., None]:
    """Run a command with the database at hand; its own refusals become one sentence, exit 2."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        with desk():
            from shipboard.cli import refusals

            try:
                code = command(*args, **kwargs)
            except refusals.REFUSALS as refusal:
                click.echo(str(refusal), err=True)
                code = 2
        sys.exit(code or 0)

    return run


@click.group()
def shop() -> None:
    """Shops, whose orders the desk holds."""


@shop.command("add")
@click.argument("name")
@click.option("--channel", default="file", show_default=True, help="Where orders come from.")
@click.option("--region", default="", help="Country code, such as US, GB or TH.")
@click.option("--timezone", default="", help="Area/City or UTC: the zone of the file's times.")
@click.option("--sla", default="", help="SLA preset; see `shipboard shop presets`.")
@click.option("--dispatch-hours", type=int, help="Ship-by is creation plus so many hours.")
@click.option("--auto-cancel-hours", type=int, help="Auto-cancel is creation plus so many hours.")
@click.option("--after-sales-days", type=int, default=14, show_default=True, help=AFTER_SALES)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@in_desk
def add(name: str, channel: str, region: str, timezone: str, as_json: bool, **rules: Any) -> None:
    """Add a shop."""
    from shipboard.accounts import audit
    from shipboard.accounts.access import COMMAND_LINE
    from shipboard.channels.shops import Rules, add_shop
    from shipboard.cli.connect import needs_browser
    from shipboard.cli.refusals import Refused
    from shipboard.orders.sla import PRESETS, presets_for

    if channel == "tiktok":
        raise Refused(needs_browser())
    made = add_shop(
        name,
        channel=channel,
        region=region,
        timezone=timezone,
        rules=Rules(**rules),
        presets=set(PRESETS),
    )
    audit.note(COMMAND_LINE.by, "shop_added", made.name)
    if as_json:
        print_json(
            {
                "shop": made.slug,
                "name": made.name,
                "region": made.region,
                "timezone": made.timezone,
                "currency": made.currency,
            }
        )
        return
    click.echo(f"Added {made.name} as {made.slug}.")
    if not (made.sla or made.dispatch_hours):
        offered = ", ".join(presets_for(made.region)) or "none for this region"
        click.echo(
            "It has no ship-by rule, so its orders show no deadlines of their own. "
            f"SLA presets: {offered}; or give --dispatch-hours."
        )
    click.echo(f"Next: shipboard import FILE --shop {made.slug}")


@shop.command("set")
@click.argument("slug")
@click.option("--sla", help="SLA preset; see `shipboard shop presets`.")
@click.option("--dispatch-hours", type=int, help="Ship-by is creation plus so many hours.")
@click.option("--auto-cancel-hours", type=int, help="Auto-cancel is creation plus so many hours.")
@click.option("--after-sales-days", type=int, help=AFTER_SALES)
@click.option("--undo-seconds", type=int, help="Shipments wait so long in the outbox: 0 to 3600.")
@click.option("--in-flight", type=int, help="Calls to the marketplace at once: 1 to 20.")
@click.option("--print-at-once/--print-later", default=None, help="Labels are printed at once.")
@click.option("--label-size", help="Size of labels, such as A6 or 4x6.")
@click.option("--label-days", type=int, help="Label files are kept so many days: 1 to 365.")
@in_desk
def set_rules(
    slug: str,
    sla: str | None,
    after_sales_days: int | None,
    undo_seconds: int | None,
    in_flight: int | None,
    print_at_once: bool | None,
    label_size: str | None,
    label_days: int | None,
    **hours: Any,
) -> None:
    """Change a shop's clock rules; the deadlines of its open orders follow. And how it ships."""
    from shipboard.cli import rules

    sending = {"undo_seconds": undo_seconds, "in_flight": in_flight}
    labels = {
        "prints_at_once": print_at_once,
        "label_size": label_size,
        "label_days": label_days,
    }
    rules.change(
        slug,
        sla=sla,
        after_sales_days=after_sales_days,
        hours=hours,
        sending=sending,
        labels=labels,
    )


@shop.command("remove")
@click.argument("slug")
@click.option("--yes", is_flag=True, help="Do not ask.")
@in_desk
def remove(slug: str, yes: bool) -> None:
    """Take a shop away with its orders and imports. There is no undo."""
    from shipboard.accounts import audit
    from shipboard.accounts.access import COMMAND_LINE
    from shipboard.cli.imports import shop_named
    from shipboard.cli.refusals import Refused
    from shipboard.ingest.removal import remove_shop

    found = shop_named(slug)
    orders = found.order_set.count()
    if not yes and not click.confirm(f"Remove {found.name} and its {orders:,} orders for good?"):
        raise Refused("Nothing was removed.")
    remove_shop(found)
    audit.note(COMMAND_LINE.by, "shop_removed", found.name)
    click.echo(f"{found.name} and its {orders:,} orders are gone.")


@shop.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@in_desk
def list_shops(as_json: bool) -> None:
    """The shops of this desk."""
    from shipboard.channels.models import Shop

    shops = list(Shop.objects.order_by("slug").values("slug", "name", "region", "timezone", "sla"))
    if as_json:
        print_json({"shops": shops})
    elif not shops:
        click.echo("No shops yet. Add one: shipboard shop add NAME --region US --timezone UTC")
    else:
        for each in shops:
            click.echo("{slug}  {name}  {region}  {timezone}  {sla}".format(**each).rstrip())


@shop.command("presets")
def presets() -> None:
    """SLA presets, with the source of each."""
    from shipboard.orders.sla import PRESETS

    for name, preset in PRESETS.items():
        click.echo(f"{name}: {preset.title}\n    {preset.source}")


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--shop", "slug", required=True, help="The shop that the file is of.")
@click.option(
    "--complete-list",
    metavar="STAGE",
    help="The file names every order of this stage; open ones it lacks are held and listed.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@in_desk
def import_orders(file: Path, slug: str, complete_list: str | None, as_json: bool) -> int:
    """Import a marketplace's order export (CSV or XLSX)."""
    from shipboard.cli import imports

    return imports.run(file, slug, complete_list, as_json)


@click.command("upload-tracking")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--shop", "slug", required=True, help="The shop whose orders are shipped.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@in_desk
def upload_tracking(file: Path, slug: str, as_json: bool) -> int:
    """Ship orders from a file of tracking numbers (the marketplace's template, CSV or XLSX)."""
    from shipboard.cli import uploads

    return uploads.run(file, slug, as_json)


@click.command("orders")
@click.argument("query", default="")
@click.option("--limit", type=click.IntRange(min=0), help="So many orders at most; else one page.")
@click.option("--unmasked", is_flag=True, help="Show names, phones and addresses; this is logged.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@in_desk
def list_orders(query: str, limit: int | None, unmasked: bool, as_json: bool) -> None:
    """List orders by a query string, such as 'tab=pending_shipping&sort=ship_by'."""
    from shipboard.cli import listing

    found = listing.run(query, limit=limit, unmasked=unmasked)
    if as_json:
        print_json(found)
    else:
        listing.show(found)


def print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, default=str))
