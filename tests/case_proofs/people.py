"""What people do at a desk whose buyers change their minds: they answer requests once, twice and
many at a time, with what fits and what does not, cancel orders and units of them, undo, and ship.
"""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from random import Random
from uuid import UUID

from sandbox.aftersales.reasons import SELLER_CANCELS, SELLER_REJECTS
from shipboard.accounts.access import Access
from shipboard.channels.case_contract import Answer, Decision
from shipboard.channels.file.tracking_columns import SHORT
from shipboard.channels.providers import offered
from shipboard.fulfilment import outbox
from shipboard.fulfilment.allowed import Verb
from shipboard.fulfilment.answer_wishes import stored
from shipboard.fulfilment.answering import ask_to_answer
from shipboard.fulfilment.cancel_wishes import CancelWish
from shipboard.fulfilment.canceling import ask_to_cancel
from shipboard.fulfilment.runs import begin_each
from shipboard.orders.attempts import Attempt
from shipboard.orders.models import Case, Line, Order
from shipboard.orders.overlays import Refused
from shipboard.uploads.models import ShipmentUpload
from shipboard.uploads.uploads import begin, take
from tests.label_proofs.people import LabelPeople
from tests.shipping_proofs.people import LEE, MAI, WAITING, People

REJECTS = {
    Decision.REJECT_CANCEL: "CANCEL",
    Decision.REJECT_REFUND: "REJECT_REFUND",
    Decision.REJECT_RETURN: "REJECT_RETURN",
    Decision.REJECT_PACKAGE: "REJECT_RECEIVED_PACKAGE",
    Decision.REJECT_REPLACEMENT: "REJECT_REPLACEMENT",
}


