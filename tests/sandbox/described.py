"""The description of the API in sandbox/openapi, merged; a recorded exchange held against it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import yaml
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

import sandbox
from sandbox.record import Exchange
from sandbox.testing import ORIGIN

#: A version that is not there is not described either.
RETIRED = '{"code":36009014,'
FOLDER = Path(sandbox.__file__).parent / "openapi"


@cache
def merged() -> dict[str, Any]:
    """One description of all files. Two files may not describe the same path, or name one thing."""
    whole: dict[str, Any] = yaml.safe_load((FOLDER / "common.yaml").read_text())
    for file in sorted(FOLDER.glob("*.yaml")):
        if file.name == "common.yaml":
            continue
        part = yaml.safe_load(file.read_text())
        _join(whole["paths"], part.get("paths", {}), file.name)
        for group, entries in part.get("components", {}).items():
            _join(whole["components"].setdefault(group, {}), entries, file.name)
    return whole


def _join(into: dict[str, Any], more: dict[str, Any], name: str) -> None:
    twice = set(into) & set(more)
    assert not twice, f"{name} describes again: {sorted(twice)}"
    into.update(more)


@cache
def description() -> OpenAPI:
    return OpenAPI.from_dict(merged())


class Asked:
    """A recorded request, as openapi-core wants one."""

    def __init__(self, exchange: Exchange) -> None:
        self.host_url = ORIGIN
        self.path = exchange.path
        self.method = exchange.method.lower()
        self.body = exchange.body.encode() or None
        self.content_type = exchange.content_type or "application/json"
        pairs = parse_qsl(exchange.query, keep_blank_values=True)
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(pairs), header=Headers(), cookie=ImmutableMultiDict()
        )


class Answered:
    """A recorded answer, likewise."""

    def __init__(self, exchange: Exchange) -> None:
        self.data = exchange.response.encode()
        self.status_code = exchange.status
        self.content_type = exchange.response_type
        self.headers = Headers()


def differences(exchange: Exchange) -> str:
    """What is not as described, blank if nothing is. A refused request need not be as described."""
    if exchange.response.startswith(RETIRED):
        return ""
    asked, answered = Asked(exchange), Answered(exchange)
    try:
        if exchange.response.startswith('{"code":0,'):
            description().validate_request(asked)
        description().validate_response(asked, answered)
    except OpenAPIError as error:
        return f"{exchange.method} {exchange.path}: {_words(error)}"
    return ""


def _words(error: BaseException) -> str:
    inner = [str(one) for one in getattr(error.__cause__, "schema_errors", [])]
    return "; ".join([str(error), str(error.__cause__ or ""), *inner])
