"""Whatever people print, confirm, lose, print again, hold and hand over, in any order: what each
label says of itself is what a plain account of the same days says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import uuid4

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from shipboard.channels.contract import Document, Stage
from shipboard.channels.models import Shop
from shipboard.fulfilment import storing
from shipboard.fulfilment.print_ends import CameOut, SettledBefore, settle
from shipboard.fulfilment.printing import Choice, NothingToPrint, send_to_print
from shipboard.orders.labels import Label, PrintFile
from shipboard.orders.models import Hold, Order
from shipboard.printing import Sorting
from tests import make
from tests.fulfilment.conftest import MAI
from tests.fulfilment.label_stock import label
from tests.soak import FACTOR

MANY = 4
LABELS = st.lists(st.integers(0, MANY - 1), min_size=1, max_size=MANY, unique=True)


@dataclass
class Sheet:
    """A print by the account: which labels in which order, and what came out."""

    labels: list[int]
    is_reversed: bool
    file: PrintFile
    good: list[int] = field(default_factory=list)
    is_settled: bool = False


class Printing(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        Label.objects.all().delete()
        Order.objects.all().delete()
        shop = Shop.objects.first() or make.shop()
        self.labels = [label(shop, at + 1, is_created=False) for at in range(MANY)]
        for each in self.labels:
            storing.store(each, Document(content=b"%PDF-", media_type="application/pdf"), make.NOW)
            each.save()
        self.sheets: list[Sheet] = []
        self.held: set[int] = set()
        self.collected: set[int] = set()

    def expected(self, at: int) -> str:
        if any(at in sheet.good for sheet in self.sheets):
            return "confirmed"
        is_out = any(at in sheet.labels and not sheet.is_settled for sheet in self.sheets)
        return "sent" if is_out else "no"

    @rule(chosen=LABELS, has_reason=st.booleans(), is_reversed=st.booleans())
    def send(self, chosen: list[int], has_reason: bool, is_reversed: bool) -> None:
        going = [
            at
            for at in chosen
            if at not in self.collected
            and at not in self.held
            and (has_reason or self.expected(at) == "no")
        ]
        choice = Choice(
            sorting=Sorting.GIVEN,
            is_reversed=is_reversed,
            reason="It was lost" if has_reason else "",
            again=frozenset(self.labels[at].pk for at in chosen) if has_reason else frozenset(),
        )
        try:
            (file,) = send_to_print(
                [self.labels[at] for at in chosen], choice, MAI, uuid4(), make.NOW
            )
        except NothingToPrint:
            assert going == []
            return
        printed = list(file.items.order_by("position").values_list("label", flat=True))
        assert printed == [self.labels[at].pk for at in going]
        self.sheets.append(Sheet(going, is_reversed, file))

    @precondition(lambda self: self.sheets)
    @rule(data=st.data(), came_out=st.sampled_from(CameOut))
    def tell(self, data: st.DataObject, came_out: CameOut) -> None:
        sheet = data.draw(st.sampled_from(self.sheets))
        place = data.draw(st.integers(1, len(sheet.labels)))
        try:
            settle(sheet.file, came_out, access=MAI, now=make.NOW, last=str(place))
        except SettledBefore:
            assert sheet.is_settled
            return
        assert not sheet.is_settled
        sheet.is_settled = True
        from_here = sheet.labels[place - 1 :] if sheet.is_reversed else sheet.labels[:place]
        sheet.good = {CameOut.ALL: sheet.labels, CameOut.NONE: [], CameOut.UP_TO: from_here}[
            came_out
        ]

    @rule(at=st.integers(0, MANY - 1))
    def hold_or_release(self, at: int) -> None:
        order = Order.objects.get(labels__label=self.labels[at])
        if at in self.held:
            Hold.objects.filter(order=order).delete()
        else:
            Hold.objects.create(order=order, reason="look", by="an", placed_at=make.NOW)
        self.held ^= {at}

    @rule(at=st.integers(0, MANY - 1))
    def collect(self, at: int) -> None:
        orders = Order.objects.filter(labels__label=self.labels[at])
        orders.update(collected_at=make.NOW, stage=Stage.IN_TRANSIT)
        self.collected.add(at)

    @invariant()
    def labels_say_what_the_account_says(self) -> None:
        for at, each in enumerate(self.labels):
            each.refresh_from_db()
            out = [
                sheet
                for sheet in self.sheets
                if at in sheet.good or (at in sheet.labels and not sheet.is_settled)
            ]
            assert each.label_print == self.expected(at)
            assert each.prints == len(out)
            assert bool(each.printed_at) == bool(out)
            assert bool(each.print_confirmed_at) == (each.label_print == "confirmed")


class TestPrintStates(TestCase):
    def test_whatever_is_done(self) -> None:
        run_state_machine_as_test(
            Printing,
            settings=settings(max_examples=12 * FACTOR, stateful_step_count=15, deadline=None),
        )
