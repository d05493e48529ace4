"""A shop's line to TikTok Shop: the contract's questions as calls of the Open API, and its answers
as records. Nothing is stored here, and nothing that fails is kept quiet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from itertools import pairwise

from shipboard import clock
from shipboard.channels import warehouses
from shipboard.channels.contract import (
    Accepted,
    Capabilities,
    CarrierFact,
    CaseFact,
    CasesPage,
    ChannelFailure,
    Document,
    FailureKind,
    Heard,
    OrdersPage,
    PackageFact,
    ScanFact,
    Shipping,
    ShipTarget,
    Stream,
    Unheard,
    WarehouseFact,
)
from shipboard.channels.models import Shop
from shipboard.channels.regions import country_of
from shipboard.channels.tiktok import lanes, shipments
from shipboard.channels.tiktok.cases import Told, read_cancellation, read_return
from shipboard.channels.tiktok.client import Answer, Client
from shipboard.channels.tiktok.orders import Reading, read_order
from shipboard.channels.tiktok.packages import read_package
from shipboard.channels.tiktok.values import Odd, Payload, ident, instant, part, rows, text

ORDERS_A_PAGE = 100
ORDERS_A_CALL = 50
#: Typed as text by the API, and 10 to 50 for returns.
CASES_A_PAGE = 50
#: More pages of cases of fifty orders there cannot be.
MOST_PAGES = 20
OLDEST_FIRST = {"sort_field": "update_time", "sort_order": "ASC"}
#: What the API may say of a detail call that names an order it does not know.
NO_SUCH_ORDER = "36009010"
MANY = 10
RETURN_WAREHOUSE = "RETURN_WAREHOUSE"
MEDIA_TYPES = (
    (b"%PDF", "application/pdf"),
    (b"\x89PNG", "image/png"),
    (b"^XA", "application/zpl"),
)

#: What is attached to accounts of orders, by order id.
Cases = Mapping[str, Sequence[CaseFact]]


class TikTokChannel:
    """contract.Channel for one shop. An account's `as_of` is the desk's clock at the start of the
    request that brought it, so that a change made meanwhile counts as newer."""

    def __init__(self, shop: Shop, client: Client) -> None:
        self.shop, self.client = shop, client

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return warehouses.names(self.shop)

    def capabilities(self, shipping: Shipping) -> Capabilities:
        return lanes.capabilities(self.shop.region, shipping)

    def changed_orders(
        self, stream: Stream, since: datetime, until: datetime, page: str = ""
    ) -> OrdersPage:
        """Stream.ORDERS: by the time of their last change of status. Stream.CANCEL_REQUESTS: of the
        same window only those whose buyer asks to cancel; a request need not move that time, so
        ask for a long window."""
        body: dict[str, object] = dict(_window(since, until))
        if stream is Stream.CANCEL_REQUESTS:
            body["is_buyer_request_cancel"] = True
        as_of = clock.now()
        answer = self.client.call(
            "search_orders",
            query={"page_size": ORDERS_A_PAGE, "page_token": page or None, **OLDEST_FIRST},
            body=body,
        )
        return self._orders_page("search_orders", answer, as_of)

    def changed_cases(
        self, stream: Stream, since: datetime, until: datetime, page: str = ""
    ) -> CasesPage:
        """Stream.CANCELLATIONS or Stream.RETURNS, by the time of their last change."""
        is_return = stream is Stream.RETURNS
        answer = self.client.call(
            "search_returns" if is_return else "search_cancellations",
            query={"page_size": CASES_A_PAGE, "page_token": page or None, **OLDEST_FIRST},
            body=_window(since, until),
        )
        return _returns_page(answer) if is_return else _cancellations_page(answer)

    def cases_of(
        self, order_ids: Sequence[str], stream: Stream = Stream.CANCELLATIONS
    ) -> CasesPage:
        """All cancellations (or returns) of these orders, whatever their state, on one page."""
        found, is_return = CasesPage(), stream is Stream.RETURNS
        operation = "search_returns" if is_return else "search_cancellations"
        for some in _chunks(order_ids):
            page = ""
            for _ in range(MOST_PAGES):
                answer = self.client.call(
                    operation,
                    query={"page_size": CASES_A_PAGE, "page_token": page or None},
                    body={"order_ids": some},
                )
                told = _returns_page(answer) if is_return else _cancellations_page(answer)
                found = CasesPage(
                    cases=found.cases + told.cases, unheard=found.unheard + told.unheard
                )
                page = told.next_page
                if not page:
                    break
            else:
                raise _unreadable(operation, "its pages have no end")
        return found

    def orders(self, order_ids: Sequence[str], cases: Cases | None = None) -> OrdersPage:
        """These orders as they are now. `cases` names the orders that cases were looked up for,
        with none where there are none."""
        heard: list[Heard] = []
        unheard: list[Unheard] = []
        for some in _chunks(order_ids):
            for page in self._detail(some, cases or {}):
                heard.extend(page.heard)
                unheard.extend(page.unheard)
        return OrdersPage(heard=tuple(heard), unheard=tuple(unheard))

    def _detail(self, order_ids: Sequence[str], cases: Cases) -> list[OrdersPage]:
        """One call; where the API refuses it for an order that it does not know, one for each.
        When it refuses each of many, it is not the orders that are wrong."""
        try:
            return [self._told(order_ids, cases)]
        except ChannelFailure as failure:
            if failure.code != NO_SUCH_ORDER:
                raise
            refused = failure
        pages = []
        for order_id in order_ids if len(order_ids) > 1 else ():
            try:
                pages.append(self._told([order_id], cases))
            except ChannelFailure as failure:
                if failure.code != NO_SUCH_ORDER:
                    raise
        if not pages and len(order_ids) >= MANY:
            raise refused
        return pages

    def _told(self, order_ids: Sequence[str], cases: Cases) -> OrdersPage:
        as_of = clock.now()
        answer = self.client.call("order_detail", query={"ids": order_ids})
        return self._orders_page("order_detail", answer, as_of, cases)

    def _orders_page(
        self, operation: str, answer: Answer, as_of: datetime, cases: Cases | None = None
    ) -> OrdersPage:
        reading = Reading(as_of, self.shop.region, self._names)
        payloads = _rows(operation, answer, "orders")
        cases = cases or {}
        told = [read_order(one, reading, _cases_for(one, cases)) for one in payloads]
        return OrdersPage(
            heard=tuple(one for one in told if isinstance(one, Heard)),
            unheard=tuple(one for one in told if isinstance(one, Unheard)),
            next_page=_next_page(answer),
            total=_total(answer),
            reached=_reached(payloads),
        )

    def warehouses(self) -> tuple[WarehouseFact, ...]:
        """Where orders are sent from, each by a name of its own. A warehouse for returns is often
        the same place by the same name and another id; no order comes from it."""
        payloads = [
            one
            for one in _rows("warehouses", self.client.call("warehouses"), "warehouses")
            if isinstance(one, dict) and text(one, "type") != RETURN_WAREHOUSE
        ]
        try:
            return tuple(_named(payloads))
        except Odd as odd:
            raise _unreadable("warehouses", str(odd)) from None

    def package(self, package_id: str) -> PackageFact:
        answer = self.client.call("package_detail", ids={"package_id": package_id})
        try:
            return read_package(answer.data)
        except Odd as odd:
            raise _unreadable("package_detail", str(odd)) from None

    def carriers(self, delivery_option_id: str) -> tuple[CarrierFact, ...]:
        ids = {"delivery_option_id": delivery_option_id}
        answer = self.client.call("shipping_providers", ids=ids)
        try:
            return shipments.read_carriers(answer.data)
        except Odd as odd:
            raise _unreadable("shipping_providers", str(odd)) from None

    def ship(self, target: ShipTarget, *, tracking_number: str, carrier_id: str) -> Accepted:
        """Marks as shipped, or ships the package that exists, as the shop's market has it."""
        operation = shipments.shipping_operation(self.shop.region, target)
        version = self.client.version(operation)
        own = shipments.Own(tracking_number, carrier_id)
        body = shipments.shipping_body(operation, version, target, own)
        answer = self.client.call(operation, ids=shipments.ids_of(operation, target), body=body)
        return shipments.read_accepted(answer.data, target)

    def correct_tracking(
        self, target: ShipTarget, *, tracking_number: str, carrier_id: str, is_only: bool
    ) -> Accepted:
        """By the order while it has one parcel, by the package otherwise."""
        operation = shipments.editing_operation(target, is_only)
        own = shipments.Own(tracking_number, carrier_id)
        body = shipments.editing_body(operation, self.client.version(operation), own)
        answer = self.client.call(operation, ids=shipments.ids_of(operation, target), body=body)
        return shipments.read_accepted(answer.data, target)

    def scans(self, order_id: str) -> tuple[ScanFact, ...]:
        answer = self.client.call("tracking", ids={"order_id": order_id})
        try:
            return shipments.read_scans(answer.data)
        except Odd as odd:
            raise _unreadable("tracking", str(odd)) from None

    def document(self, package_id: str, *, kind: str = "SHIPPING_LABEL") -> Document:
        """The file is fetched at once: its address lives for a day. What is no document, such as a
        page that reports a fault, is refused."""
        answer = self.client.call(
            "shipping_document", ids={"package_id": package_id}, query={"document_type": kind}
        )
        url = answer.data.get("doc_url")
        if not isinstance(url, str) or not url:
            raise ChannelFailure(
                FailureKind.NOT_READY,
                operation="shipping_document",
                sentence="The label is not ready yet.",
                next_step="It is asked for again by itself.",
                request_id=answer.request_id,
                allowed=("retry",),
            )
        content = self.client.fetch(url).body
        for start, media_type in MEDIA_TYPES:
            if content.startswith(start):
                number = text(answer.data, "tracking_number")
                return Document(content=content, media_type=media_type, tracking_number=number)
        raise _unreadable("shipping_document", "the file it points to is no PDF, picture or ZPL")