class Deciders(People):
    """Two of them, at one desk."""

    def acts(self) -> dict[Callable[[Random], str], int]:
        return {
            self.ship: 5,
            self.ship_many: 2,
            self.ship_despite: 2,
            self.answer: 8,
            self.answer_twice: 4,
            self.answer_many: 3,
            self.cancel: 5,
            self.cancel_part: 3,
            self.cancel_many: 2,
            self.undo: 2,
            self.hold: 1,
            self.release: 1,
            self.retry: 1,
        }

    def act(self, random: Random) -> None:
        acts = self.acts()
        (act,) = random.choices(list(acts), list(acts.values()))
        try:
            said = act(random)
        except Refused as refusal:
            said = f"refused: {refusal}"
        self.life.say(f"{act.__name__}: {said}")

    def answer(self, random: Random) -> str:
        case = self._case(random)
        return self._said(self._answer(case, self._decision(case, random), _key(random)))

    def answer_twice(self, random: Random) -> str:
        """A double click, or somebody else with another mind."""
        case = self._case(random)
        answer, key = self._decision(case, random), _key(random)
        first = self._answer(case, answer, key)
        is_click = random.random() < 0.5
        try:
            second = (
                self._answer(case, answer, key)
                if is_click
                else self._answer(case, self._decision(case, random), _key(random), LEE)
            )
        except Refused as refusal:
            return f"{self._said(first)}: {refusal}"
        assert is_click
        assert second.pk == first.pk
        return f"{self._said(first)}, clicked twice"

    def answer_many(self, random: Random) -> str:
        cases = list(Case.objects.filter(kind="cancellation").order_by("pk"))
        if not cases:
            raise Refused("There are no cases.")
        chosen = random.choices(cases, k=random.randint(1, 4))
        kept = stored(Answer(decision=Decision.APPROVE_CANCEL))
        run = begin_each(
            [(each.order_id, kept | {"case": each.pk}) for each in chosen],
            Verb.ANSWER_CANCELLATION,
            key=_key(random),
            access=MAI,
            now=self.life.clock.now,
            chosen="some",
        )
        return f"run {run.pk}"

    def cancel(self, random: Random) -> str:
        order = self._order(random)
        wish = CancelWish(reason=self._reason(random))
        now = self.life.clock.now
        attempt = ask_to_cancel(
            order, wish, access=MAI, now=now, wall=now, seen=order.version, key=_key(random)
        )
        return self._said(attempt)

    def cancel_part(self, random: Random) -> str:
        order = self._order(random)
        units = [each for line in Line.objects.filter(order=order) for each in line.unit_ids]
        if not units:
            raise Refused("It names no units.")
        some = tuple(sorted(random.sample(units, random.randint(1, len(units)))))
        wish = CancelWish(reason=self._reason(random, "out_of_stock"), unit_ids=some)
        now = self.life.clock.now
        return self._said(ask_to_cancel(order, wish, access=LEE, now=now, wall=now))

    def cancel_many(self, random: Random) -> str:
        orders = [self._order(random) for _ in range(random.randint(1, 3))]
        wish = CancelWish(reason=self._reason(random)).stored()
        run = begin_each(
            [(each.pk, wish) for each in orders],
            Verb.CANCEL,
            key=_key(random),
            access=MAI,
            now=self.life.clock.now,
            chosen="some",
        )
        return f"run {run.pk}"

    def undo(self, random: Random) -> str:
        waiting = list(Attempt.objects.filter(state=Attempt.State.WAITING).order_by("pk"))
        if not waiting:
            raise Refused("Nothing waits.")
        attempt = random.choice(waiting)
        outbox.revoke(attempt, access=MAI, now=self.life.clock.now)
        return f"{attempt.pk} {attempt.kind}"

    def _case(self, random: Random) -> Case:
        found = list(Case.objects.order_by("-is_open", "pk"))
        if not found:
            raise Refused("There are no cases.")
        waiting = [each for each in found if each.is_open]
        return random.choice(waiting if waiting and random.random() < 0.9 else found)

    def _decision(self, case: Case, random: Random) -> Answer:
        decision = random.choice(
            (Decision.APPROVE_CANCEL, Decision.APPROVE_CANCEL, Decision.REJECT_CANCEL)
            if case.kind == "cancellation"
            else tuple(Decision)
        )
        reasons = SELLER_REJECTS.get(REJECTS.get(decision, ""), (("", ""),))
        offer = Decimal("0.5") if decision.is_offer else None
        return Answer(
            decision=decision,
            reason=random.choice(reasons)[0],
            amount=offer,
            currency=case.order.currency if offer else "",
        )

    def _answer(self, case: Case, answer: Answer, key: UUID, access: Access = MAI) -> Attempt:
        now = self.life.clock.now
        return ask_to_answer(case, answer, access=access, now=now, wall=now, key=key)

    def _reason(self, random: Random, like: str = "") -> str:
        region = self.life.region
        fitting = [
            each.name
            for each in SELLER_CANCELS
            if each.fits(region, "AWAITING_SHIPMENT") and like in each.name
        ]
        return random.choice(fitting)


class CasePeople(Deciders, LabelPeople):
    """Where the platform ships."""


class SellerPeople(Deciders):
    """Where the seller ships: with numbers one by one, and with files, some of which lie about for
    a while before they are confirmed."""

    def acts(self) -> dict[Callable[[Random], str], int]:
        return super().acts() | {self.upload: 4, self.confirm: 6}

    def upload(self, random: Random) -> str:
        waiting = list(Order.objects.filter(stage__in=WAITING).order_by("pk"))
        if not waiting:
            raise Refused("There is nothing to ship.")
        rows = [SHORT]
        for order in random.sample(waiting, random.randint(1, len(waiting))):
            number, carrier_id = self.number(random)
            name = next(
                each.name for each in offered(self.life.shop, "") if each.remote_id == carrier_id
            )
            rows.append([order.order_id, number, name])
        path = Path(tempfile.mkdtemp()) / "shipped.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows(rows)
        now = self.life.clock.now
        taken = take(
            self.life.shop, path, file_name=path.name, key=_key(random), access=MAI, now=now
        )
        shutil.rmtree(path.parent)
        return f"file {taken.pk} of {len(rows) - 1} rows"

    def confirm(self, random: Random) -> str:
        """Again too, which is the same as once."""
        files = list(ShipmentUpload.objects.order_by("pk"))
        if not files:
            raise Refused("There is no file.")
        chosen = random.choice(files)
        return f"run {begin(chosen, access=MAI, now=self.life.clock.now).pk}"


def _key(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128))
