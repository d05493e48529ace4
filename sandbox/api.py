"""How an endpoint is written: a function with `@operation(...)` that takes a Call and gives the
`data` of the answer, or raises Refusal with one of the marketplace's codes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox import errors
from sandbox.books import dump
from sandbox.kinds import Doc

if TYPE_CHECKING:
    from sandbox.market import Market


class Refusal(Exception):
    """The call is answered with `code`. `http` None: as the fact `refusals_http` says."""

    def __init__(self, code: int, message: str = "", http: int | None = None) -> None:
        self.code = code
        self.message = message or errors.words(code)
        self.http = http
        super().__init__(f"{code} {self.message}")


class Raw(str):
    """JSON text that goes into the answer as it is. Only directly within `data`."""

    __slots__ = ()


def raw_list(texts: list[str]) -> Raw:
    """A JSON array of documents that are JSON text already."""
    return Raw("[" + ",".join(texts) + "]")


@dataclass(frozen=True)
class App:
    """A developer's app; `redirect` is where the authorise page sends the seller back to."""

    key: str
    secret: str
    redirect: str
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class Shop:
    """A shop of the marketplace. Shops with the same `seller` are authorised together."""

    id: str
    name: str
    region: str
    seller_type: str
    code: str
    cipher: str
    seller: str
    warehouses: tuple[Doc, ...] = ()


@dataclass(frozen=True)
class Operation:
    name: str
    view: Callable[[Call], Doc]
    method: str
    path: str
    versions: tuple[str, ...]
    scope: str
    cipher: bool
    #: Smallest, largest and usual page_size; None: not paged.
    page: tuple[int, int, int] | None = None


@dataclass(frozen=True)
class Call:
    """One call that has passed the gate. Query parameters have their first value."""

    market: Market
    operation: Operation
    version: str
    app: App
    seller: Doc
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Doc
    raw: bytes = b""
    its_shop: Shop | None = None
    now: int = 0
    page_size: int = field(default=0)

    @property
    def shop(self) -> Shop:
        if self.its_shop is None:
            raise LookupError(f"{self.operation.name} is not about one shop")
        return self.its_shop

    def many(self, name: str) -> list[str]:
        """An array of the query, joined by commas."""
        return [value for value in self.query.get(name, "").split(",") if value]

    def on(self, fact: str) -> bool:
        return self.market.facts.on(fact)

    def fact(self, key: str) -> Any:
        return self.market.facts.value(key)

    def strikes(self, fault: str) -> bool:
        """Whether a fault meets this call (asking draws: ask once)."""
        return self.market.faults.strikes(fault, self.operation.name)

    def need(self, name: str) -> Any:
        """A field of the body that must be there. Raises Refusal."""
        value = self.body.get(name)
        if value in (None, "", []):
            raise Refusal(36009022, f"{name} is missing.")
        return value


#: (method, path with {} for every variable) to the operations there, one for each set of versions.
TABLE: dict[tuple[str, str], list[Operation]] = {}
VARIABLE = re.compile(r"\{(\w+)\}")

View = Callable[[Call], Doc]


def operation(
    name: str,
    method: str,
    path: str,
    *,
    scope: str,
    versions: tuple[str, ...] = ("202309",),
    cipher: bool = True,
    page: tuple[int, int, int] | None = None,
) -> Callable[[View], View]:
    """Puts an endpoint into the table. `path` starts with the group: `/order/{version}/orders`.

    The same path may have several operations, each for versions of its own.
    """

    def enter(view: View) -> View:
        entry = Operation(name, view, method, path, versions, scope, cipher, page)
        here = TABLE.setdefault((method, VARIABLE.sub("{}", path)), [])
        if any(set(other.versions) & set(versions) for other in here):
            raise ValueError(f"{method} {path}: two operations for one version")
        if here and here[0].path != path:
            raise ValueError(f"{path} and {here[0].path} differ in names only")
        here.append(entry)
        return view

    return enter


def operations() -> list[Operation]:
    return [entry for entries in TABLE.values() for entry in entries]


def envelope(code: int, message: str, request_id: str, data: Doc | None) -> str:
    """The answer as JSON text; data None is null."""
    head = dump({"code": code, "message": message, "request_id": request_id})
    return f'{head[:-1]},"data":{_data(data)}}}'


def _data(data: Doc | None) -> str:
    if data is None or not any(isinstance(value, Raw) for value in data.values()):
        return dump(data)
    parts = (
        f"{dump(name)}:{value if isinstance(value, Raw) else dump(value)}"
        for name, value in data.items()
    )
    return "{" + ",".join(parts) + "}"
