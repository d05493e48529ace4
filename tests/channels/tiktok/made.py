"""Plain makers: an app, a seller's grant and a connected shop; and answers as the marketplace gives
them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from shipboard.channels import sealed
from shipboard.channels.models import App, Connection, Grant
from tests import make

ORIGIN = "https://api.example"
DAY = timedelta(days=1)


def app(**given: Any) -> App:
    made = App(
        **{
            "channel": "tiktok",
            "name": "Northwind's app",
            "key": "key1",
            "api_host": ORIGIN,
            "auth_host": "https://auth.example",
            "added_at": make.NOW,
        }
        | given
    )
    sealed.set_app_secret(made, "secret1")
    made.save()
    return made


def grant(of: App, **given: Any) -> Grant:
    now = datetime.now(UTC)
    made = Grant(
        **{
            "app": of,
            "open_id": "seller-1",
            "access_ends_at": now + 7 * DAY,
            "refresh_ends_at": now + 300 * DAY,
            "granted_at": now,
        }
        | given
    )
    sealed.set_tokens(made, "token-1", "refresh-1")
    made.save()
    return made


def connection(name: str = "Northwind", of: Grant | None = None) -> Connection:
    made = Connection(
        shop=make.shop(name, channel="tiktok", remote_id=f"shop of {name}"),
        grant=of or grant(app()),
        state_at=make.NOW,
        connected_at=make.NOW,
    )
    sealed.set_cipher(made, "cipher-1")
    made.save()
    return made


def envelope(data: object, code: int = 0, status: int = 200, **headers: str) -> httpx.Response:
    body = {"code": code, "message": "words", "request_id": "R-1", "data": data}
    return httpx.Response(status, content=json.dumps(body), headers=headers)


def tokens(number: int, **given: Any) -> httpx.Response:
    """What the token endpoints answer: access token `token-<number>`, good for a week."""
    now = int(datetime.now(UTC).timestamp())
    data: dict[str, Any] = {
        "access_token": f"token-{number}",
        "access_token_expire_in": now + 7 * 86400,
        "refresh_token": f"refresh-{number}",
        "refresh_token_expire_in": now + 365 * 86400,
        "open_id": "seller-1",
        "seller_name": "Northwind",
        "seller_base_region": "US",
        "user_type": 0,
        "granted_scopes": ["seller.order.info"],
    }
    return envelope(data | given)


class Answers(httpx.BaseTransport):
    """Gives the answers in turn, the last one for ever; an exception is raised. Keeps requests."""

    def __init__(self, *answers: httpx.Response | Exception | Callable[[], Any]) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        place = min(len(self.requests), len(self.answers)) - 1
        answer = self.answers[place]
        if callable(answer):
            answer = answer()
        if isinstance(answer, Exception):
            raise answer
        return answer
