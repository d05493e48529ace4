"""How a shop's line to its marketplace stands, in words: whether somebody has to authorise again,
and from when on; whether it is paused or cut. Asks nobody outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from shipboard.channels import sealed
from shipboard.channels.contract import ChannelFailure
from shipboard.channels.models import Connection

NOTICE = timedelta(days=30)


class Standing(StrEnum):
    ON = "on"
    PAUSED = "paused"
    OFF = "off"
    #: It works, but the access ends soon.
    ENDING = "ending"
    #: Nothing comes until a person authorises again.
    ENDED = "ended"


LABELS = {
    Standing.ON: "Connected",
    Standing.PAUSED: "Paused",
    Standing.OFF: "Disconnected",
    Standing.ENDING: "Access ends soon",
    Standing.ENDED: "Authorise again",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """`sentence` and `next_step` are for people; both are blank where all is well."""

    standing: Standing
    sentence: str = ""
    next_step: str = ""

    @property
    def label(self) -> str:
        return LABELS[self.standing]

    @property
    def needs_access(self) -> bool:
        return self.standing in (Standing.ENDING, Standing.ENDED)


def condition_of(line: Connection, at: datetime | None = None) -> Condition:
    """`line` with its grant and app. `at` is true time (else the present), as tokens live by it,
    whatever the desk's clock says."""
    at = at or datetime.now(UTC)
    grant = line.grant
    if line.state == Connection.State.OFF:
        kept = "Nothing is read or sent any more; its orders stay."
        return Condition(Standing.OFF, kept, "Connect it again to go on.")
    if grant.ended_at is not None:
        return Condition(Standing.ENDED, grant.problem, "Authorise again.")
    try:
        sealed.app_secret(grant.app)
        sealed.refresh_token(grant)
        sealed.cipher(line)
    except ChannelFailure as failure:
        return Condition(Standing.ENDED, failure.sentence, failure.next_step)
    if grant.refresh_ends_at <= at:
        said = "This desk's access at TikTok Shop has run out."
        return Condition(Standing.ENDED, said, "Authorise again.")
    if grant.refresh_ends_at - at <= NOTICE:
        said = f"This desk's access at TikTok Shop ends on {grant.refresh_ends_at:%Y-%m-%d} (UTC)."
        return Condition(Standing.ENDING, said, "Authorise again before.")
    if line.state == Connection.State.PAUSED:
        return Condition(Standing.PAUSED, "Nothing is read or sent until somebody resumes it.")
    return Condition(Standing.ON)
