"""Connecting shops to their marketplace: the app kept, a shop put on a seller's grant, pausing,
resuming, cutting the line. Secrets go in sealed and never come out again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from shipboard.channels import sealed
from shipboard.channels.contract import ChannelFailure
from shipboard.channels.models import App, Connection, Grant, Shop
from shipboard.channels.shops import Rules, add_shop
from shipboard.channels.tiktok import checks, hooking
from shipboard.channels.tiktok.hosts import checked_origin, checked_page
from shipboard.channels.tiktok.oauth import RemoteShop

State = Connection.State
CUT = "The shop was disconnected from this desk."
LONGEST = 200

logger = logging.getLogger(__name__)


class BadApp(ValueError):
    """An app cannot be so; the message says why, `field` which part of it."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class CannotConnect(ValueError):
    """A line cannot be changed so; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class AppGiven:
    """An app as a person entered it; blank hosts are the marketplace's own."""

    key: str
    secret: str
    name: str = ""
    service_id: str = ""
    api_host: str = ""
    auth_host: str = ""
    authorize_url: str = ""


def keep_app(given: AppGiven, now: datetime) -> App:
    """The seller's app, stored; one with that key gets the new secret and hosts. Asks the
    marketplace, and does not store a key or secret that it does not know. Raises BadApp."""
    key = given.key.strip()
    if not key or not key.isascii() or not key.isprintable() or len(key) > LONGEST:
        raise BadApp("key", "Copy the app key from the app's page in the Partner Center.")
    if not given.secret.strip():
        raise BadApp("secret", "Copy the app secret from the app's page in the Partner Center.")
    app = App.objects.filter(channel=Shop.Channel.TIKTOK, key=key).first() or App(
        channel=Shop.Channel.TIKTOK, key=key, added_at=now
    )
    app.name = " ".join(given.name.split())[:120] or app.name or key
    app.service_id = given.service_id.strip()
    app.api_host = _checked("api_host", checked_origin, given.api_host)
    app.auth_host = _checked("auth_host", checked_origin, given.auth_host)
    app.authorize_url = _checked("authorize_url", checked_page, given.authorize_url)
    sealed.set_app_secret(app, given.secret)
    for name, check in zip(("key", "secret"), checks.credentials(app), strict=True):
        if check.level is checks.Level.BAD:
            raise BadApp(name, f"{check.sentence} {check.next_step}")
    app.save()
    return app


def remove_app(app: App) -> None:
    """Raises CannotConnect while shops are connected through it, or were."""
    with transaction.atomic():
        App.objects.select_for_update().get(pk=app.pk)
        if Connection.objects.filter(grant__app=app).exists():
            raise CannotConnect(f"{app} stays: shops are connected through it.")
        app.delete()


def connect(
    grant: Grant,
    remote: RemoteShop,
    *,
    name: str,
    timezone: str,
    rules: Rules,
    presets: set[str],
    by: str,
    now: datetime,
    region: str = "",
    is_demo: bool = False,
) -> Connection:
    """A new shop on a seller's grant. The marketplace knows its region (lanes hang on it); `region`
    is for when it does not say. Raises BadShop, and CannotConnect when the access has ended."""
    with transaction.atomic():
        held = _held(grant)
        shop = add_shop(
            name,
            channel=Shop.Channel.TIKTOK,
            remote_id=remote.remote_id,
            region=remote.region or region,
            timezone=timezone,
            rules=rules,
            presets=presets,
            is_demo=is_demo,
        )
        line = Connection(
            shop=shop, grant=held, state=State.ON, state_by=by, state_at=now, connected_at=now
        )
        sealed.set_cipher(line, remote.cipher)
        line.save(force_insert=True)
    return line


def reconnect(line: Connection, grant: Grant, remote: RemoteShop, by: str, now: datetime) -> None:
    """Put a known shop on a grant anew, be it another seller's or app's. What is paused stays so;
    what was cut is on again. Raises CannotConnect when the access has ended."""
    with transaction.atomic():
        held = _held(grant)
        row = Connection.objects.select_for_update(of=("self",)).get(pk=line.pk)
        former = row.grant_id
        row.grant = held
        sealed.set_cipher(row, remote.cipher)
        if row.state == State.OFF:
            row.state, row.state_by, row.state_at, row.connected_at = State.ON, by, now, now
        row.save()
        if former != held.pk:
            _forget_unused(former)
    line.refresh_from_db()


