"""What must be true once a desk that labels is quiet: the marketplace's own books of what was paid
for on one side, the desk's labels, attempts and claims on the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sandbox.testing import double_labels, label_purchases
from shipboard.fulfilment.storing import content_of
from shipboard.orders.attempts import Attempt, ClaimedUnit
from shipboard.orders.labels import LIVE, Label
from shipboard.orders.staleness import with_staleness
from tests.channel_proofs.rig import SHOP
from tests.label_proofs.life import LabelLife
from tests.shipping_proofs.books import ENDED, runs

State, Ends = Label.State, Attempt.State


def prove(life: LabelLife) -> None:
    """Fails with all that is wrong, and with what happened before."""
    life.quiet()
    wrong = [
        *life.wire.watch.wrong,
        *doubles(life),
        *attempts(life),
        *labels(life),
        *runs(),
        *claims(),
    ]
    assert not wrong, "\n".join([*wrong, "-- What happened:", *life.happened])


def doubles(life: LabelLife) -> Iterator[str]:
    for one in double_labels(life.market, SHOP):
        yield f"bought twice: {one}"


def attempts(life: LabelLife) -> Iterator[str]:
    """Each ended; what was accepted was paid for, and what the desk paid for was accepted, once."""
    paid = {one.package_id for one in label_purchases(life.market, SHOP)}
    done = Counter[str]()
    for attempt in Attempt.objects.order_by("pk"):
        if attempt.state not in ENDED:
            yield f"no end of {attempt.pk} {attempt}: {attempt.reason}"
        if attempt.state == Ends.DONE:
            done[attempt.package_id] += 1
            if attempt.package_id not in paid:
                yield f"accepted and not paid for: {attempt.pk} {attempt}"
    taken_back = {one.order_id for one in life.market.books.ledger(what="stepped_back", shop=SHOP)}
    for package_id, count in done.items():
        orders = Label.objects.filter(package_id=package_id).values_list("inside__order__order_id")
        if count > 1 and not {each for (each,) in orders} & taken_back:
            yield f"{package_id} was accepted {count} times"
    known = set(Label.objects.values_list("package_id", flat=True))
    live = {one.package_id for one in label_purchases(life.market, SHOP) if one.is_live}
    for package_id in (life.wire.watch.ours & live) - known:
        yield f"paid for and not known here: {package_id}"


def labels(life: LabelLife) -> Iterator[str]:
    """None is under way, and each that was made is a file, of the package's own number."""
    packages = {one["package_id"]: one for one in life.market.books.find("package", SHOP)}
    live = Counter[str]()
    for label in with_staleness(Label.objects.order_by("pk"), life.clock.now):
        if label.state in (State.CREATING, State.UNKNOWN, State.DELAYED):
            yield f"label {label.pk} is still {label.state}: {label.reason}"
        if label.state in LIVE:
            live[label.package_id] += 1
        if label.state == State.REJECTED and not label.rejection:
            yield f"label {label.pk} is rejected without a group"
        if label.state == State.CREATED and not label.stale:
            package = packages.get(label.package_id, {})
            if package.get("tracking_number") != label.tracking_number:
                yield f"label {label.pk} has {label.tracking_number}, its package {package}"
            if not content_of(label).content.startswith(b"%PDF"):
                yield f"label {label.pk} is no PDF"
    yield from (f"{name} has {count} live labels" for name, count in live.items() if count > 1)


def claims() -> Iterator[str]:
    """Only what was accepted has units."""
    for claim in ClaimedUnit.objects.exclude(attempt__state=Ends.DONE).select_related("attempt"):
        yield f"{claim.unit} is claimed by {claim.attempt}"
