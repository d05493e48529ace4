"""Who asks, and whether they may: every view begins here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from shipboard.accounts.access import Access, NotAllowed, access_of
from shipboard.accounts.models import User
from shipboard.accounts.roles import Right

P = ParamSpec("P")
R = TypeVar("R", bound=HttpResponseBase)


def access_for(request: HttpRequest) -> Access:
    """What the signed-in person may see and do; asked once per request."""
    known: Access | None = getattr(request, "desk_access", None)
    if known is None:
        known = access_of(signed_in(request))
        request.desk_access = known  # type: ignore[attr-defined]
    return known


def signed_in(request: HttpRequest) -> User:
    """Who asks, for views that only signed-in people reach."""
    if not isinstance(request.user, User):
        raise NotAllowed("Sign in first.")
    return request.user


def needs(
    right: Right,
) -> Callable[
    [Callable[Concatenate[HttpRequest, P], R]],
    Callable[Concatenate[HttpRequest, P], R],
]:
    """A view that only those with `right` reach; others get a sentence and 403."""

    def wrap(
        view: Callable[Concatenate[HttpRequest, P], R],
    ) -> Callable[Concatenate[HttpRequest, P], R]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> R:
            access_for(request).need(right)
            return view(request, *args, **kwargs)

        return guarded

    return wrap
