"""Paper: packing slips a second of processor, and putting 600 labels into one file against reading
them.

    python -m bench.prints [--slips N] [--labels N] [--write]
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Sequence
from dataclasses import astuple

import pypdfium2

from bench import page
from bench.timing import Result, medians
from shipboard import printing
from shipboard.printing import Pages, Paper, Slip, SlipLine
from shipboard.printing.merging import PDFIUM

#: Of names and variants, by script; every slip has words of its own.
WORDS = {
    "ASCII": "red running shoes light summer dress cotton large case phone clear bottle steel "
    "kitchen knife wooden board set lamp table soft pillow cover white black kids toy".split(),
    "Thai": "น้ำมัน มะพร้าว สกัดเย็น บริสุทธิ์ เสื้อยืด รองเท้า กระเป๋า ผู้หญิง ขวดใหญ่".split(),
    "Vietnamese": "Áo thun nữ trắng giày thể thao kem chống nắng dưỡng ẩm bình nước".split(),
    "Chinese": "红色 连衣裙 女装 新款 手机壳 透明 保温杯 不锈钢 厨房 刀具 木质 台灯 枕头".split(),
}
ROUNDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slips", type=int, default=600)
    parser.add_argument("--labels", type=int, default=600)
    parser.add_argument("--write", action="store_true", help="to docs/performance.md")
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    found = [*_slips(given.slips), *_merging(given.labels)]
    if given.write:
        page.write(page.PAPER, page.paper(found))
    if given.json:
        print(json.dumps([astuple(each) for each in found]))
        return
    for each in found:
        print(f"{each.what}: {each.measured}; {each.floor}; {each.ratio}")


def _slips(many: int) -> list[Result]:
    """Slips of texts that were never printed before, in each script; the fonts are at hand."""
    rates, sizes = {}, {}
    for script, words in WORDS.items():
        printing.slips_pdf(_made(3, words, 0), Paper.A6)
        slips = _made(many, words, 1)
        seconds, printed = _of_processor(slips)
        rates[script], sizes[script] = many / seconds, len(printed.content) / many
    floor = rates["ASCII"]
    return [
        Result(
            f"{many:,} packing slips, {script}, each of 1 to 3 lines with two bar codes; "
            f"{sizes[script]:,.0f} bytes each",
            f"{rate:,.0f} a second of processor",
            f"ASCII: {floor:,.0f} a second",
            f"{rate / floor:.2f}",
        )
        for script, rate in rates.items()
    ]


def _merging(many: int) -> list[Result]:
    """Labels are files of one page with fonts of their own."""
    labels = [
        Pages(f"Label {number}", printing.slips_pdf([slip], Paper.A6).content)
        for number, slip in enumerate(_made(many, WORDS["ASCII"] + WORDS["Thai"], 2))
    ]
    taken = medians(
        {
            "merge": lambda: printing.merge(labels),
            "read": lambda: _read(labels, is_parsed=True),
            "open": lambda: _read(labels, is_parsed=False),
        },
        ROUNDS,
    )
    size = sum(len(each.content) for each in labels) / many
    return [
        Result(
            f"Merge {many:,} labels of {size:,.0f} bytes",
            f"{taken['merge']:.0f} ms",
            f"the same library {what} the files: {taken[key]:.0f} ms",
            f"{taken['merge'] / taken[key]:.2f}",
        )
        for key, what in (("read", "reads, and parses the pages of,"), ("open", "only opens"))
    ]


def _read(labels: Sequence[Pages], is_parsed: bool) -> None:
    with PDFIUM:
        for label in labels:
            document = pypdfium2.PdfDocument(label.content)
            if is_parsed:
                for each in document:
                    each.close()
            document.close()


def _of_processor(slips: Sequence[Slip]) -> tuple[float, printing.Printed]:
    started = time.process_time()
    printed = printing.slips_pdf(slips, Paper.A6)
    return time.process_time() - started, printed


def _made(many: int, words: Sequence[str], seed: int) -> list[Slip]:
    chance = random.Random(f"{seed} {words[0]}")
    return [_slip(chance, words, number, many) for number in range(1, many + 1)]


def _slip(chance: random.Random, words: Sequence[str], number: int, many: int) -> Slip:
    lines = tuple(
        SlipLine(
            sku=str(chance.randrange(10**18)),
            seller_sku=f"SKU-{chance.randrange(500)}",
            name=" ".join(chance.choices(words, k=9)),
            variant=" / ".join(chance.choices(words, k=2)),
            quantity=chance.randint(1, 3),
        )
        for _ in range(chance.randint(1, 3))
    )
    return Slip(
        shop="Suzi Home Store",
        order_ids=(str(5764 * 10**14 + chance.randrange(10**14)),),
        lines=lines,
        package_id=str(1153 * 10**14 + chance.randrange(10**14)),
        tracking_number=f"TBA{chance.randrange(10**12):012d}",
        carrier="J&T Express",
        ship_by="25 Nov 2026 18:00 (Asia/Bangkok)",
        buyer_message=" ".join(chance.choices(words, k=12)) if number % 3 == 0 else "",
        stack=f"{number} of {many}",
    )


if __name__ == "__main__":
    main()
