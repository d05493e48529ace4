"""The shops of an access as they are offered to be connected, and connecting those chosen: all of
them or none.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.http import QueryDict

from shipboard import clock
from shipboard.channels import connecting
from shipboard.channels.connecting import CannotConnect
from shipboard.channels.models import Connection, Grant, Shop
from shipboard.channels.shops import BadShop
from shipboard.channels.tiktok.oauth import RemoteShop
from shipboard.desk.connect_forms import KnownShopForm, RemoteShopForm
from shipboard.orders.sla import PRESETS

CHANNEL = Shop.Channel.TIKTOK


class Offers:
    """The shops of a grant: new ones, those the desk knows without a line on this grant, and those
    that have one."""

    def __init__(
        self, grant: Grant, remotes: tuple[RemoteShop, ...], data: QueryDict | None
    ) -> None:
        ids = [remote.remote_id for remote in remotes]
        lines = Connection.objects.filter(shop__channel=CHANNEL, shop__remote_id__in=ids)
        known = {line.shop.remote_id: line for line in lines.select_related("shop", "grant__app")}
        self.grant, self.problem = grant, ""
        self.new = [RemoteShopForm(data, one) for one in remotes if one.remote_id not in known]
        self.known: list[tuple[KnownShopForm, Connection, RemoteShop]] = []
        self.connected: list[Shop] = []
        for remote in remotes:
            line = known.get(remote.remote_id)
            if line and line.grant_id == grant.pk and line.state != Connection.State.OFF:
                self.connected.append(line.shop)
            elif line:
                self.known.append((KnownShopForm(data, line.shop), line, remote))
        regions = {remote.region for remote in remotes}
        files = Shop.objects.filter(channel=Shop.Channel.FILE, region__in=regions, is_demo=False)
        self.files = list(files.order_by("name"))

    def connect(self, by: str) -> list[Connection] | None:
        """The lines made, all or none; None when something is not right, which the forms say."""
        wanted = [form for form in self.new if form.is_wanted]
        again = [one for one in self.known if one[0].is_valid() and one[0].cleaned_data["connect"]]
        if not wanted and not again:
            self.problem = "Choose at least one shop."
            return None
        problems = [form for form in wanted if not form.is_valid()]  # of every form, not the first
        if problems:
            return None
        now = clock.now()
        try:
            with transaction.atomic():
                made = [self._connect(form, by, now) for form in wanted]
                for _, line, remote in again:
                    connecting.reconnect(line, self.grant, remote, by, now)
        except _Refused:
            return None
        except CannotConnect as problem:
            self.problem = str(problem)
            return None
        return [*made, *(line for _, line, _ in again)]

    def _connect(self, form: RemoteShopForm, by: str, now: datetime) -> Connection:
        said = form.cleaned_data
        try:
            return connecting.connect(
                self.grant,
                form.remote,
                name=said["name"],
                region=said["region"],
                timezone=said["timezone"],
                rules=form.rules(),
                presets=set(PRESETS),
                by=by,
                now=now,
            )
        except BadShop as problem:
            form.add_error(None, str(problem))
            raise _Refused from problem


class _Refused(Exception):
    """A form says why."""
