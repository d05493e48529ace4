"""How fast a run goes, and how long the rest of it will take at that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from shipboard.fulfilment.models import Run, RunRow

#: The pace of now is that of so long.
LOOKED_AT = timedelta(minutes=1)
ENDED = (RunRow.Outcome.DONE, RunRow.Outcome.SKIPPED, RunRow.Outcome.FAILED)


@dataclass(frozen=True, slots=True)
class Pace:
    """`a_minute`: rows that ended in the last minute; `left`: how long the others take at that
    pace, None while nothing ends."""

    a_minute: int
    left: timedelta | None

    @property
    def words(self) -> str:
        """Such as "about 4 min left"."""
        if self.left is None:
            return ""
        minutes = round(self.left.total_seconds() / 60)
        if minutes < 1:
            return "less than a minute left"
        if minutes < 90:
            return f"about {minutes} min left"
        return f"about {round(minutes / 60)} h left"


def pace_of(run: Run, left: int, now: datetime) -> Pace:
    """`left` rows have not ended at `now` (the desk's clock)."""
    since = max(now - LOOKED_AT, run.begun_at)
    ended = RunRow.objects.filter(run=run, outcome__in=ENDED, at__gt=since).count()
    seconds = (now - since).total_seconds()
    if not ended or seconds <= 0:
        return Pace(0, None)
    a_second = ended / seconds
    return Pace(round(a_second * 60), timedelta(seconds=left / a_second))