def _window(since: datetime, until: datetime) -> dict[str, int]:
    """Both ends included, in whole seconds; the API takes its upper end as not included."""
    return {
        "update_time_ge": int(since.timestamp()),
        "update_time_lt": int(until.timestamp()) + 1,
    }


def _chunks(order_ids: Sequence[str]) -> Iterator[list[str]]:
    unique = list(dict.fromkeys(order_ids))
    for start in range(0, len(unique), ORDERS_A_CALL):
        yield unique[start : start + ORDERS_A_CALL]


def _cases_for(payload: object, cases: Cases) -> Sequence[CaseFact] | None:
    order_id = payload.get("id") if isinstance(payload, dict) else None
    return cases.get(str(order_id)) if cases else None


def _rows(operation: str, answer: Answer, name: str) -> list[object]:
    try:
        return rows(answer.data, name)
    except Odd as odd:
        raise _unreadable(operation, str(odd)) from None


def _total(answer: Answer) -> int | None:
    total = answer.data.get("total_count")
    return total if isinstance(total, int) else None


def _next_page(answer: Answer) -> str:
    token = answer.data.get("next_page_token")
    return token if isinstance(token, str) else ""


def _reached(payloads: Sequence[object]) -> datetime | None:
    """The last row's update time, if every row has one and they only grow."""
    try:
        times = [instant(one, "update_time") for one in payloads if isinstance(one, dict)]
    except Odd:
        return None
    known = [at for at in times if at]
    if not known or len(known) < len(payloads) or any(b < a for a, b in pairwise(known)):
        return None
    return known[-1]


