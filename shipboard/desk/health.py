"""/healthz: whether web, database and worker are well, for supervisors and load balancers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

#: A worker that has not been heard of for so long is gone; they report every 5 seconds.
SILENCE = timedelta(seconds=45)


@never_cache
@login_not_required
def healthz(request: HttpRequest) -> JsonResponse:
    """200 {"status": "ok"}, or 503 with the reason."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select max(last_heartbeat) from procrastinate_workers")
            (heard,) = cursor.fetchone() or (None,)
    except Error:
        return _unwell("the database does not answer")
    if heard is None or datetime.now(UTC) - heard > SILENCE:
        return _unwell("no worker is running; start one with `shipboard worker`")
    return JsonResponse({"status": "ok"})


def _unwell(reason: str) -> JsonResponse:
    return JsonResponse({"status": "unwell", "reason": reason}, status=503)
