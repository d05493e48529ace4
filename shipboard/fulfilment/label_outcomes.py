"""What became of each label of a run: bought, its file here, rejected and in which group, and what
all of it has cost so far.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from shipboard.channels.contract import Rejection
from shipboard.fulfilment.models import Run, RunRow
from shipboard.fulfilment.rejections import KINDS
from shipboard.orders.attempts import Attempt
from shipboard.orders.labels import Label

#: Bought, and its file is on its way.
COMING = (Label.State.CREATING, Label.State.DELAYED)


@dataclass(frozen=True, slots=True)
class RejectedGroup:
    """`labels`: keys of those that can be created again."""

    rejection: Rejection
    labels: tuple[int, ...]

    @property
    def title(self) -> str:
        return KINDS[self.rejection].title

    @property
    def next_step(self) -> str:
        return KINDS[self.rejection].next_step


@dataclass(frozen=True, slots=True)
class LabelOutcomes:
    """`bought` parcels are arranged and paid for; the files of `here` are stored, those of `coming`
    are asked for. `asked`: nobody knows yet what became of them. `orders`: keys of orders that
    failed before a label of theirs was asked for."""

    bought: int
    here: int
    coming: int
    asked: int
    rejected: tuple[RejectedGroup, ...]
    orders: tuple[int, ...]
    cost: tuple[tuple[str, Decimal], ...]
    cost_unsaid: int

    @property
    def labels(self) -> tuple[int, ...]:
        """All that can be created again."""
        return tuple(pk for group in self.rejected for pk in group.labels)

    @property
    def coming_words(self) -> str:
        """Such as "12 are bought; 9 files are on their way"; blank once all files are here."""
        if not self.coming:
            return ""
        is_all = not (self.rejected or self.orders or self.asked)
        bought = "All are" if is_all else f"{self.bought:,} {'is' if self.bought == 1 else 'are'}"
        files = (
            "1 file is on its way"
            if self.coming == 1
            else f"{self.coming:,} files are on their way"
        )
        return f"{bought} bought; {files}"

    @property
    def words(self) -> str:
        """Such as "12 rejected: 9 buyer address issue, 3 products are oversized"; blank: none."""
        if not self.rejected:
            return ""
        said = ", ".join(f"{len(each.labels):,} {each.title.lower()}" for each in self.rejected)
        return f"{len(self.labels):,} rejected: {said}"


def outcomes_of(run: Run) -> LabelOutcomes:
    """One query."""
    of_label = [f"attempt__label__{name}" for name in ("state", "rejection", "price", "currency")]
    rows: Sequence[Mapping[str, Any]] = list(
        RunRow.objects.filter(run=run)
        .order_by("position")
        .values("outcome", "order", "attempt__state", "attempt__label", *of_label)
    )
    bought = [row for row in rows if row["attempt__state"] == Attempt.State.DONE]
    states = Counter(row["attempt__label__state"] for row in bought)
    failed = [row for row in rows if row["outcome"] == RunRow.Outcome.FAILED]
    return LabelOutcomes(
        bought=len(bought),
        here=states[Label.State.CREATED],
        coming=sum(states[state] for state in COMING),
        asked=sum(row["attempt__state"] == Attempt.State.UNKNOWN for row in rows),
        rejected=_rejected(failed),
        orders=tuple(row["order"] for row in failed if row["order"] and not row["attempt__label"]),
        cost=_cost(bought),
        cost_unsaid=sum(row["attempt__label__price"] is None for row in bought),
    )


def _rejected(rows: Sequence[Mapping[str, Any]]) -> tuple[RejectedGroup, ...]:
    """The largest group first; those that were created again since are no more among them."""
    groups: dict[Rejection, list[int]] = {}
    for row in rows:
        if row["attempt__label__state"] != Label.State.REJECTED:
            continue
        group = Rejection(row["attempt__label__rejection"] or Rejection.UNKNOWN)
        groups.setdefault(group, []).append(row["attempt__label"])
    found = [RejectedGroup(each, tuple(pks)) for each, pks in groups.items()]
    return tuple(sorted(found, key=lambda each: -len(each.labels)))


def _cost(bought: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, Decimal], ...]:
    total: dict[str, Decimal] = {}
    for row in bought:
        price, currency = row["attempt__label__price"], row["attempt__label__currency"]
        if price is not None:
            total[currency] = total.get(currency, Decimal(0)) + price
    return tuple(sorted(total.items()))
