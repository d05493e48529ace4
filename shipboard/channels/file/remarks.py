"""Warnings of one file, gathered: the same sentence counts up instead of standing there again."""

from __future__ import annotations

MOST = 200  # distinct sentences
EXAMPLES = 3


class Remarks:
    """Sentences with the rows they were said of. Nothing personal belongs into them."""

    def __init__(self) -> None:
        self._rows: dict[str, list[int]] = {}
        self._counts: dict[str, int] = {}
        self._left_out = 0

    def add(self, sentence: str, row: int) -> None:
        """Notes `sentence` (without a full stop) of spreadsheet row `row`."""
        if sentence not in self._counts:
            if len(self._counts) >= MOST:
                self._left_out += 1
                return
            self._counts[sentence] = 0
            self._rows[sentence] = []
        self._counts[sentence] += 1
        if len(self._rows[sentence]) < EXAMPLES:
            self._rows[sentence].append(row)

    def sentences(self) -> list[str]:
        """The warnings in the order in which they first came up."""
        said = [self._sentence(sentence) for sentence in self._counts]
        if self._left_out:
            said.append(f"{self._left_out:,} more warnings are not listed.")
        return said

    def _sentence(self, sentence: str) -> str:
        count = self._counts[sentence]
        rows = ", ".join(str(row) for row in self._rows[sentence])
        if count == 1:
            return f"{sentence} (row {rows})."
        example = "rows" if count <= EXAMPLES else "for example rows"
        return f"{sentence} ({count:,} times, {example} {rows})."