def renew(grant: Grant, remotes: Iterable[RemoteShop]) -> list[Connection]:
    """After a seller granted access again: the shops on that grant call with it from now on. Gives
    those that are connected or paused."""
    renewed = []
    by_id = {remote.remote_id: remote for remote in remotes}
    lines = Connection.objects.exclude(state=State.OFF).filter(grant=grant)
    for line in lines.select_related("shop").order_by("shop__name", "pk"):
        if remote := by_id.get(line.shop.remote_id):
            sealed.set_cipher(line, remote.cipher)
            line.save(update_fields=["sealed_cipher"])
            renewed.append(line)
    return renewed


def pause(line: Connection, by: str, now: datetime) -> None:
    """Raises CannotConnect when somebody else was faster."""
    _move(line, State.ON, State.PAUSED, by, now)


def resume(line: Connection, by: str, now: datetime) -> None:
    """Raises CannotConnect when somebody else was faster."""
    _move(line, State.PAUSED, State.ON, by, now)


def disconnect(line: Connection, by: str, now: datetime) -> None:
    """Cut the line: webhooks are called off as far as the marketplace listens, and the tokens are
    deleted unless another shop lives by them. Orders stay. Raises CannotConnect when it is cut."""
    if line.state == State.OFF:
        raise CannotConnect(f"{line.shop} is disconnected already.")
    stop_hooks(line)
    with transaction.atomic():
        # The grant first, as everywhere: renewing tokens holds it too.
        Grant.objects.select_for_update(of=("self",)).get(pk=line.grant_id)
        found = Connection.objects.exclude(state=State.OFF).filter(pk=line.pk)
        changed = found.update(
            state=State.OFF,
            state_by=by,
            state_at=now,
            sealed_cipher="",
            hooks_address="",
            hooks_problem="",
        )
        if not changed:
            raise CannotConnect(f"{line.shop} is disconnected already.")
        _forget_unused(line.grant_id)
    line.refresh_from_db()


def forget(grant: Grant) -> None:
    """Delete an access that no shop uses. Raises CannotConnect when one does."""
    with transaction.atomic():
        held = Grant.objects.select_for_update(of=("self",)).get(pk=grant.pk)
        if held.connections.exclude(state=State.OFF).exists():
            raise CannotConnect("A shop uses this access; disconnect the shop instead.")
        if held.connections.exists():
            _forget_unused(held.pk)
        else:
            held.delete()


def set_up_hooks(line: Connection, desk: str) -> None:
    """Have webhooks sent to the desk's public address, if they can be; what keeps them from coming
    is written on the line. Never raises for the marketplace: polling alone suffices."""
    line.hooks_address, line.hooks_problem = "", ""
    try:
        address = hooking.address(line.grant.app, desk)
        refused = hooking.ask(line, address)
    except ValueError as problem:
        line.hooks_problem = str(problem)
    except ChannelFailure as failure:
        line.hooks_problem = f"TikTok Shop sends no webhooks: {failure.sentence} {hooking.POLLING}"
    else:
        line.hooks_address = address
        if refused:
            named = ", ".join(sorted(refused))
            line.hooks_problem = f"TikTok Shop refused webhooks of {named}. {hooking.POLLING}"
    line.save(update_fields=["hooks_address", "hooks_problem"])


def stop_hooks(line: Connection) -> None:
    """Call webhooks off, as far as the marketplace listens."""
    if not line.hooks_address or line.grant.ended_at is not None:
        return
    try:
        hooking.stop(line)
    except ChannelFailure as failure:
        # What still comes finds a shop that is off.
        logger.warning("Webhooks could not be called off: %s", failure.kind)


def _checked(field: str, check: Callable[[str], str], text: str) -> str:
    try:
        return check(text)
    except ValueError as problem:
        raise BadApp(field, str(problem)) from None


def _held(grant: Grant) -> Grant:
    found = Grant.objects.select_for_update(of=("self",)).filter(pk=grant.pk)
    held = found.select_related("app").first()
    if held is None or held.ended_at is not None:
        raise CannotConnect("This access has ended. Begin again with Connect.")
    return held


def _forget_unused(grant_pk: int) -> None:
    """Tokens are not kept for shops that are cut. The row stays for those that hang on it."""
    if Connection.objects.filter(grant=grant_pk).exclude(state=State.OFF).exists():
        return
    Grant.objects.filter(pk=grant_pk).update(
        sealed_access_token="", sealed_refresh_token="", ended_at=datetime.now(UTC), problem=CUT
    )


def _move(line: Connection, before: State, after: State, by: str, now: datetime) -> None:
    found = Connection.objects.filter(pk=line.pk, state=before)
    changed = found.update(state=after, state_by=by, state_at=now)
    line.refresh_from_db()
    if not changed:
        raise CannotConnect(f"Nothing was changed: {line.shop} is {line.get_state_display()} now.")
