"""A stack as it goes to the printer: labels of the sandbox marketplace in every script, slips of
ours between them, every code of every page read back from what was rasterised.
"""

from __future__ import annotations

from PIL import ImageChops

from sandbox.labels.document import make
from shipboard.printing import PNG, Cover, Ending, Pages, Paper, cover_pdf, interleave, merge
from shipboard.printing import slips_pdf as slips_of
from tests.printing.paper import codes, pictures, slip
from tests.printing.test_slips import NAMES
from tests.sandbox.test_labels import PEOPLE, parcel

NUMBERS = {region: f"GX00000000000{place}" for place, region in enumerate(PEOPLE, 1)}


def labels() -> list[Pages]:
    """The last is a picture."""
    *files, last = NUMBERS.items()
    made = [
        Pages(f"Label {region}", make(parcel(region, number), "SHIPPING_LABEL").content)
        for region, number in files
    ]
    shown = make(parcel(*last), "SHIPPING_LABEL_PICTURE").content
    return [*made, Pages(f"Label {last[0]}", shown, PNG)]


def test_every_code_of_a_whole_file_reads_back() -> None:
    slips = slips_of(
        [
            slip(name, tracking_number=number, region=region)
            for name, (region, number) in zip(NAMES.values(), NUMBERS.items(), strict=False)
        ],
        Paper.A6,
    )
    ends = list(NUMBERS.values())
    cover = Cover(
        "Labels and packing slips",
        (("Labels", len(ends)),),
        "Ada",
        "now",
        "UTC",
        Ending("5764", ends[0]),
        Ending("5764", ends[-1]),
    )
    front = Pages("Cover", cover_pdf(cover, Paper.A6))
    merged = merge([front, *interleave(labels(), slips)])
    wanted: list[set[str]] = [set()]
    for number in ends:
        wanted += [{number, "1153098213908430912"}, {number, "576461413038785752"}]
    assert [set(page) for page in codes(merged)] == wanted


def test_labels_look_as_the_platform_made_them() -> None:
    given = labels()[:-1]
    for page, label in zip(pictures(merge(given)), given, strict=True):
        assert ImageChops.difference(page, pictures(label.content)[0]).getbbox() is None
