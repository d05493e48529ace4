"""Where somebody is signed in, and since when; and ending it."""

from __future__ import annotations

import time
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse

from shipboard.accounts.models import User

#: A session's "last seen" is as fine as this, so that a page that polls writes next to nothing.
EVERY_SECONDS = 300
MOST_KEPT = 10_000
#: Session key -> when this process last noted it, by a clock that only runs on.
_noted: dict[str, float] = {}


def seen(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Middleware: notes that a signed-in person's browser was here."""

    def middleware(request: HttpRequest) -> HttpResponse:
        key = request.session.session_key
        if key and request.user.is_authenticated and _is_due(key):
            UserSession.objects.create_from_request(request)
        return get_response(request)

    return middleware


def _is_due(key: str) -> bool:
    at = time.monotonic()
    if at - _noted.get(key, -EVERY_SECONDS) < EVERY_SECONDS:
        return False
    if len(_noted) >= MOST_KEPT:
        _noted.clear()
    _noted[key] = at
    return True


def sessions_of(user: User) -> list[UserSession]:
    """The live ones, last seen first."""
    found = UserSession.objects.purge_and_list(user)
    return sorted(found, key=lambda each: each.last_seen_at, reverse=True)


def end_sessions(user: User, *, but: str | None = None, only: int | None = None) -> int:
    """Sign out everywhere, but not where the session key is `but`; `only` names one session.
    Returns how many were ended."""
    ending = UserSession.objects.filter(user=user)
    if but is not None:
        ending = ending.exclude(session_key=but)
    if only is not None:
        ending = ending.filter(pk=only)
    ended = list(ending)
    for session in ended:
        session.end()
    return len(ended)


#: In this order: many browsers also claim to be the later ones.
BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "CriOS": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


def browser_name(agent: str) -> str:
    """`Firefox on Linux`, from what the browser says it is."""
    browser = next((name for sign, name in BROWSERS.items() if sign in agent), "A browser")
    system = next((name for sign, name in SYSTEMS.items() if sign in agent), "")
    return f"{browser} on {system}" if system else browser
