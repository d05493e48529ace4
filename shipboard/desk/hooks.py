"""/hooks/...: where marketplaces say that something has changed. Open to all, believes nobody:
the signature decides, the row is on disk before the 200, and the work comes after.
"""

from __future__ import annotations

import threading

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from shipboard import clock
from shipboard.channels.models import Shop
from shipboard.ingest import inbox
from shipboard.ingest.inbox import MOST_BYTES, Answer

#: An unsigned one gets 401. Where nobody could tell, the marketplace is to send it again.
STATUS = {Answer.KEPT: 200, Answer.UNSIGNED: 401, Answer.UNSURE: 503}
TOO_BIG = 413
BUSY = 429
#: So many bodies are read at once by a process, which has eight threads: strangers who send theirs
#: a byte at a time keep nobody from the desk. Others wait so many seconds for a place.
PLACES = threading.BoundedSemaphore(4)
PLACE_SECONDS = 0.2


class TooBig(Exception):
    """The body has `size` bytes, or as many at least, and was not read to its end."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


@csrf_exempt
@login_not_required
@require_POST
def tiktok(request: HttpRequest) -> HttpResponse:
    """POST /hooks/tiktok/: 200 when it is stored, and always with an empty body."""
    if not PLACES.acquire(timeout=PLACE_SECONDS):
        return HttpResponse(status=BUSY)
    try:
        body = _body(request)
    except TooBig as problem:
        inbox.refuse_big(Shop.Channel.TIKTOK, problem.size, clock.now())
        return HttpResponse(status=TOO_BIG)
    finally:
        PLACES.release()
    answer = inbox.receive(Shop.Channel.TIKTOK, request.headers, body, clock.now())
    return HttpResponse(status=STATUS[answer])


def _body(request: HttpRequest) -> bytes:
    """Raises TooBig before anything is read where the length is told, else as soon as it shows."""
    told = request.META.get("CONTENT_LENGTH") or ""
    if told.isdecimal():
        if int(told) > MOST_BYTES:
            raise TooBig(int(told))
        return request.read(MOST_BYTES)
    if not request.META.get("wsgi.input_terminated"):
        return b""
    # Sent in chunks, by a proxy for instance; Django reads nothing of such a body.
    body: bytes = request.META["wsgi.input"].read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise TooBig(len(body))
    return body
