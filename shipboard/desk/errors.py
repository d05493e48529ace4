"""Pages for what goes wrong: each says what happened and what to do, never a stack trace."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from shipboard.accounts.access import NotAllowed
from shipboard.orders.filters import BadFilter


def said(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    """A page that says one thing."""
    return render(request, "error.html", {"title": title, "text": text}, status=status)


def refused(request: HttpRequest, problem: BadFilter) -> HttpResponse:
    """A query that is not understood: the sentence, and the search as it was typed."""
    context = {"problem": str(problem), "q": request.GET.get("q", "")}
    return render(request, "bad_filter.html", context, status=400)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return said(
        request, 400, "That request was not understood", "Go back, reload the page and try again."
    )


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
