"""A shop's line to TikTok Shop: the contract's questions as calls of the Open API, and its answers
as records. Nothing is stored here, and nothing that fails is kept quiet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property

from shipboard import clock
from shipboard.channels import warehouses
from shipboard.channels.contract import (
    Accepted,
    Arranged,
    Arrangement,
    Capabilities,
    CarrierFact,
    CaseFact,
    ChannelFailure,
    Combinable,
    DeliveryOptionFact,
    Document,
    FailureKind,
    HandoverFact,
    Heard,
    OrdersPage,
    PackageFact,
    Rejection,
    ScanFact,
    ServiceFact,
    Shipping,
    ShipTarget,
    Size,
    SplitAdvice,
    Stream,
    Unheard,
    WarehouseFact,
)
from shipboard.channels.regions import country_of
from shipboard.channels.tiktok import labels, lanes, paging, repacks, shipments
from shipboard.channels.tiktok.case_calls import CaseCalls
from shipboard.channels.tiktok.client import Answer
from shipboard.channels.tiktok.orders import Reading, read_order
from shipboard.channels.tiktok.packages import read_package
from shipboard.channels.tiktok.values import Odd, Payload, ident, part, text

ORDERS_A_PAGE = 100
GROUPS_A_PAGE = 50
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


class TikTokChannel(CaseCalls):
    """contract.Channel for one shop. An account's `as_of` is the desk's clock at the start of the
    request that brought it, so that a change made meanwhile counts as newer."""

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
        body: dict[str, object] = dict(paging.window(since, until))
        if stream is Stream.CANCEL_REQUESTS:
            body["is_buyer_request_cancel"] = True
        as_of = clock.now()
        answer = self.client.call(
            "search_orders",
            query={"page_size": ORDERS_A_PAGE, "page_token": page or None, **paging.OLDEST_FIRST},
            body=body,
        )
        return self._orders_page("search_orders", answer, as_of)

    def orders(self, order_ids: Sequence[str], cases: Cases | None = None) -> OrdersPage:
        """These orders as they are now. `cases` names the orders that cases were looked up for,
        with none where there are none."""
        heard: list[Heard] = []
        unheard: list[Unheard] = []
        for some in paging.chunks(order_ids):
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
        payloads = paging.rows(operation, answer, "orders")
        cases = cases or {}
        told = [read_order(one, reading, _cases_for(one, cases)) for one in payloads]
        return OrdersPage(
            heard=tuple(one for one in told if isinstance(one, Heard)),
            unheard=tuple(one for one in told if isinstance(one, Unheard)),
            next_page=paging.next_page(answer),
            total=paging.total(answer),
            reached=paging.reached(payloads),
        )

    def warehouses(self) -> tuple[WarehouseFact, ...]:
        """Where orders are sent from, each by a name of its own. A warehouse for returns is often
        the same place by the same name and another id; no order comes from it."""
        payloads = [
            one
            for one in paging.rows("warehouses", self.client.call("warehouses"), "warehouses")
            if isinstance(one, dict) and text(one, "type") != RETURN_WAREHOUSE
        ]
        try:
            return tuple(_named(payloads))
        except Odd as odd:
            raise paging.unreadable("warehouses", str(odd)) from None

    def package(self, package_id: str) -> PackageFact:
        answer = self.client.call("package_detail", ids={"package_id": package_id})
        return paging.read("package_detail", answer, read_package)

    def carriers(self, delivery_option_id: str) -> tuple[CarrierFact, ...]:
        ids = {"delivery_option_id": delivery_option_id}
        answer = self.client.call("shipping_providers", ids=ids)
        return paging.read("shipping_providers", answer, shipments.read_carriers)

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
        return paging.read("tracking", answer, shipments.read_scans)

    def services(self, target: ShipTarget, size: Size) -> tuple[ServiceFact, ...]:
        ids, body = {"order_id": target.order_id}, labels.services_body(target, size)
        answer = self.client.call("shipping_services", ids=ids, body=body)
        return paging.read("shipping_services", answer, labels.read_services)

    def handover(self, package_id: str) -> HandoverFact:
        answer = self.client.call("handover_time_slots", ids={"package_id": package_id})
        return paging.read("handover_time_slots", answer, labels.read_handover)

    def delivery_options(self, warehouse_id: str) -> tuple[DeliveryOptionFact, ...]:
        answer = self.client.call("delivery_options", ids={"warehouse_id": warehouse_id})
        return paging.read("delivery_options", answer, labels.read_delivery_options)

    def arrange(self, target: ShipTarget, arrangement: Arrangement) -> Arranged:
        """Buys a label, or ships the package that exists, as the shop's market has it."""
        operation = labels.arranging_operation(self.shop.region, target)
        chosen = self.client.version(operation)
        version = labels.arranging_version(operation, self.shop.region, chosen)
        body = labels.arranging_body(operation, version, target, arrangement)
        ids = {} if operation == labels.BUY else {"package_id": target.package_id}
        answer = self.client.call(operation, ids=ids, body=body, version=version)
        return labels.read_arranged(answer.data, target)

    def split_advice(self, order_ids: Sequence[str]) -> tuple[SplitAdvice, ...]:
        found: list[SplitAdvice] = []
        for some in paging.chunks(order_ids):
            answer = self.client.call("split_attributes", query={"order_ids": some})
            found.extend(paging.read("split_attributes", answer, repacks.read_split_advice))
        return tuple(found)

    def split(self, order_id: str, groups: Sequence[Sequence[str]]) -> tuple[str, ...]:
        body = repacks.split_body(groups)
        answer = self.client.call(repacks.SPLIT, ids={"order_id": order_id}, body=body)
        return repacks.read_packages(answer.data)

    def combinable(self) -> tuple[Combinable, ...]:
        found: list[Combinable] = []
        page = ""
        for _ in range(paging.MOST_PAGES):
            query = {"page_size": GROUPS_A_PAGE, "page_token": page or None}
            answer = self.client.call("search_combinable", query=query)
            found.extend(paging.read("search_combinable", answer, repacks.read_combinable))
            page = paging.next_page(answer)
            if not page:
                break
        return tuple(found)

    def combine(self, group: Combinable) -> str:
        made = self._repack(repacks.COMBINE, {}, repacks.combine_body(group))
        return made[0] if made else ""

    def uncombine(self, package_id: str, order_ids: Sequence[str] = ()) -> tuple[str, ...]:
        ids, body = {"package_id": package_id}, repacks.uncombine_body(order_ids)
        return self._repack(repacks.UNCOMBINE, ids, body)

    def _repack(
        self, operation: str, ids: Mapping[str, str], body: Mapping[str, object]
    ) -> tuple[str, ...]:
        """The packages that were made. What was refused by code 0 is a failure all the same."""
        answer = self.client.call(operation, ids=ids, body=body)
        if refusal := repacks.refusal(operation, answer.data, answer.request_id):
            raise refusal
        return repacks.read_packages(answer.data)

    def document(
        self, package_id: str, *, kind: str = "SHIPPING_LABEL", size: str = ""
    ) -> Document:
        """The file is fetched at once: its address lives for a day. What is no document, such as a
        page that reports a fault, is refused. A size that it is not made in is left out."""
        is_sized = kind in labels.SIZED and size in lanes.SIZES
        sized = {"document_size": size} if is_sized else {}
        answer = self.client.call(
            "shipping_document",
            ids={"package_id": package_id},
            query={"document_type": kind, **sized},
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
                rejection=Rejection.PRINT_FAILURE,
            )
        content = self.client.fetch(url).body
        for start, media_type in MEDIA_TYPES:
            if content.startswith(start):
                number = text(answer.data, "tracking_number")
                return Document(content=content, media_type=media_type, tracking_number=number)
        raise paging.unreadable(
            "shipping_document", "the file it points to is no PDF, picture or ZPL"
        )


def _cases_for(payload: object, cases: Cases) -> Sequence[CaseFact] | None:
    order_id = payload.get("id") if isinstance(payload, dict) else None
    return cases.get(str(order_id)) if cases else None


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
