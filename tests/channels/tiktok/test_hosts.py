"""Hosts: of the app, of the settings, and what a person may enter."""

from __future__ import annotations

from typing import Any

import pytest

from shipboard.channels.models import App
from shipboard.channels.tiktok import hosts


def test_an_app_s_own_hosts_go_first(settings: Any) -> None:
    settings.TIKTOK_API_HOST = "https://api.elsewhere.example/"
    assert hosts.api_host(App(api_host="https://mine.example")) == "https://mine.example"
    assert hosts.api_host(App()) == "https://api.elsewhere.example"
    assert hosts.auth_host(App()) == "https://auth.tiktok-shops.com"


def test_sellers_of_the_united_states_have_a_page_of_their_own(settings: Any) -> None:
    assert hosts.authorize_page(App(), "US") == settings.TIKTOK_AUTHORIZE_URL_US
    assert hosts.authorize_page(App(), "TH") == settings.TIKTOK_AUTHORIZE_URL
    assert hosts.authorize_page(App(authorize_url="https://a.example/b"), "US").endswith("/b")


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("", ""),
        (" https://api.example/ ", "https://api.example"),
        ("https://api.example:8443", "https://api.example:8443"),
        ("http://127.0.0.1:8100", "http://127.0.0.1:8100"),
        ("http://localhost:8100/", "http://localhost:8100"),
        ("http://[::1]:8100", "http://[::1]:8100"),
    ],
)
def test_origins_that_may_be_entered(text: str, origin: str) -> None:
    assert hosts.checked_origin(text) == origin


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("api.example", "begins with https"),
        ("ftp://api.example", "begins with https"),
        ("http://api.example", "for this machine only"),
        ("https://me:word@api.example", "user name or password"),
        ("https://api.example/path", "without a path"),
        ("https://api.example?x=1", "before any"),
        ("https://api.example#x", "before any"),
        ("https://api.example\\@other.example", "user name"),
        ("https://api .example", "before any"),
        ("https://api.example:port", "not an address"),
        ("https://[::1", "not an address"),
        ("https://192.168.1.5", "by its name"),
        ("https://169.254.169.254", "by its name"),
        ("https://169.254.169.254.", "by its name"),
        ("https://2130706433", "by its name"),
        ("https://0x7f.0.0.1", "by its name"),
        ("https://router", "by its name"),
    ],
)
def test_origins_that_may_not(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        hosts.checked_origin(text)


def test_a_page_may_have_a_path() -> None:
    page = "https://services.example/open/authorize"
    assert hosts.checked_page(page) == page
