"""What must be true once a desk whose buyers cancel and return is quiet: the marketplace's own
books of who canceled and decided what on one side, the desk's attempts, cases and claims on the
other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sandbox.aftersales.cases import NEXT
from sandbox.courses import CANCELED, canceled_after_shipping, shipped_after_cancel
from shipboard.fulfilment.answer_wishes import key_of
from shipboard.orders.attempts import Attempt
from shipboard.orders.models import Case
from tests.case_proofs.life import CaseLife, Unhappy
from tests.channel_proofs.rig import SHOP
from tests.label_proofs.books import claims, doubles, labels
from tests.shipping_proofs.books import ENDED, runs
from tests.shipping_proofs.books import doubles as shipped_twice

State, Kind = Attempt.State, Attempt.Kind


def prove(life: Unhappy) -> None:
    """Fails with all that is wrong, and with what happened before."""
    life.quiet()
    wrong = [
        *life.wire.watch.wrong,
        *(doubles(life) if isinstance(life, CaseLife) else shipped_twice(life)),
        *attempts(),
        *answers(life),
        *cancellations(life),
        *courses(life),
        *cases(life),
        *(labels(life) if isinstance(life, CaseLife) else ()),
        *runs(),
        *claims(),
    ]
    assert not wrong, "\n".join([*wrong, "-- What happened:", *life.happened])


def attempts() -> Iterator[str]:
    for attempt in Attempt.objects.exclude(state__in=ENDED):
        yield f"no end of {attempt.pk} {attempt}: {attempt.reason}"


def answers(life: Unhappy) -> Iterator[str]:
    """What the marketplace took under a key of the desk's is done here, and a case was answered by
    the desk once for each thing that it waited for."""
    keys = [one["id"] for one in life.market.books.find("idempotency", SHOP)]
    asked = Counter[tuple[int | None, str]]()
    for attempt in Attempt.objects.filter(kind=Kind.ANSWER).order_by("pk"):
        is_taken = any(each.endswith(f".{key_of(attempt.asks or {})}") for each in keys)
        if is_taken and attempt.state != State.DONE:
            yield f"{attempt.pk} {attempt} was taken all the same: {attempt.reason}"
        if is_taken:
            asked[attempt.case_id, str((attempt.asks or {})["step"])] += 1
    for (case, step), count in asked.items():
        # A refused offer brings a return back to where it was.
        if count > 1 and step == "cancel":
            yield f"case {case} was answered {count} times to {step}"


def cancellations(life: Unhappy) -> Iterator[str]:
    """What the desk canceled is known to it, order by order."""
    done = Counter(
        Attempt.objects.filter(kind=Kind.CANCEL, state=State.DONE).values_list(
            "order__order_id", flat=True
        )
    )
    for order_id, count in life.wire.canceled.items():
        if count > done[order_id]:
            yield f"{order_id} was canceled {count} times, which are {done[order_id]} here"


def courses(life: Unhappy) -> Iterator[str]:
    """Nothing that had been canceled was shipped. What had been shipped was canceled by the seller
    only where the market lets that be done until the carrier has it."""
    for course, step in shipped_after_cancel(life.market, SHOP):
        gone = {
            unit
            for other in course.steps
            if other.what == CANCELED and course.back < other.number < step.number
            for unit in other.units
        }
        if gone & {*step.units}:
            yield f"{course.order_id} was shipped, and canceled before: {step}"
    for course, step in canceled_after_shipping(life.market, SHOP):
        if life.region != "US" or not {*step.was} <= {"AWAITING_COLLECTION", "AWAITING_SHIPMENT"}:
            yield f"{course.order_id} was canceled, and shipped before: {step}"


def cases(life: Unhappy) -> Iterator[str]:
    """Each case is known, and open here exactly while it waits for the seller over there."""
    known = {each.case_id: each for each in Case.objects.exclude(case_id="")}
    for kind, name in (("cancellation", "cancel_id"), ("return", "return_id")):
        for one in life.market.books.find(kind, SHOP):
            case = known.get(one[name])
            waits = bool(one.get(NEXT))
            if case is None:
                yield f"{kind} {one[name]} is not known here"
            elif case.is_open != waits:
                yield f"{kind} {one[name]}: is_open is {case.is_open} here, {waits} there"
