"""Which rows of a batch a page shows as waiting, in one short text: the page sends it back when it
asks what has come, so that no row is missed whenever its answer was written down.
"""

from __future__ import annotations

from collections.abc import Iterable


def positions_text(positions: Iterable[int]) -> str:
    """Ascending positions as "1-50,53"."""
    runs: list[list[int]] = []
    for position in positions:
        if runs and runs[-1][1] == position - 1:
            runs[-1][1] = position
        else:
            runs.append([position, position])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def positions_in(text: str) -> set[int]:
    """The opposite; what cannot be read counts as nothing."""
    found: set[int] = set()
    for piece in text.split(","):
        first, _, last = piece.partition("-")
        ends = (first, last or first)
        if all(each.isascii() and each.isdigit() and len(each) < 5 for each in ends):
            found.update(range(int(ends[0]), int(ends[1]) + 1))
    return found
