"""Pages for what goes wrong: each says what happened and what to do, never a stack trace."""

from __future__ import annotations

import sys
from collections.abc import Callable

from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from shipboard import clock
from shipboard.accounts.access import NotAllowed
from shipboard.orders.filters import BadFilter

#: Seconds in which an embedded database that was killed is back.
SOON = "5"
#: SQLSTATEs of a server that goes, comes or is full. Class 08 is of lost connections; libpq's own
#: errors, and those of no connection at all, have none.
AWAY = ("57P01", "57P02", "57P03", "53300")


def said(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    """A page that says one thing."""
    return render(request, "error.html", {"title": title, "text": text}, status=status)


def refused(request: HttpRequest, problem: BadFilter) -> HttpResponse:
    """A query that is not understood: the sentence, and the search as it was typed."""
    context = {"problem": str(problem), "q": request.GET.get("q", "")}
    return render(request, "bad_filter.html", context, status=400)


def is_away(problem: BaseException | None) -> bool:
    """Whether the database's absence is behind `problem`, however it was wrapped on its way."""
    while problem is not None:
        if isinstance(problem, InterfaceError):
            return True
        if isinstance(problem, OperationalError):
            state: str | None = getattr(problem.__cause__, "sqlstate", None)
            return state is None or state.startswith("08") or state in AWAY
        problem = problem.__cause__ or problem.__context__
    return False


def away(request: HttpRequest) -> HttpResponse:
    """503, drawn without asking the database, not even for who is signed in."""
    text = "The desk goes on by itself as soon as it answers. Wait a moment, then try again; if it "
    text += "stays away, run `shipboard doctor`."
    is_reading = request.method in ("GET", "HEAD")
    if not is_reading:
        text += " What you sent may not have been kept: look before you send it again."
    theme = request.COOKIES.get("theme", "")
    context = {
        "title": "The database does not answer",
        "text": text,
        "again": request.get_full_path() if is_reading else "/orders/?tab=pending_shipping",
        "now": clock.now(),
        "clock_override": clock.override(),
        "theme": theme if theme in {"light", "dark"} else "",
        "person": None,
        "messages": (),
    }
    headers = {"Retry-After": SOON, "Cache-Control": "no-store"}
    return HttpResponse(render_to_string("away.html", context), status=503, headers=headers)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_away(exception):  # a session that could not be kept says that it was deleted
        return away(request)
    return said(
        request, 400, "That request was not understood", "Go back, reload the page and try again."
    )


class Unstorable:
    """Middleware: text that the database cannot hold (NUL) is refused on whatever page it was sent
    to, for those that do not take it out themselves. It is found before anything is asked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        if not isinstance(problem, DataError) or getattr(problem.__cause__, "sqlstate", None):
            return None  # an answer of the database has an SQLSTATE: that is a fault of ours
        text = "It holds a character that cannot be kept. Take it out, and send it again."
        return said(request, 400, "That request was not understood", text)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    asks = "Ask the owner of this desk for the right to it."
    why = str(exception) if isinstance(exception, NotAllowed) else asks
    return said(request, 403, "This is not open to you", why)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return said(
        request,
        403,
        "The form had expired",
        "Nothing was changed. Go back, reload the page and send it again.",
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    why = str(exception) if exception.args and isinstance(exception.args[0], str) else ""
    return said(request, 404, "Nothing here", why or "Check the address, or search for the order.")


def server_error(request: HttpRequest) -> HttpResponse:
    """Called while the problem is being handled; 503 where it is the database's absence."""
    if is_away(sys.exception()):
        return away(request)
    return said(
        request,
        500,
        "Something broke here",
        "Nothing was lost on your side. Try again; if it stays, look at `shipboard doctor` and "
        "the log of `shipboard up`.",
    )


def closed(request: HttpRequest) -> HttpResponse:
    return said(
        request, 403, "This sign-in is closed", "Ask the owner of this desk, or use another one."
    )


def no_signup(request: HttpRequest) -> HttpResponse:
    return said(request, 404, "Nobody signs up alone", "Ask the owner of this desk for an account.")


def no_reset(request: HttpRequest) -> HttpResponse:
    return said(
        request,
        200,
        "A forgotten password",
        "The owner of this desk sets a new one on the command line: shipboard password E-MAIL.",
    )
