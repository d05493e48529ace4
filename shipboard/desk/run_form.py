"""The form of a run: what a verb needs, read from what was posted, and what it would do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

from shipboard.accounts.access import Access
from shipboard.desk import wording
from shipboard.desk.ages import ages_of_chosen
from shipboard.fulfilment.allowed import OURS, Verb
from shipboard.fulfilment.selection import Selection, how_many
from shipboard.fulfilment.wishes import Wishes, colour_of
from shipboard.orders.models import Colour
from shipboard.orders.overlays import BadWords

#: Verbs as the screens call them, by their value.
LABELS: Mapping[str, str] = {
    Verb.NOTE: "Note",
    Verb.FLAG: "Flag",
    Verb.HOLD: "Hold here",
    Verb.RELEASE: "Release",
    Verb.ADD_SHIPMENT: "Ship",
    Verb.CREATE_LABEL: "Create shipping labels",
    Verb.MARK_SHIPPED: "Mark as shipped",
    Verb.CANCEL: "Cancel orders",
    Verb.ANSWER_CANCELLATION: "Answer cancellations",
    Verb.ANSWER_RETURN: "Answer returns and refunds",
}
#: What rows of a run stand for, where they are no orders.
NOUNS: Mapping[str, str] = {Verb.ANSWER_CANCELLATION: "case", Verb.ANSWER_RETURN: "case"}
#: Why a verb leaves some of the chosen orders as they are.
LEFT: Mapping[Verb, str] = {
    Verb.HOLD: "held here already, on their way, or finished",
    Verb.RELEASE: "not held here",
    Verb.MARK_SHIPPED: "shipped by the seller or by label purchase, held, or on their way",
}
#: What a run does with nothing but what its form says, the same for every order.
BY_FORM = (*OURS, Verb.MARK_SHIPPED)


def verb_of(given: Mapping[str, str]) -> Verb:
    """The verb that was posted. Raises ValueError when a run does no such thing."""
    verb = Verb(given.get("verb", ""))
    if verb not in BY_FORM:
        raise ValueError(verb)
    return verb


def shared_zone(selection: Selection, access: Access, now: datetime) -> ZoneInfo:
    """The zone in which instants of a form are written: the shops' own when all chosen orders are
    of one zone, else UTC."""
    found = selection.orders(access, now).order_by().values_list("shop__timezone", flat=True)
    zones = list(found.distinct()[:2])
    return ZoneInfo(zones[0]) if len(zones) == 1 else wording.utc


def wishes_from(given: Mapping[str, str], verb: Verb, zone: ZoneInfo) -> Wishes:
    """What was posted for the verb; its instants are written in `zone`. Raises BadWords."""
    match verb:
        case Verb.NOTE:
            return Wishes(text=given.get("text", ""))
        case Verb.FLAG:
            return Wishes(colour=colour_of(given.get("colour", "")))
        case Verb.HOLD:
            return Wishes(
                reason=given.get("reason", ""),
                until=instant(given.get("until", ""), zone, "The end"),
                remind_at=instant(given.get("remind_at", ""), zone, "The reminder"),
            )
    return Wishes()


def instant(given: str, zone: ZoneInfo, what: str) -> datetime | None:
    """`2026-11-22T18:00`, as a browser sends it, in `zone`; UTC. None when blank. Raises BadWords,
    which calls it `what`."""
    if not given.strip():
        return None
    try:
        local = datetime.fromisoformat(given.strip())
        if local.tzinfo is None:
            local = local.replace(tzinfo=zone)
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadWords(f"{what} is not a time; write it as 2026-11-22T18:00.") from None


def form_context(
    given: Mapping[str, str], selection: Selection, access: Access, now: datetime
) -> dict[str, object]:
    """What run_form.html shows; `given` fills it as it was typed."""
    verb = verb_of(given)
    applies_to = how_many(selection, access, now)[verb]
    zone = shared_zone(selection, access, now)
    return {
        "verb": verb.value,
        "label": LABELS[verb],
        "selection": selection,
        "ages": ages_of_chosen(selection, access, now),
        "applies_to": applies_to,
        "left": selection.expected - applies_to,
        "left_why": LEFT.get(verb, ""),
        "key": uuid4(),
        "given": given,
        "zone": zone,
        "colours": list(Colour),
        "at": now,
    }