def _cancellations_page(answer: Answer) -> CasesPage:
    payloads = _rows("search_cancellations", answer, "cancellations")
    return _cases_page(answer, payloads, map(read_cancellation, payloads))


def _returns_page(answer: Answer) -> CasesPage:
    payloads = _rows("search_returns", answer, "return_orders")
    return _cases_page(answer, payloads, map(read_return, payloads))


def _cases_page(
    answer: Answer, payloads: Sequence[object], told: Iterable[Told | Unheard]
) -> CasesPage:
    entries = list(told)
    return CasesPage(
        cases=tuple(one for one in entries if not isinstance(one, Unheard)),
        unheard=tuple(one for one in entries if isinstance(one, Unheard)),
        next_page=_next_page(answer),
        total=_total(answer),
        reached=_reached(payloads),
    )


def _named(payloads: Sequence[Payload]) -> Iterator[WarehouseFact]:
    """Names repeat; of those that do, each carries the end of its id. Raises Odd."""
    repeated = Counter(text(one, "name") for one in payloads)
    for one in payloads:
        remote_id, name = ident(one, "id"), text(one, "name")
        if not remote_id:
            continue
        if name and repeated[name] > 1:
            name = f"{name} ({remote_id[-4:]})"
        address = part(one, "address")
        country = text(address, "region_code") or text(address, "region")
        yield WarehouseFact(
            remote_id=remote_id, name=name or remote_id, country=country_of(country)
        )


def _unreadable(operation: str, why: str) -> ChannelFailure:
    return ChannelFailure(
        FailureKind.TRANSIENT,
        operation=operation,
        sentence=f"TikTok Shop's answer could not be read: {why.rstrip('.')}.",
        next_step="It is tried again by itself.",
        allowed=("retry", "report"),
    )
