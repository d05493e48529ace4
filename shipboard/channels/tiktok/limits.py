"""TikTok Shop allows so many calls a second for each API, app and shop. All processes of the desk
take turns through one row in the database: a call reserves the next free instant and waits for it.
A 429 moves that row on, so that everybody pauses.
"""

from __future__ import annotations

from django.conf import settings
from django.db import connection

#: A tenth of what is allowed may come at once, the rest is spread evenly, so that no second,
#: wherever it begins, sees more than is allowed.
BURST = 0.1

# Waiting for the disk is not worth it: after a crash the row is a moment old.
TAKE = """
insert into call_rate as rate (key, due_at)
select %(key)s, clock_timestamp() + (%(step)s - %(burst)s) * interval '1 second'
  from set_config('synchronous_commit', 'off', true)
on conflict (key) do update
   set due_at = greatest(rate.due_at, clock_timestamp() - %(burst)s * interval '1 second')
                + %(step)s * interval '1 second'
 where rate.due_at <= clock_timestamp() + %(patience)s * interval '1 second'
returning extract(epoch from due_at - clock_timestamp()) - %(step)s
"""
PAUSE = """
insert into call_rate as rate (key, due_at)
select %(key)s, clock_timestamp() + %(pause)s * interval '1 second'
  from set_config('synchronous_commit', 'off', true)
on conflict (key) do update set due_at = greatest(rate.due_at, excluded.due_at)
"""
LEFT = "select extract(epoch from due_at - clock_timestamp()) from call_rate where key = %s"


class Busy(Exception):
    """The next turn is `seconds` away, further than the caller would wait; none was reserved."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"busy for {seconds:.1f} s")
        self.seconds = seconds


def key(app_id: int, shop_id: int | None, operation: str) -> str:
    return f"{app_id}/{shop_id or 0}/{operation}"


def take(key: str, patience: float) -> float:
    """Reserve a turn; gives the seconds to wait for it, at most `patience`. Raises Busy."""
    allowed = max(settings.TIKTOK_CALLS_PER_SECOND, 0.01)
    step = 1 / ((1 - BURST) * allowed)
    burst = max(0.0, BURST * allowed - 1) * step
    values: dict[str, str | float] = {
        "key": key,
        "step": step,
        "burst": burst,
        "patience": max(0.0, patience),
    }
    with connection.cursor() as cursor:
        cursor.execute(TAKE, values)
        row = cursor.fetchone()
        if row is None:
            cursor.execute(LEFT, [key])
            left = cursor.fetchone()
            raise Busy(max(float(left[0]) if left else 0.0, patience))
    return max(0.0, float(row[0]))


def pause(key: str, seconds: float) -> None:
    """Nobody calls for so long."""
    with connection.cursor() as cursor:
        cursor.execute(PAUSE, {"key": key, "pause": seconds})
