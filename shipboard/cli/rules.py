"""`shipboard shop set`: a shop's clock rules, how its shipments leave, and its labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace

import click

from shipboard.accounts import audit
from shipboard.accounts.access import COMMAND_LINE
from shipboard.channels.models import Shop
from shipboard.channels.shops import (
    Labelling,
    Rules,
    change_labelling,
    change_rules,
    change_sending,
    labelling_of,
    rules_of,
    sending_of,
)
from shipboard.cli.imports import shop_named
from shipboard.ingest.restate import restate
from shipboard.orders.sla import PRESETS


def change(
    slug: str,
    *,
    sla: str | None,
    after_sales_days: int | None,
    hours: Mapping[str, int | None],
    sending: Mapping[str, int | None],
    labels: Mapping[str, bool | str | int | None],
) -> None:
    """What is None stays as it is; a preset takes the place of flat hours and they of it. Raises
    BadShop, with nothing changed."""
    shop = shop_named(slug)
    given = {name: value for name, value in sending.items() if value is not None}
    leaving = replace(sending_of(shop), **given)
    leaving.check()
    of_labels = {name: value for name, value in labels.items() if value is not None}
    labelling = Labelling(**(asdict(labelling_of(shop)) | of_labels))
    labelling.check()
    is_of_clock = sla is not None or after_sales_days is not None or any(hours.values())
    if is_of_clock or not (given or of_labels):
        _change_rules(shop, sla, after_sales_days, hours)
    if given:
        change_sending(shop, leaving)
        audit.note(COMMAND_LINE.by, "sending_set", shop.name, **asdict(leaving))
        click.echo(
            f"{shop.name} ships with an undo window of {leaving.undo_seconds} s and "
            f"{leaving.in_flight} calls at once."
        )
    if of_labels:
        change_labelling(shop, labelling)
        audit.note(COMMAND_LINE.by, "labelling_set", shop.name, **asdict(labelling))
        when = "at once" if labelling.prints_at_once else "later"
        click.echo(
            f"{shop.name} prints its labels {when}, in {labelling.label_size}, and keeps them "
            f"{labelling.label_days} days."
        )


def _change_rules(
    shop: Shop, sla: str | None, days: int | None, hours: Mapping[str, int | None]
) -> None:
    before = rules_of(shop)
    if sla is None and not any(hours.values()):
        sla = before.sla
        hours = {
            "dispatch_hours": before.dispatch_hours,
            "auto_cancel_hours": before.auto_cancel_hours,
        }
    days = before.after_sales_days if days is None else days
    change_rules(shop, Rules(sla=sla or "", after_sales_days=days, **hours), set(PRESETS))
    restate(shop)
    audit.note(COMMAND_LINE.by, "rules_changed", shop.name)
    click.echo(f"{shop.name} has its new rules, and its orders the deadlines that follow.")
