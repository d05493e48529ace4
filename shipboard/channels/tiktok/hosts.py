"""Where TikTok Shop is: the app's own hosts where it has them, else those of the settings; and what
a person may enter as one.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings

from shipboard.channels.http import is_loopback
from shipboard.channels.models import App


def api_host(app: App) -> str:
    """Origin of the Open API, without a slash at its end."""
    return (app.api_host or settings.TIKTOK_API_HOST).rstrip("/")


def auth_host(app: App) -> str:
    """Origin that gives and renews tokens."""
    return (app.auth_host or settings.TIKTOK_AUTH_HOST).rstrip("/")


def authorize_page(app: App, region: str = "") -> str:
    """The page on which a seller grants access; the United States have one of their own."""
    if app.authorize_url:
        return app.authorize_url
    ours = settings.TIKTOK_AUTHORIZE_URL_US if region == "US" else settings.TIKTOK_AUTHORIZE_URL
    return str(ours)


def checked_origin(text: str) -> str:
    """A host as a person entered it, as an origin such as https://host; blank stays blank.

    Raises ValueError with a sentence. Names are not looked up: only owners enter hosts, what a host
    answers is never shown as it is, and only this very machine may be named by its address.
    """
    origin = checked_page(text)
    if origin and urlsplit(origin).path not in ("", "/"):
        raise ValueError("Enter only the host, such as https://example.com, without a path.")
    return origin.rstrip("/")


def checked_page(text: str) -> str:
    """As checked_origin, for a page's whole address, but without a query."""
    text = text.strip()
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("That is not an address. Enter one such as https://example.com.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError("Enter an address that begins with https://.")
    if parts.username is not None or parts.password is not None:
        raise ValueError("The address must not hold a user name or password.")
    if parts.query or parts.fragment or "\\" in text or any(map(str.isspace, text)):
        raise ValueError("The address must end before any ? or #, and hold no spaces.")
    if is_loopback(host):
        return text
    if parts.scheme != "https":
        raise ValueError("The address must begin with https://; http is for this machine only.")
    if _is_address(host):
        raise ValueError("Enter the host by its name, not by an IP address.")
    return text


def _is_address(host: str) -> bool:
    host = host.rstrip(".")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        # The system also takes 2130706433 and 0x7f.1 for addresses.
        return "." not in host or host.rsplit(".", 1)[1][:1].isdigit()
    return True
