"""Access tokens of a seller's grant: renewed a day before they end, or when one was refused, by one
process only, under a lock of the grant's row; both new tokens are saved at once. Times are real.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from django.db import transaction

from shipboard.channels import calls, sealed
from shipboard.channels.contract import ChannelFailure, FailureKind, Outcome
from shipboard.channels.models import Connection, Grant
from shipboard.channels.tiktok import token_calls

EARLY = timedelta(hours=24)
#: A token that ends within a minute may end on its way.
MARGIN = timedelta(minutes=1)
#: After a renewal failed while the old token still holds, it is left alone for so long.
REST_SECONDS = 60.0

#: Codes with which a renewal is refused for good: ended, not valid, no such grant.
FOR_GOOD = frozenset({"36004001", "36004004", "36004005"})

REVOKED = "TikTok Shop does not renew this desk's access any more."
RUN_OUT = "This desk's access at TikTok Shop has run out."
RECONNECT = "Connect the shop again."

_rests: dict[int, float] = {}


def access_token(grant: Grant, *, refused: str = "") -> str:
    """A token to call with; `refused` is one that the channel has just not accepted.

    Renews under a lock of the grant's row: the one outside call that is made inside a transaction,
    so that two processes make one renewal. `grant` is brought up to date. Raises ChannelFailure
    AUTH when the access has ended, or what kept the renewal from succeeding when no token holds.
    """
    if grant.ended_at is not None:
        raise ended(grant)
    token = sealed.access_token(grant)
    left = grant.access_ends_at - _now()
    holds = bool(token) and token != refused and left > MARGIN
    if holds and (left > EARLY or _rests.get(grant.pk, 0.0) > time.monotonic()):
        return token
    return _renewed(grant, token if holds else "", refused)


def end(grant: Grant, problem: str) -> None:
    """Access was withdrawn or cannot be renewed: `problem` says so, in a sentence. Idempotent."""
    Grant.objects.filter(pk=grant.pk, ended_at=None).update(ended_at=_now(), problem=problem)
    grant.refresh_from_db(fields=["ended_at", "problem"])


def ended(grant: Grant) -> ChannelFailure:
    return ChannelFailure(
        FailureKind.AUTH,
        operation="refresh_token",
        sentence=grant.problem or RUN_OUT,
        next_step=RECONNECT,
        allowed=("reconnect",),
    )


def keep(grant: Grant, tokens: token_calls.Tokens) -> None:
    """Put new tokens and what came with them on the grant. Not saved."""
    sealed.set_tokens(grant, tokens.access, tokens.refresh)
    grant.access_ends_at, grant.refresh_ends_at = tokens.access_ends_at, tokens.refresh_ends_at
    grant.scopes = list(tokens.scopes) or grant.scopes
    grant.ended_at, grant.problem = None, ""


def _renewed(grant: Grant, holds: str, refused: str) -> str:
    """`holds`: the token that is good for a while yet; with one, nobody waits for the lock."""
    failure: ChannelFailure | None = None
    call: calls.Call | None = None
    with transaction.atomic():
        rows = Grant.objects.select_for_update(skip_locked=bool(holds), of=("self",))
        row = rows.select_related("app").filter(pk=grant.pk).first()
        if row is not None:
            failure, call = _settle(row, refused)
    if call is not None:
        _write_down(grant, call)
    if row is not None:
        _take_over(grant, row)
        if failure is None:
            return sealed.access_token(grant)
    if grant.ended_at is not None:
        raise ended(grant) from failure
    if holds:
        _rests[grant.pk] = time.monotonic() + REST_SECONDS
        return holds
    raise failure or ended(grant)


def _settle(row: Grant, refused: str) -> tuple[ChannelFailure | None, calls.Call | None]:
    """With the row locked: another process may have renewed already; if not, do it. Saves."""
    now = _now()
    if row.ended_at is not None:
        return ended(row), None
    if row.access_ends_at - now > EARLY and sealed.access_token(row) != refused:
        return None, None
    if row.refresh_ends_at <= now:
        return _end_row(row, RUN_OUT), None
    answer = token_calls.refresh(row.app, sealed.refresh_token(row))
    if isinstance(answer.outcome, ChannelFailure):
        if answer.outcome.code in FOR_GOOD:
            return _end_row(row, REVOKED), answer.call
        # Whatever became of the renewal: the call that the token was for has done nothing.
        answer.outcome.outcome = Outcome.NONE
        return answer.outcome, answer.call
    keep(row, answer.outcome)
    row.save()
    return None, answer.call


def _end_row(row: Grant, problem: str) -> ChannelFailure:
    row.ended_at, row.problem = _now(), problem
    row.save(update_fields=["ended_at", "problem"])
    return ended(row)


def _take_over(grant: Grant, row: Grant) -> None:
    for name in (
        "sealed_access_token",
        "sealed_refresh_token",
        "access_ends_at",
        "refresh_ends_at",
        "scopes",
        "ended_at",
        "problem",
    ):
        setattr(grant, name, getattr(row, name))


def _write_down(grant: Grant, call: calls.Call) -> None:
    """In the log of every shop that the grant serves; after the lock is gone."""
    shops = Connection.objects.filter(grant=grant).values_list("shop_id", flat=True)
    served: list[int | None] = [*shops]
    for shop_id in served or [None]:
        calls.record(call.of(shop_id))


def _now() -> datetime:
    return datetime.now(UTC)
