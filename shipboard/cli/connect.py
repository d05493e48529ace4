"""`shipboard shop connect`: connect TikTok Shops without the desk's own pages, for desks that the
marketplace cannot send a browser back to. The seller authorises in a browser all the same.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from shipboard.cli.orders import in_desk, print_json

if TYPE_CHECKING:
    from shipboard.channels.models import App, Connection, Grant
    from shipboard.channels.tiktok.checks import Check
    from shipboard.channels.tiktok.oauth import RemoteShop

AUTHORIZE = "/open/authorize"


@click.command("connect")
@click.option("--app-key", required=True, help="As the app's page in the Partner Center shows it.")
@click.option(
    "--app-secret-file",
    type=click.File(),
    required=True,
    help="File that holds the app secret alone; - reads its first line from standard input.",
)
@click.option("--service-id", default="", help="Of the app's authorisation link.")
@click.option(
    "--market",
    type=click.Choice(["US", "row"]),
    default="row",
    show_default=True,
    help="Where you sell: US for the United States, row for the rest of the world. It picks the "
    "page that you authorise the app on.",
)
@click.option("--api-host", default="", help="Only where it is not TikTok Shop's own.")
@click.option("--auth-host", default="", help="Likewise.")
@click.option("--authorize-host", default="", help="Likewise, of the page to authorise on.")
@click.option("--shop-id", "wanted", multiple=True, help="Only this shop; may be repeated.")
@click.option("--timezone", default="", help="Area/City or UTC; else the usual one of the region.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@in_desk
def connect(
    app_key: str,
    app_secret_file: Any,
    service_id: str,
    market: str,
    api_host: str,
    auth_host: str,
    authorize_host: str,
    wanted: tuple[str, ...],
    timezone: str,
    as_json: bool,
) -> None:
    """Connect TikTok Shops: prints the page to authorise on, and asks for the address that the
    browser is sent to afterwards. Each shop gets no ship-by rule of its own: TikTok Shop says the
    deadlines of its orders, and a rule can be set on the shop's page."""
    from shipboard import clock
    from shipboard.accounts import audit
    from shipboard.accounts.access import COMMAND_LINE
    from shipboard.channels.connecting import AppGiven, keep_app
    from shipboard.channels.contract import ChannelFailure
    from shipboard.cli.refusals import Refused

    page = f"{authorize_host.rstrip('/')}{AUTHORIZE}" if authorize_host else ""
    given = AppGiven(
        key=app_key,
        secret=app_secret_file.readline().strip(),
        service_id=service_id,
        api_host=api_host,
        auth_host=auth_host,
        authorize_url=page,
    )
    app = keep_app(given, clock.now())
    audit.note(COMMAND_LINE.by, "app_kept", app.name)
    try:
        grant = _authorised(app, market)
        audit.note(COMMAND_LINE.by, "access_given", str(grant))
        lines = _connected(grant, wanted, timezone)
    except ChannelFailure as failure:
        raise Refused(f"{failure.sentence} {failure.next_step}") from failure
    checks = _checks(grant)
    if as_json:
        print_json(
            {"shops": [_summary(line) for line in lines], "checks": list(map(_told, checks))}
        )
        return
    for check in checks:
        click.echo(f"{check.what}: {check.sentence} {check.next_step}".rstrip())
    for line in lines:
        click.echo(f"Connected {line.shop.name} as {line.shop.slug}.")
        if line.hooks_problem:
            click.echo(line.hooks_problem)


def needs_browser() -> str:
    """Why `shop add` does not add a shop of a marketplace, and where to go instead."""
    return (
        "A TikTok Shop is added by connecting it, for which its seller authorises the app in a "
        f"browser: open {_desk()}/shops/tiktok/connect/, or run `shipboard shop connect` where "
        "TikTok Shop cannot send a browser back to the desk."
    )


def _desk() -> str:
    """The desk's address, as far as it is known here."""
    from django.conf import settings

    from shipboard.embedded.keeper import read_quietly
    from shipboard.embedded.place import home_directory, recorded_place

    place = recorded_place(home_directory())
    running = read_quietly(place.owner_lock).get("address") if place else None
    return str(settings.PUBLIC_URL or running or "http://127.0.0.1:8000")


