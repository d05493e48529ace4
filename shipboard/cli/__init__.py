"""The `shipboard` command: one group; each file beside this one holds a family of commands."""

from __future__ import annotations

import click

from shipboard.cli import connect, demo, exports, orders, people, run, sandbox, sync


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="shipboard")
def main() -> None:
    """Shipboard, a self-hosted order desk for people who sell on marketplaces."""


for command in (
    run.up,
    run.web,
    run.worker,
    run.migrate,
    run.doctor,
    sandbox.sandbox,
    orders.shop,
    orders.import_orders,
    orders.upload_tracking,
    orders.list_orders,
    exports.export,
    sync.sync,
    sync.reconcile,
    people.password,
    demo.demo,
):
    main.add_command(command)
orders.shop.add_command(connect.connect)
