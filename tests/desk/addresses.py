"""Every address that the desk has, with something in the place of each argument."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

ARGUMENTS = {
    "order_id": "576000000000000001",
    "pk": "1",
    "slug": "northwind",
    "token": "not-a-token",
    "verb": "pause",
    "first": "1",
}
ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")


def every_address(**arguments: str) -> list[tuple[str, str]]:
    """(name, path) of every pattern, those of included ones too; other `arguments` may be given,
    for one address as `name_argument`."""
    return list(_within(get_resolver(), "/", arguments))


def _within(of: URLResolver, before: str, given: dict[str, str]) -> Iterator[tuple[str, str]]:
    for pattern in of.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _within(pattern, before + str(pattern.pattern), given)
            continue
        assert isinstance(pattern, URLPattern)
        name = pattern.name or ""

        def value(match: re.Match[str], name: str = name) -> str:
            return given.get(f"{name}_{match[1]}") or given.get(match[1]) or ARGUMENTS[match[1]]

        yield name, before + ARGUMENT.sub(value, str(pattern.pattern))
