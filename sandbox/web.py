"""The WSGI app: it finds the operation at a path, has the gate look at the call, lets faults
strike, and answers in the marketplace's envelope. Sign-in and control pages stand beside it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import flask
from werkzeug.routing import Map, RuleFactory

from sandbox import api
from sandbox.api import Call, Operation, Refusal
from sandbox.faults import REJECT, Cut
from sandbox.gate import Request, admit
from sandbox.kinds import Doc
from sandbox.record import Exchange, masked

if TYPE_CHECKING:
    from sandbox.market import Market

#: A picture of 10 MB in its form.
MOST_BODY = 11 * 1024 * 1024
#: Blueprints of pages that are not operations, made for a market; parts add theirs.
PAGES: list[Callable[[Market], flask.Blueprint]] = []
#: What happens in the very moment before and after a call that changes something; parts add theirs.
MOMENTS: list[Callable[[Call, str], None]] = []


#: The routes, once they are compiled: they are the same for every market of a process, and most of
#: the work of making an app.
ROUTES: list[Map] = []


class NoRoutes(Map):
    """In place of routes that are known already."""

    def add(self, rulefactory: RuleFactory) -> None:
        pass


def make_app(market: Market) -> flask.Flask:
    app = flask.Flask("sandbox")
    if ROUTES:
        app.url_map = NoRoutes()
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY
    for make in PAGES:
        app.register_blueprint(make(market))
    for (method, _), entries in api.TABLE.items():
        rule = entries[0].path.replace("{", "<").replace("}", ">")
        app.add_url_rule(
            rule, f"{method} {rule}", _view(market, entries), methods=[method], strict_slashes=True
        )
    app.register_error_handler(404, lambda _: _nowhere(404))
    app.register_error_handler(405, lambda _: _nowhere(405))
    if not ROUTES:
        ROUTES.append(app.url_map)
    app.url_map = ROUTES[0]
    return app


def _nowhere(status: int) -> flask.Response:
    text = api.envelope(36009009, "There is no such path.", _request_id(), None)
    return flask.Response(text, status, content_type="application/json")


def _view(market: Market, entries: list[Operation]) -> Callable[..., flask.Response]:
    def answer(**variables: str) -> flask.Response:
        request = _request()
        market.latency.wait()
        market.tick()
        known = next((one for one in entries if variables["version"] in one.versions), entries[-1])
        answer = Answer(market, known.name)
        answer.make(entries, request, variables)
        market.record.add(answer.exchange(request))
        return answer.response()

    return answer


class Answer:
    """One answer while it is being made: its envelope, HTTP status and the fault that struck."""

    def __init__(self, market: Market, name: str) -> None:
        self.market = market
        self.name = name
        self.fault = ""
        self.status = 200
        self.text = ""

    def make(self, entries: list[Operation], request: Request, variables: dict[str, str]) -> None:
        request_id = _request_id()
        try:
            call = admit(self.market, entries, request, variables)
            data = self._data(call, request)
        except Refusal as no:
            http = no.http or int(self.market.facts.value("refusals_http"))
            self.status = http
            self.text = api.envelope(no.code, no.message, request_id, None)
        else:
            self.text = api.envelope(0, "Success", request_id, data)
        if self.fault == "timeout_after_effect":
            self.market.faults.hang()

    def _data(self, call: Call, request: Request) -> Doc | None:
        self.fault = self.market.faults.strike_call(self.name) or ""
        self._strike_before(call, request)
        if call.operation.method == "GET":
            data = call.operation.view(call)
        else:
            _meet(call, "before")
            with self.market.books.change():
                data = call.operation.view(call)
            _meet(call, "after")
        if self.fault == "null_data" or (not data and call.on("null_data_on_success")):
            return None
        return data

    def _strike_before(self, call: Call, request: Request) -> None:
        if self.fault == "http_429":
            raise Refusal(36009002, http=429)
        if self.fault == "http_503":
            raise Refusal(36009003, http=503)
        if self.fault.startswith(REJECT):
            raise Refusal(int(self.fault.removeprefix(REJECT)))
        if self.fault == "token_expired":
            ended = call.seller | {"access_token_expire_in": int(self.market.clock.real()) - 1}
            self.market.books.put("token", "", ended)
            raise Refusal(105002, http=self.market.facts.value("auth_refusals_http"))
        if self.fault == "timeout_before_effect":
            self.market.faults.hang()

    def exchange(self, request: Request) -> Exchange:
        return Exchange(
            at=self.market.clock.now(),
            operation=self.name,
            method=request.method,
            path=request.path,
            query=masked(flask.request.query_string.decode("utf-8", "replace")),
            content_type=request.content_type,
            body=_shown(request),
            status=self.status,
            response=self.text,
            response_type="application/json",
            fault=self.fault,
        )

    def response(self) -> flask.Response:
        raw = self.text.encode()
        if self.fault != "reset_mid_body":
            return flask.Response(raw, self.status, content_type="application/json")
        headers = {"Content-Type": "application/json", "Content-Length": str(len(raw))}
        return flask.Response(_half(raw), self.status, headers)


def _meet(call: Call, when: str) -> None:
    for moment in MOMENTS:
        moment(call, when)


def _shown(request: Request) -> str:
    """A form holds the bytes of a file, which nobody reads here."""
    if request.content_type.lower().startswith("multipart/form-data"):
        return ""
    return request.body.decode("utf-8", "replace")


def _half(raw: bytes) -> Iterator[bytes]:
    yield raw[: len(raw) // 2]
    raise Cut


def _request() -> Request:
    asked = flask.request
    return Request(
        method=asked.method,
        path=asked.path,
        query=asked.args.to_dict(flat=True),
        token=asked.headers.get("x-tts-access-token", ""),
        content_type=asked.content_type or "",
        body=asked.get_data(),
    )


def _request_id() -> str:
    return secrets.token_hex(16).upper()
