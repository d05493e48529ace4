"""A marketplace whose packages exist from payment: it splits and combines, arranges packages, and
loses answers when a test wants it to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from shipboard.channels.contract import (
    Accepted,
    Arranged,
    Arrangement,
    Combinable,
    Document,
    FailureKind,
    Outcome,
    PackageFact,
    ParcelContent,
    ParcelFact,
    Shipping,
    ShipTarget,
    Size,
    SplitAdvice,
    Stage,
)
from tests import make
from tests.fulfilment.shipping_channel import ShippingChannel
from tests.ingest.fake_channel import Clock, failure

RECIPIENT = {"name": "Alma Brook", "address": "1 Canal Road", "postal_code": "10110"}
PDF = b"%PDF-1.7 a label"


class PackingChannel(ShippingChannel):
    """`packages`: unit ids by package id; `arranged`: those whose label was bought; `bought`: one
    for each label that was paid for; `packed`: calls that changed packages."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.packages: dict[str, tuple[str, ...]] = {}
        self.arranged: dict[str, str] = {}
        self.bought: list[str] = []
        self.packed: list[tuple[str, Any]] = []
        self.owner: dict[str, str] = {}
        self.canceled: set[str] = set()
        self.skus: dict[str, tuple[int, ...]] = {}
        self._born = 0
        #: Called before and after a label is bought, and when its file is asked for; each with the
        #: number of the call. What they raise is what the desk hears.
        self.buying: Callable[[str, int], None] = lambda when, number: None
        self.making: Callable[[int], None] = lambda number: None
        #: Called when a package is asked for.
        self.telling: Callable[[], None] = lambda: None

    # What happens over there.

    def place_packed(self, order_id: str, skus: Sequence[int] = (1,), **given: Any) -> None:
        """An order with so many units of each SKU, in one package."""
        self.skus[order_id] = tuple(skus)
        values = {
            "shipping": Shipping.PLATFORM,
            "buyer_username": "alma",
            "recipient": RECIPIENT,
            "warehouse": "Bangkok",
            "delivery_option": "Standard",
        }
        units = self.units(order_id)
        self.owner |= dict.fromkeys(units, order_id)
        self.place(order_id, **values | given)
        self._bear(units)
        self._tell(order_id)

    def units(self, order_id: str, line: int | None = None) -> tuple[str, ...]:
        """Ids of the units of an order, or of one of its lines."""
        return tuple(
            f"{order_id}-{at}-{number}"
            for at, count in enumerate(self.skus[order_id])
            for number in range(count)
            if line in (None, at)
        )

    def contents(self, order_id: str) -> list[tuple[str, ...]]:
        """What the packages of the order hold, of others' too."""
        return sorted(held for held in self.packages.values() if self._has(held, order_id))

    def cancel(self, order_id: str) -> None:
        self.canceled |= set(self.units(order_id))
        self.remote[order_id].stage = Stage.CANCELED
        for package_id in self._packages_of(order_id):
            rest = tuple(u for u in self.packages[package_id] if self.owner[u] != order_id)
            self.packages[package_id] = rest
            if not rest:
                del self.packages[package_id]
        self._tell_all()

    def arrange_there(self, package_id: str) -> None:
        """The seller makes its label in the marketplace's own pages."""
        self.arranged[package_id] = f"TH{len(self.arranged) + 1:09}"
        self._tell_all()

    def _bear(self, units: Sequence[str]) -> str:
        self._born += 1
        package_id = f"P{self._born}"
        self.packages[package_id] = tuple(units)
        return package_id

    def _has(self, held: Sequence[str], order_id: str) -> bool:
        return any(self.owner[unit] == order_id for unit in held)

    def _packages_of(self, order_id: str) -> list[str]:
        return [name for name, held in self.packages.items() if self._has(held, order_id)]

    def _tell_all(self) -> None:
        for order_id in self.skus:
            self._tell(order_id)

    def _tell(self, order_id: str) -> None:
        order = self.remote[order_id]
        mine = self._packages_of(order_id)
        sent = {unit for name in mine if name in self.arranged for unit in self.packages[name]}
        alive = set(self.units(order_id)) - self.canceled
        if alive and order.stage not in (Stage.ON_HOLD, Stage.IN_TRANSIT):
            order.stage = (
                Stage.AWAITING_SHIPMENT
                if not sent & alive
                else Stage.PENDING_COLLECTION
                if alive <= sent
                else Stage.PARTIALLY_SHIPPED
            )
        lines = []
        for at in range(len(self.skus[order_id])):
            ids = self.units(order_id, at)
            words = [
                "CANCELLED"
                if unit in self.canceled
                else "AWAITING_COLLECTION"
                if unit in sent
                else "AWAITING_SHIPMENT"
                for unit in ids
            ]
            lines.append(
                make.line(
                    sku_id=f"SKU{at}",
                    quantity=len(ids),
                    unit_ids=ids,
                    extra={"unit_statuses": ", ".join(f"{word} 1" for word in words)},
                )
            )
        self.change(
            order_id,
            lines=tuple(lines),
            parcels=tuple(self._parcel(name, order_id) for name in mine),
            arranged_at=self.clock.now if sent else None,
            tells_all=True,
        )

    def _parcel(self, package_id: str, order_id: str) -> ParcelFact:
        inside = [u for u in self.packages[package_id] if self.owner[u] == order_id]
        counts = Counter(int(unit.split("-")[1]) for unit in inside)
        return ParcelFact(
            package_id=package_id,
            tracking_number=self.arranged.get(package_id, ""),
            contents=tuple(ParcelContent(line, count) for line, count in sorted(counts.items())),
            is_unsent=package_id not in self.arranged,
        )

    # What the desk may ask.

    def _begin(self, name: str, what: Any) -> int:
        self._called(name, what)
        number = len([call for call in self.calls if call[0] in ("split", "combine", "uncombine")])
        self.hears("before", number)
        return number

    def _end(self, name: str, what: Any, number: int) -> None:
        self.packed.append((name, what))
        self._tell_all()
        self.hears("after", number)

    def _take_apart(self, order_ids: Sequence[str]) -> None:
        for order_id in order_ids:
            for package_id in self._packages_of(order_id):
                if package_id in self.arranged:
                    raise failure(FailureKind.FINAL, code="21011046", sentence="It is shipped.")
        for order_id in order_ids:
            for package_id in self._packages_of(order_id):
                del self.packages[package_id]

    def split_advice(self, order_ids: Sequence[str]) -> tuple[SplitAdvice, ...]:
        self._called("split_advice", tuple(order_ids))
        return tuple(SplitAdvice(order_id=each, can_split=True) for each in order_ids)

    def split(self, order_id: str, groups: Sequence[Sequence[str]]) -> tuple[str, ...]:
        number = self._begin("split", order_id)
        named = {unit for group in groups for unit in group}
        if named & self.canceled or not named <= set(self.units(order_id)):
            raise failure(FailureKind.FINAL, code="21011031", sentence="A unit is not of it.")
        self._take_apart([order_id])
        made = tuple(self._bear(group) for group in groups)
        self._end("split", order_id, number)
        return made

    def combinable(self) -> tuple[Combinable, ...]:
        self._called("combinable")
        return ()

    def combine(self, group: Combinable) -> str:
        number = self._begin("combine", group.order_ids)
        if any(self.remote[each].stage == Stage.CANCELED for each in group.order_ids):
            raise failure(FailureKind.FINAL, code="21011033", sentence="One is canceled.")
        self._take_apart(group.order_ids)
        made = self._bear([unit for each in group.order_ids for unit in self._alive(each)])
        self._end("combine", group.order_ids, number)
        return made

    def uncombine(self, package_id: str, order_ids: Sequence[str] = ()) -> tuple[str, ...]:
        number = self._begin("uncombine", package_id)
        if package_id not in self.packages or package_id in self.arranged:
            raise failure(FailureKind.FINAL, code="21011046", sentence="No such package.")
        inside = tuple(dict.fromkeys(self.owner[unit] for unit in self.packages[package_id]))
        leaving = tuple(order_ids) or inside
        self._take_apart(inside)
        made = [self._bear(self._alive(each)) for each in leaving]
        if stay := [unit for each in inside if each not in leaving for unit in self._alive(each)]:
            made.append(self._bear(stay))
        self._end("uncombine", package_id, number)
        return tuple(made)

    def _alive(self, order_id: str) -> tuple[str, ...]:
        return tuple(unit for unit in self.units(order_id) if unit not in self.canceled)

    def package(self, package_id: str) -> PackageFact:
        self._called("package", package_id)
        self.telling()
        if package_id not in self.packages:
            raise failure(FailureKind.FINAL, code="21011005", sentence="It is not known.")
        held = self.packages[package_id]
        return PackageFact(
            package_id=package_id,
            order_ids=tuple(dict.fromkeys(self.owner[unit] for unit in held)),
            status="PROCESSING" if package_id in self.arranged else "TO_FULFILL",
            is_arranged=package_id in self.arranged,
            tracking_number=self.arranged.get(package_id, ""),
        )

    def arrange(self, target: ShipTarget, arrangement: Arrangement) -> Arranged:
        self._called("arrange", target)
        number = len([call for call in self.calls if call[0] == "arrange"])
        self.buying("before", number)
        if target.package_id not in self.packages:
            raise failure(FailureKind.FINAL, code="21011041", sentence="It is canceled.")
        if target.package_id in self.arranged:
            raise failure(
                FailureKind.ALREADY_DONE, code="21011040", outcome=Outcome.DONE, sentence="Twice."
            )
        self.bought.append(target.package_id)
        self.arrange_there(target.package_id)
        self.buying("after", number)
        tracking = self.arranged[target.package_id]
        return Arranged(package_id=target.package_id, tracking_number=tracking)

    def ship(self, target: ShipTarget, *, tracking_number: str, carrier_id: str) -> Accepted:
        raise AssertionError("the platform ships these orders")

    def document(
        self, package_id: str, *, kind: str = "SHIPPING_LABEL", size: str = ""
    ) -> Document:
        self._called("document", package_id)
        self.making(len([call for call in self.calls if call[0] == "document"]))
        return Document(
            content=PDF,
            media_type="application/pdf",
            tracking_number=self.arranged.get(package_id, ""),
        )


SMALL = Size(weight_grams=500)
