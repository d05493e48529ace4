"""Why an order has each of its badges: its stage, the marks of its row, what was asked for here,
its labels, and what is odd about its scans.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from shipboard.channels.contract import PARCEL_TROUBLE, Stage
from shipboard.desk.attempts import telling
from shipboard.desk.label_views import LabelView, label_views
from shipboard.desk.marks import Mark
from shipboard.desk.rows import Row
from shipboard.desk.why import Accounts, Moment, Source, Why, moments
from shipboard.orders.case_words import silence_of
from shipboard.orders.holds import hold_of
from shipboard.orders.models import Order
from shipboard.orders.stages import AFTER_WINDOW, STAGE_LABELS

DESK = "the desk's own rule"
STAGES: Mapping[Stage, str] = {
    Stage.UNPAID: "The buyer has ordered and not paid; only the buyer can cancel it.",
    Stage.ON_HOLD: (
        "Paid, and the buyer may cancel freely for an hour (until its release, where it is a "
        "pre-order); the marketplace takes no shipment before."
    ),
    Stage.UNKNOWN: "The marketplace's word for its status is not known here; look it up there.",
    Stage.AWAITING_SHIPMENT: "Paid for good and nothing of it is shipped yet.",
    Stage.PARTIALLY_SHIPPED: "Some of its parcels are shipped; the others still wait.",
    Stage.PENDING_COLLECTION: "All of it is arranged; the carrier has not scanned it yet.",
    Stage.IN_TRANSIT: "The carrier has scanned it; it is on its way.",
    Stage.DELIVERED: "It is delivered; until its after-sales window ends it stays open.",
    Stage.CLOSED: f"{AFTER_WINDOW} Notes, downloads and this page remain.",
    Stage.CANCELED: "It is canceled; nothing of it is to be sent.",
}
RULES: Mapping[str, str] = {
    "presumed-canceled": (
        "The marketplace cancels what has not moved on by then. This shop is fed by files, and no "
        "account of it is newer: so this is presumed and no fact. It still counts where its last "
        "account puts it."
    ),
    "presumed": (
        "On hold ends by the clock, and nobody has said so yet. It counts as Awaiting shipment; "
        "before anything is sent the order is read again."
    ),
    "held": (
        "Held here is the desk's own brake: nothing here ships it, labels it or prints it. The "
        "marketplace does not know, and its clocks go on."
    ),
    "combined": (
        "The marketplace packs these orders together: one label is of all of them, and what stops "
        "one of them stops the parcel."
    ),
    "trouble": "The marketplace says so of a parcel; the order counts under Logistics issue.",
    "decision": (
        "While the buyer waits for an answer, no run, file or scan ships the order; one person "
        "decides on its own page."
    ),
    "uncollected": (
        "Shipped counts only with the carrier's scan: past its collect-by it is a delayed shipment."
    ),
    "derived": (
        "The channel's word for its status is not known here, so its instants (paid, arranged, "
        "collected, delivered, canceled) say the stage."
    ),
    "cod": "The buyer pays on delivery; its hold is counted from its creation.",
    "type": "The channel says so; deadlines differ by the type of an order.",
    "split": "The channel has put it into more than one parcel; each is shipped by itself.",
    "gift": "A line of it has the price zero; it is packed with the rest.",
    "message": "The buyer has written something with the order; the channel gave it.",
    "seller-note": "The seller's note at the marketplace; the channel gave it.",
    "notes": "Notes of ours; the marketplace and the buyer never see them.",
    "case": "The buyer opened it; it stays until the marketplace has the seller's answer.",
}
PATHS = {
    "trouble": f"extra.{PARCEL_TROUBLE}",
    "cod": "is_cod",
    "type": "order_type",
    "split": "parcels",
    "combined": "parcels",
    "gift": "lines",
    "message": "buyer_message",
    "seller-note": "seller_note",
}
NEXT = {
    "presumed-canceled": "Import a newer export before you send it.",
    "presumed": "Wait for the next read; of a shop fed by files, import a newer export.",
    "held": "Release it on the order's page.",
    "decision": "Answer the request to cancel.",
    "uncollected": "Hand it over, or ask the carrier for a scan.",
    "derived": "Look it up in Seller Center.",
    "trouble": "Open a claim in Seller Center; the label stays as it is.",
    "case": "Answer it before its deadline.",
}
LABELS = {
    "created": "The platform has made it, and its file is here.",
    "printed": "It went to a printer from here.",
    "rejected": "The platform did not make it.",
    "voided": "It must not be used: it is left out of every print and hand-over.",
}

Facts = tuple[tuple[Moment, ...], tuple[Source, ...]]


def of_badges(order: Order, row: Row, accounts: Accounts, now: datetime) -> list[Why]:
    """One for each badge that `row` of the order (with its parts) can show."""
    return [
        _of_stage(order, row, accounts),
        *(_of_mark(mark, order, accounts, now) for mark in row.marks),
        *_of_shipment(order, row),
        *(_of_label(view, order) for view in label_views(order, now)),
        *_of_tags(order, row),
        *_of_flag(order),
    ]


def _of_stage(order: Order, row: Row, accounts: Accounts) -> Why:
    said = f"The channel's word is “{order.status_words}”." if order.status_words else ""
    if row.is_presumed:
        last = STAGE_LABELS[Stage(order.stage)]
        said = f"By the clock; the channel's last word is {last}."
    if row.order.is_platform_fulfilled:
        said = f"{said} The platform's own warehouse ships it: it is on no card.".strip()
    seen = moments(
        ("Ordered", order.created_at),
        ("Paid", order.paid_at),
        ("Arranged", order.arranged_at),
        ("Collected", order.collected_at),
        ("Delivered", order.delivered_at),
        ("Window over", order.closes_at if row.stage == Stage.CLOSED else None),
        ("Canceled", order.canceled_at),
    )
    label = STAGE_LABELS[row.stage]
    return Why("stage", label, STAGES[row.stage], said, seen, (accounts.said(order),))


def _of_mark(mark: Mark, order: Order, accounts: Accounts, now: datetime) -> Why:
    kind = "case" if mark.key.startswith("case-") else mark.key
    facts = FACTS.get(kind, _told)
    seen, sources = facts(mark, order, accounts, now)
    step = mark.next_step or NEXT.get(kind, "")
    return Why(mark.key, mark.label, RULES[kind], mark.text, seen, sources, step)


def _told(mark: Mark, order: Order, accounts: Accounts, now: datetime) -> Facts:
    return (), (accounts.said(order, PATHS.get(mark.key, "")),)


def _held(mark: Mark, order: Order, accounts: Accounts, now: datetime) -> Facts:
    if (hold := hold_of(order, now)) is None:
        return (), ()
    seen = moments(
        ("Held since", hold.placed_at),
        ("Until", hold.until),
        ("Reminder", hold.remind_at),
        deadlines=["Until", "Reminder"],
    )
    return seen, (Source(f"{hold.by}, here", hold.as_of or hold.placed_at),)


def _case(mark: Mark, order: Order, accounts: Accounts, now: datetime) -> Facts:
    for case in order.cases.all():
        if mark.key == f"case-{case.pk}":
            label = f"Answer by; else {silence_of(case)}" if silence_of(case) else "Answer by"
            seen = moments(
                ("Asked", case.requested_at), (label, case.respond_by), deadlines=[label]
            )
            return seen, (accounts.said(order, f"cases.{case.kind}.{case.case_id}"),)
    return (), ()


def _decision(mark: Mark, order: Order, accounts: Accounts, now: datetime) -> Facts:
    for case in order.cases.all():
        if case.is_open and case.kind == "cancellation":
            asked = Mark(f"case-{case.pk}", mark.label, mark.text)
            return _case(asked, order, accounts, now)
    return _told(mark, order, accounts, now)


def _by_deadline(column: str, label: str) -> Callable[[Mark, Order, Accounts, datetime], Facts]:
    def facts(mark: Mark, order: Order, accounts: Accounts, now: datetime) -> Facts:
        seen = moments((label, getattr(order, column)), deadlines=[label])
        return seen, (*accounts.deadline(order, column), accounts.said(order))

    return facts


def _presumed(mark: Mark, order: Order, accounts: Accounts, now: datetime) -> Facts:
    seen = moments(("Paid", order.paid_at), ("Hold over", order.hold_ends_at))
    return seen, (Source("the desk's clock"), accounts.said(order))


def _notes(mark: Mark, order: Order, accounts: Accounts, now: datetime) -> Facts:
    return (), tuple(Source(f"{note.by}, here", note.at) for note in list(order.notes.all())[-1:])


FACTS: Mapping[str, Callable[[Mark, Order, Accounts, datetime], Facts]] = {
    "held": _held,
    "case": _case,
    "decision": _decision,
    "presumed": _presumed,
    "presumed-canceled": _by_deadline("auto_cancel_at", "Automatic cancellation"),
    "uncollected": _by_deadline("collect_by", "Collect by"),
    "notes": _notes,
}


def _of_shipment(order: Order, row: Row) -> Iterator[Why]:
    attempt = telling(order, row.stage)
    if attempt is None or row.shipment is None:
        return
    sources = [Source(f"{attempt.by}, here", attempt.asked_at)]
    if attempt.ended_at:
        sources.append(Source(order.shop.get_channel_display(), attempt.ended_at))
    yield Why(
        "shipment",
        row.shipment.label,
        "What was asked for here last. Its units are taken until it comes to an end, so that "
        "nothing is sent twice; what nobody answered is asked for, never repeated.",
        row.shipment.text,
        moments(("Asked for", attempt.asked_at), ("Ended", attempt.ended_at)),
        tuple(sources),
        attempt.next_step,
    )


def _of_label(view: LabelView, order: Order) -> Why:
    label = view.label
    said = [f"Stale: {view.stale}" if view.stale else "", view.why, view.voided, label.void_reason]
    if view.rejected:
        said.append(f"{view.rejected.title}: {view.rejected.reason}")
    seen = moments(
        ("Asked for", label.asked_at),
        ("Arranged", label.arranged_at),
        ("File here", label.stored_at),
        ("Rejected", label.rejected_at),
        ("Printed", label.printed_at),
        ("Voided", label.voided_at),
    )
    sources = [Source(f"{label.by}, here", label.asked_at)]
    if at := label.rejected_at or label.arranged_at:
        sources.append(Source(order.shop.get_channel_display(), at))
    rule = LABELS.get(view.state.value, "The platform was asked for it and has not given its file.")
    if view.stale:
        rule = "A label is stale when the order has changed since it was made: it is never printed."
    step = view.rejected.next_step if view.rejected else ""
    title = f"Shipping label: {view.word}"
    return Why(
        f"label-{label.pk}", title, rule, " ".join(filter(None, said)), seen, tuple(sources), step
    )


def _of_tags(order: Order, row: Row) -> Iterator[Why]:
    for tag in row.tags:
        said = Source("the carrier's scans, as the marketplace gives them", order.tracking.read_at)
        yield Why(f"tag-{tag.value}", tag.label, tag.text, sources=(said,), next_step=tag.advice)


def _of_flag(order: Order) -> Iterator[Why]:
    if hasattr(order, "flag"):
        flag = order.flag
        rule = "A flag is the desk's own, and what its colour means is yours to say."
        said = (Source(f"{flag.by}, here", flag.at),)
        yield Why("flag", f"{flag.colour.capitalize()} flag", rule, sources=said)
