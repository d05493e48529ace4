"""The rows of one order, made parcels: one for each tracking number, with the SKUs and quantities
that its rows give it, or the package that they name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from shipboard import carriers
from shipboard.channels.file.tracking import ShipmentRow
from shipboard.fulfilment.claiming import package_of, picked_of, waiting_packages
from shipboard.fulfilment.refusals import BadShipment
from shipboard.fulfilment.units import WHOLE
from shipboard.uploads.pictures import Picture

Contents = dict[int, int]


class BadRows(Exception):
    """Rows that cannot be taken, with the sentence why."""

    def __init__(self, sentence: str, rows: Sequence[ShipmentRow]) -> None:
        super().__init__(sentence)
        self.rows = tuple(rows)


@dataclass(slots=True)
class Parcel:
    """A shipment that the file asks for. `contents` None: all that waits. `package`: our key of the
    channel's package, where what is shipped is one. `repeats`: rows that say the same again."""

    picture: Picture
    number: str
    rows: list[ShipmentRow]
    contents: Contents | None = None
    package_id: str = ""
    package: int | None = None
    repeats: list[ShipmentRow] = field(default_factory=list)
    carrier: str = ""
    carrier_id: str = ""
    warnings: list[str] = field(default_factory=list)

    @property
    def group(self) -> str:
        return self.rows[0].group

    @property
    def service(self) -> str:
        return self.rows[0].service


def parcels_of(picture: Picture, rows: Sequence[ShipmentRow]) -> list[Parcel]:
    """The parcels that the rows of one order ask for. Raises BadRows, of all the order's rows:
    half an order is never shipped because the other half was not understood."""
    by_number: dict[str, list[ShipmentRow]] = {}
    for row in rows:
        by_number.setdefault(carriers.clean(row.tracking), []).append(row)
    parcels = [Parcel(picture, number, of_it) for number, of_it in by_number.items()]
    try:
        for parcel in parcels:
            _check_agree(parcel)
        if len(parcels) > 1:
            _check_split(parcels)
        _fill(picture, parcels)
    except BadShipment as refusal:
        raise BadRows(str(refusal), rows) from None
    return parcels


def _is_whole(row: ShipmentRow) -> bool:
    return not row.sku_id and not row.package_id


def _check_agree(parcel: Parcel) -> None:
    """Rows of one number name one carrier, service and group; what is said twice counts once."""
    first, *rest = parcel.rows
    for row in rest:
        for name in ("carrier", "service", "group"):
            mine, other = getattr(first, name), getattr(row, name)
            if mine.casefold() != other.casefold():
                raise BadShipment(
                    name,
                    f"Rows {first.number} and {row.number} give the order one tracking number and "
                    f"a different {name}. Put one of them right.",
                )
    seen: set[tuple[str, int | None, str]] = set()
    kept: list[ShipmentRow] = []
    for row in parcel.rows:
        said = (row.sku_id, row.quantity if row.sku_id else None, row.package_id)
        (parcel.repeats if said in seen else kept).append(row)
        seen.add(said)
    parcel.rows = kept


def _check_split(parcels: Sequence[Parcel]) -> None:
    for parcel in parcels:
        if any(map(_is_whole, parcel.rows)):
            numbers = sorted(row.number for each in parcels for row in each.rows)
            raise BadShipment(
                "contents",
                f"The order stands in rows {_listed(numbers)} with different tracking numbers, and "
                "not all of them say which SKU goes under which. Fill in SKU ID and Quantity, or "
                "keep one row.",
            )


def _fill(picture: Picture, parcels: Sequence[Parcel]) -> None:
    """Give each parcel its contents or package. Raises BadShipment."""
    packages = waiting_packages(picture.order)
    if not picture.free:
        raise BadShipment("contents", picture.taken or NOTHING_WAITS)
    left = Counter(unit.line for unit in picture.free)
    whole = dict(left)
    for parcel in parcels:
        parcel.contents = _contents(picture, parcel, left)
        if parcel.contents == whole:
            parcel.contents = None  # all that waits
    if picture.can.whole_packages:
        for parcel in parcels:
            _take_package(picture, parcel, packages)
        return
    for parcel in parcels:
        picked_of(picture.free, parcel.contents, picture.can)


NOTHING_WAITS = "None of its units waits to be shipped any more."