def _authorised(app: App, market: str) -> Grant:
    """Raises ChannelFailure and Refused."""
    from shipboard.channels.tiktok import oauth
    from shipboard.cli.refusals import Refused
    from shipboard.desk.connect_back import DENIED, NO_CODE, answer_of

    state = secrets.token_urlsafe(16)
    page = oauth.authorize_url(app, state, region=market)
    click.echo(f"Open this page and let the app in:\n{page}", err=True)
    answer = answer_of(click.prompt("Paste the address that the browser was sent to", err=True))
    if answer.get("state") != state:
        raise Refused("That address does not belong to the page above; run the command again.")
    if answer.get("error") or answer.get("code") == "null":
        raise Refused(DENIED)
    if not answer.get("code"):
        raise Refused(NO_CODE)
    return oauth.exchange(app, answer["code"])


def _connected(grant: Grant, wanted: Iterable[str], timezone: str) -> list[Connection]:
    """The lines of every shop of the grant, or of those that are wanted, new or known."""
    from django.conf import settings

    from shipboard.channels import connecting
    from shipboard.channels.tiktok import hooking, oauth
    from shipboard.cli.refusals import Refused
    from shipboard.ingest import schedule

    remotes = oauth.shops(grant)
    connecting.renew(grant, remotes)
    unknown = set(wanted) - {remote.remote_id for remote in remotes}
    if unknown or not remotes:
        names = ", ".join(f"{remote.remote_id} ({remote.name})" for remote in remotes) or "none"
        raise Refused(f"The access is not for the shops asked for; it is for: {names}.")
    chosen = [remote for remote in remotes if not wanted or remote.remote_id in wanted]
    lines = [_line(grant, remote, timezone) for remote in chosen]
    for line in lines:
        connecting.set_up_hooks(line, hooking.desk_of(grant.app, settings.PUBLIC_URL, _desk()))
        schedule.sync_now(line.shop)
    return lines


def _line(grant: Grant, remote: RemoteShop, timezone: str) -> Connection:
    from shipboard import clock
    from shipboard.accounts import audit
    from shipboard.accounts.access import COMMAND_LINE
    from shipboard.channels import connecting
    from shipboard.channels.models import Connection, Shop
    from shipboard.channels.regions import REGIONS
    from shipboard.channels.shops import Rules
    from shipboard.desk.connect_forms import free_name
    from shipboard.orders.sla import PRESETS

    by, now = COMMAND_LINE.by, clock.now()
    known = Connection.objects.filter(
        shop__channel=Shop.Channel.TIKTOK, shop__remote_id=remote.remote_id
    )
    line = known.select_related("shop").first()
    if line is not None:
        connecting.reconnect(line, grant, remote, by, now)
    else:
        usual = REGIONS[remote.region].timezone if remote.region in REGIONS else "UTC"
        line = connecting.connect(
            grant,
            remote,
            name=free_name(remote.name),
            timezone=timezone or usual,
            rules=Rules(),
            presets=set(PRESETS),
            by=by,
            now=now,
        )
    audit.note(by, "shop_connected", line.shop.name)
    return line


def _checks(grant: Grant) -> tuple[Check, ...]:
    from django.conf import settings

    from shipboard.channels.tiktok import checks, hooking

    desk = hooking.desk_of(grant.app, settings.PUBLIC_URL, _desk())
    return (checks.domain(grant.app, desk), *checks.granted(grant))


def _told(check: Check) -> dict[str, str]:
    said = {"check": check.what, "verdict": check.level.value, "sentence": check.sentence}
    return said | {"next_step": check.next_step}


def _summary(line: Connection) -> dict[str, Any]:
    return {
        "shop": line.shop.slug,
        "name": line.shop.name,
        "region": line.shop.region,
        "timezone": line.shop.timezone,
        "remote_id": line.shop.remote_id,
        "webhooks": line.hooks_address,
        "webhooks_problem": line.hooks_problem,
    }
