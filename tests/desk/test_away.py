"""While the database is away every page says so, wherever in a request it went."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.cache import cache
from django.db import Error, InterfaceError, OperationalError, connection, connections
from django.http import HttpResponse
from django.test import Client, RequestFactory

from shipboard.accounts.models import User
from shipboard.desk.errors import bad_request, is_away
from shipboard.ingest.apply import Source, apply
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)

SAID = b"The database does not answer"
ORDERS = "/orders/?tab=pending_shipping"


@contextmanager
def away_from(query: int, *, stays: bool = True) -> Iterator[list[str]]:
    """The database ends the session at query number `query`, from 0, of what is asked inside, and
    takes no new one while it `stays` away. Gives what is asked."""
    asked: list[str] = []
    server = connections["default"].copy()

    def ask(execute: Callable[..., Any], sql: str, *given: Any) -> Any:
        if len(asked) == query:
            connection.settings_dict["HOST"] = "/nonexistent" if stays else host
            pid = connection.connection.info.backend_pid
            with server.cursor() as cursor:
                cursor.execute("select pg_terminate_backend(%s, 5000)", [pid])
        asked.append(sql)
        return execute(sql, *given)

    host = connection.settings_dict["HOST"]
    try:
        with connection.execute_wrapper(ask):
            yield asked
    finally:
        connection.settings_dict["HOST"] = host
        connection.close()
        server.close()


@pytest.fixture
def browser(desk: Client) -> Client:
    desk.raise_request_exception = False
    apply(make.shop(), [make.order()], Source(by="tests", now=make.NOW))
    return desk


def check(response: HttpResponse) -> None:
    assert response.status_code == 503
    assert SAID in response.content
    assert (response["Retry-After"], response["Cache-Control"]) == ("5", "no-store")


@pytest.mark.parametrize(
    "where", [ORDERS, "/orders/576000000000000001/", "/exports/", "/nowhere/", "/settings/"]
)
def test_wherever_in_a_page_the_database_goes(browser: Client, where: str) -> None:
    at = 0
    while True:
        with away_from(at) as asked:
            response = browser.get(where)
        if len(asked) <= at:
            break
        check(response)
        assert f'href="{where}"'.encode() in response.content
        at += 1
    assert at > 2
    assert response.status_code in (200, 404)


def test_a_page_without_any_database(browser: Client) -> None:
    connection.close()
    host = connection.settings_dict["HOST"]
    connection.settings_dict["HOST"] = "/nonexistent"
    try:
        for where in (ORDERS, "/orders/changes/", "/exports/notice/", "/nowhere/"):
            check(browser.get(where))
        response = browser.post("/exports/", {"query": "", "key": "x"})
        health = Client(raise_request_exception=False).get("/healthz")
    finally:
        connection.settings_dict["HOST"] = host
    check(response)
    assert b"What you sent may not have been kept" in response.content
    assert b'href="/orders/?tab=pending_shipping"' in response.content
    assert (health.status_code, health.json()["status"]) == (503, "unwell")


@pytest.mark.parametrize("stays", [True, False])
def test_signing_in_meanwhile(owner: User, stays: bool) -> None:
    """A session that cannot be kept is no fault of the browser. What only goes into the cache may
    be lost when the database is back at once."""
    given = {"login": owner.email, "password": "a long password"}
    at = 0
    while True:
        cache.clear()  # of tries that count as wrong ones
        UserSession.objects.all().delete()  # signing in looks at each that there was
        browser = Client(raise_request_exception=False)
        with away_from(at, stays=stays) as asked:
            response = browser.post("/login/", given)
        if len(asked) <= at:
            break
        is_lost_from_cache = not stays and "shipboard_cache" in asked[at]
        if not (is_lost_from_cache and response.status_code == 302):
            check(response)
        at += 1
    assert at > 4
    assert response.status_code == 302


@pytest.mark.parametrize("problem", [InterfaceError("already closed"), OperationalError("lost")])
def test_health_when_a_connection_broke_off(problem: Error) -> None:
    def lost(*_: object) -> None:
        raise problem

    with connection.execute_wrapper(lost):
        response = Client(raise_request_exception=False).get("/healthz")
    assert response.status_code == 503
    assert response.json()["reason"] == "the database does not answer"


@pytest.mark.parametrize(
    "sql", ["select 1 / 0", "set local statement_timeout = 1; select pg_sleep(1)"]
)
def test_a_database_that_answers_is_not_away(sql: str) -> None:
    with pytest.raises(Error, match=r"division|timeout") as raised, connection.cursor() as cursor:
        cursor.execute(sql)
    assert not is_away(raised.value)


def test_a_session_that_could_not_be_kept_was_not_deleted(rf: RequestFactory) -> None:
    """Django says that of any session that its table does not take."""
    request = rf.get(ORDERS)
    request.user = AnonymousUser()
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]
    interrupted = SessionInterrupted("The request's session was deleted")
    assert bad_request(request, interrupted).status_code == 400
    interrupted.__context__ = UpdateError()
    interrupted.__context__.__context__ = OperationalError("the connection is closed")
    check(bad_request(request, interrupted))


def test_its_absence_is_known_however_it_was_wrapped() -> None:
    for problem in (InterfaceError("the connection is closed"), OperationalError("lost")):
        assert is_away(problem)
        wrapped = RuntimeError("while a page was drawn")
        wrapped.__context__ = ValueError()
        wrapped.__context__.__cause__ = problem
        assert is_away(wrapped)
    assert not is_away(ValueError())
    assert not is_away(None)
