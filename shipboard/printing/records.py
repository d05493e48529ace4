"""What goes on paper, as frozen values that others fill: no table, no clock, no zone is known here.
Texts are printed as they come, whatever their script; instants arrive as text, zone and all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

#: A label and what is printed with it go to the printer in files of so many labels at most.
MOST = 100
PDF, PNG = "application/pdf", "image/png"


class Paper(StrEnum):
    """A size, by the name it has in settings and in `PrintFile.size`."""

    A6 = "A6"
    FOUR_BY_SIX = "4x6"
    A5 = "A5"
    A4 = "A4"
    LETTER = "letter"

    @property
    def points(self) -> tuple[float, float]:
        """Width and height, upright, in 1/72 in."""
        return _POINTS[self]


_MM = 72 / 25.4
_POINTS = {
    Paper.A6: (105 * _MM, 148 * _MM),
    Paper.FOUR_BY_SIX: (288.0, 432.0),
    Paper.A5: (148 * _MM, 210 * _MM),
    Paper.A4: (210 * _MM, 297 * _MM),
    Paper.LETTER: (612.0, 792.0),
}


@dataclass(frozen=True)
class SlipLine:
    """What of one item is in a parcel. `sku` is the channel's, `seller_sku` the seller's own."""

    sku: str
    seller_sku: str
    name: str
    variant: str
    quantity: int

    @property
    def code(self) -> str:
        """What the shelf says: the seller's SKU, else the channel's."""
        return self.seller_sku or self.sku


@dataclass(frozen=True)
class Slip:
    """The packing slip of one parcel. `recipient` is the address line by line; leave it empty when
    the channel masks it: no address is printed from masked data. `region` (ISO 3166, "JP") chooses
    how Han signs are drawn. `stack` is its place, "12 of 100".
    """

    shop: str
    order_ids: tuple[str, ...]
    lines: tuple[SlipLine, ...]
    package_id: str = ""
    tracking_number: str = ""
    carrier: str = ""
    ship_by: str = ""
    buyer_message: str = ""
    notes: tuple[str, ...] = ()
    is_gift: bool = False
    recipient: tuple[str, ...] = ()
    region: str = ""
    stack: str = ""


@dataclass(frozen=True)
class PickLine:
    """What to fetch from one shelf, and for which parcels: places in the stack, from 1, each as
    often as it wants the item counted (place, units)."""

    sku: str
    name: str
    variant: str
    quantity: int
    parcels: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Ending:
    """The first or last label of a file, as its cover names it."""

    order_id: str
    tracking_number: str = ""
    package_id: str = ""

    @property
    def code(self) -> str:
        """The number on the label, the first of these that is known."""
        return self.tracking_number or self.package_id or self.order_id


@dataclass(frozen=True)
class LeftOut:
    """A parcel that is not in the file, and why: "stale: canceled after its label was made"."""

    what: str
    why: str


@dataclass(frozen=True)
class Cover:
    """The first page of a file. `counts` are printed in this order ("Labels", 100); `at` is the
    instant as text in `zone`, which is named beside it.
    """

    title: str
    counts: tuple[tuple[str, int], ...]
    by: str
    at: str
    zone: str
    first: Ending | None = None
    last: Ending | None = None
    left_out: tuple[LeftOut, ...] = ()
    #: Of the files that were sent together, from 1.
    number: int = 1
    files: int = 1


@dataclass(frozen=True)
class Pages:
    """Some pages of a PDF (all of them unless `pages` names some, from 0), or a picture as one
    page. `name` is what an error calls it: "label of parcel 1153…".

    A picture is as large as it says itself (dots an inch), else as wide as `paper`.
    """

    name: str
    content: bytes = field(repr=False)
    media_type: str = PDF
    pages: range | None = None
    paper: Paper = Paper.A6


@dataclass(frozen=True)
class Printed:
    """A PDF of ours, and how many of its pages each of the things on it took, in their order."""

    content: bytes = field(repr=False)
    pages: tuple[int, ...] = ()


class Damaged(Exception):
    """A file that can't be printed; says which, and what to do."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name} can't be printed: {why}. Fetch its file again.")
        self.name = name