def _contents(picture: Picture, parcel: Parcel, left: Counter[int]) -> Contents | None:
    """By line, taken off what is `left` of the order. None: no row says."""
    if any(map(_is_whole, parcel.rows)):
        if len(parcel.rows) > 1:
            raise BadShipment(
                "contents",
                f"Of the rows {_listed([row.number for row in parcel.rows])} some name a SKU and "
                "some do not. Fill in SKU ID in all of them, or keep the one without.",
            )
        return _of_quantity(picture, parcel.rows[0], left)
    found: Contents = {}
    for row in parcel.rows:
        for line, count in _of_row(picture, row, left).items():
            found[line] = found.get(line, 0) + count
            left[line] -= count
    return found


def _of_quantity(picture: Picture, row: ShipmentRow, left: Mapping[int, int]) -> Contents | None:
    """A row without a SKU: all that waits, or so many of the only SKU."""
    if row.quantity is None or row.quantity == sum(left.values()):
        return None
    skus = {line.item.sku_id or line.item.seller_sku for line in picture.lines}
    if len(skus) != 1:
        raise BadShipment(
            "contents",
            f"Row {row.number} has a quantity and no SKU ID, and the order has {len(skus)} SKUs. "
            "Fill in SKU ID, or leave the quantity out to ship all that waits.",
        )
    return _of_sku(picture, replace(row, sku_id=skus.pop()), left)


def _of_row(picture: Picture, row: ShipmentRow, left: Mapping[int, int]) -> Contents:
    if row.sku_id:
        return _of_sku(picture, row, left)
    return _of_package(picture, row, left)


def _of_sku(picture: Picture, row: ShipmentRow, left: Mapping[int, int]) -> Contents:
    lines = [
        line.position
        for line in picture.lines
        if row.sku_id in (line.item.sku_id, line.item.seller_sku)
    ]
    if not lines:
        raise BadShipment("contents", f"The order has no SKU {row.sku_id[:40]} (row {row.number}).")
    waiting = sum(left.get(line, 0) for line in lines)
    wanted = waiting if row.quantity is None else row.quantity
    if not waiting or wanted > waiting:
        said = f"only {waiting:,} of them" if waiting else "none of it"
        raise BadShipment(
            "contents",
            f"Row {row.number} ships {wanted:,} of SKU {row.sku_id[:40]}, and {said} still waits "
            "and is in no other row."
            if row.quantity is not None
            else f"None of SKU {row.sku_id[:40]} still waits and is in no other row "
            f"(row {row.number}).",
        )
    found: Contents = {}
    for line in lines:
        count = min(wanted, left.get(line, 0))
        if count:
            found[line] = count
            wanted -= count
    return found


def _of_package(picture: Picture, row: ShipmentRow, left: Mapping[int, int]) -> Contents:
    """What the package holds that the row names, by the facts."""
    packages = held(picture)
    if row.package_id in packages:
        contents = packages[row.package_id]
        return dict(left) if WHOLE in contents else contents
    if len(packages) > 1:
        raise BadShipment(
            "package_id",
            f"Package {row.package_id[:40]} of row {row.number} is none of this order's.",
        )
    return dict(left)


def held(picture: Picture) -> dict[str, Contents]:
    """The contents of the order's packages that have no number yet, by package id."""
    found: dict[str, Contents] = {}
    for each in picture.order.contents.all():
        if each.parcel.package_id and not each.parcel.tracking_number:
            held = found.setdefault(each.parcel.package_id, {})
            held[each.line] = held.get(each.line, 0) + each.quantity
    return found


def _take_package(picture: Picture, parcel: Parcel, packages: dict[str, int]) -> None:
    """Where what is shipped is a package: the one that the rows name or whose contents they say;
    it is taken off `packages`."""
    if not packages:
        if parcel.contents is not None:
            raise BadShipment(
                "contents",
                "This marketplace ships an order of this market as a whole, or by its packages.",
            )
        return
    named = {row.package_id for row in parcel.rows if row.package_id in packages}
    wanted = named.pop() if len(named) == 1 else ""
    if not wanted and parcel.contents is not None:
        inside = held(picture)
        wanted = next((each for each in packages if inside.get(each) == parcel.contents), "")
        if not wanted:
            raise BadShipment(
                "contents",
                "The marketplace ships this order by its packages, and none that waits has what "
                f"row {parcel.rows[0].number} puts together. Open the order and look at them.",
            )
    parcel.package_id = package_of(packages, wanted)
    parcel.package = packages.pop(parcel.package_id)
    parcel.contents = None


def _listed(numbers: Sequence[int]) -> str:
    shown = [f"{number:,}" for number in sorted(set(numbers))[:5]]
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else shown[0]
