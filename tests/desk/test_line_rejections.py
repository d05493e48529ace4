"""Every code with which the marketplace may refuse what the desk reads: it is said in a sentence on
the shop's page, by the stream and in the call log, and all goes on by itself when it is over.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from sandbox.errors import ERRORS
from sandbox.market import load_parts
from shipboard.channels import registry
from shipboard.channels.contract import ChannelFailure, FailureKind, Stream
from shipboard.channels.models import CallRecord, Grant
from shipboard.channels.tiktok import errors, oauth
from shipboard.ingest.models import Cursor, Hook
from shipboard.ingest.sync import WAREHOUSES, sync
from tests.channel_proofs.rig import SHOP, Rig
from tests.desk.test_line_troubles import said, wrong_now
from tests.sandbox.shipping import ready
from tests.soak import FACTOR

pytestmark = pytest.mark.django_db
load_parts()
READS = {
    WAREHOUSES: "warehouses",
    Stream.ORDERS: "search_orders",
    Stream.CANCEL_REQUESTS: "search_orders",
    Stream.CANCELLATIONS: "search_cancellations",
    Stream.RETURNS: "search_returns",
}
DETAIL = "order_detail"
OPERATIONS = {*READS.values(), DETAIL}
#: A soak tries those too that only calls that change something are known to answer.
CODES = [
    code
    for code, error in ERRORS.items()
    if FACTOR > 1 or any(error.fits(operation) for operation in OPERATIONS)
]
NO_SUCH_ORDER = 36009010
LONGEST_WAIT = 2 * 3600
#: Of two streams with one operation the second is not asked for at all after "too many calls".
HAS_TO_WAIT = "TikTok Shop is called as often as it allows; this call has to wait."


@pytest.fixture
def rig(db: None, desk: Client) -> Iterator[Rig]:
    with Rig() as made:
        made.market.facts.set("time_passes", False)
        yield made


def sentence(operation: str, code: int) -> str:
    return errors.meaning(operation, str(code)).sentence


def is_for_all(code: int) -> bool:
    """The marketplace lets nobody in, so one stream that fails is enough."""
    return errors.meaning("search_orders", str(code)).kind is FailureKind.AUTH


@pytest.mark.parametrize("code", CODES)
def test_a_code_that_refuses_what_is_read(rig: Rig, desk: Client, code: int) -> None:
    [order] = ready(rig.market, SHOP)
    streams = [*READS] if is_for_all(code) else [""]
    for stream in streams:
        rig.market.faults.switch(f"reject:{code}", 1.0, READS.get(stream, "*"))
        failed = {each.stream: each.sentence for each in rig.sync().failed}
        struck = {*failed} if is_for_all(code) else {*READS}
        assert struck == {*failed}
        assert not stream or READS[stream] in {READS[each] for each in failed}
        page = said(rig, desk)
        for each, told in failed.items():
            assert told.startswith((sentence(READS[each], code), HAS_TO_WAIT))
            assert told in page
            assert Cursor.objects.get(shop=rig.shop, stream=each).next_step in page
        calls = CallRecord.objects.filter(shop=rig.shop, code=str(code)).exclude(failure="")
        assert {READS[each] for each in failed} <= {*calls.values_list("operation", flat=True)}
        rig.market.faults.clear()
        recover(rig, desk)
    hear_of(rig, order["id"], code)


def recover(rig: Rig, desk: Client) -> None:
    """Nobody does anything; every stream is tried again when its time has come."""
    rig.pass_(LONGEST_WAIT)
    assert not sync(rig.shop, rig.clock, patient=True).failed
    assert "All is well" in said(rig, desk)
    rig.pass_(24 * 3600)


def hear_of(rig: Rig, order_id: str, code: int) -> None:
    """A webhook whose order cannot be read waits, says why, and is worked on in the end."""
    rig.market.faults.switch(f"reject:{code}", 1.0, DETAIL)
    assert rig.market.hooks.emit_raw(1, SHOP, {"order_id": order_id, "order_status": "ON_HOLD"})
    rig.market.hooks.deliver_due()
    rig.work()
    hook = Hook.objects.latest("pk")
    if code == NO_SUCH_ORDER:
        assert hook.state == Hook.State.DONE
    else:
        assert hook.problem.startswith(sentence(DETAIL, code))
        assert hook.state == Hook.State.NEW
    rig.market.faults.clear()
    rig.pass_(LONGEST_WAIT)
    rig.work()
    hook.refresh_from_db()
    assert hook.state == Hook.State.DONE
    rig.reconcile()
    assert rig.stages()[order_id] == "awaiting_shipment"


@pytest.mark.parametrize("code", CODES)
def test_a_code_that_refuses_what_is_asked_for_once(rig: Rig, code: int) -> None:
    """A package, and the shops of a grant."""
    [order] = ready(rig.market, SHOP)
    package = order["packages"][0]["id"]
    grant = Grant.objects.get()
    channel = registry.open_channel(rig.shop)
    asks = {
        "package_detail": lambda: channel.package(package),
        "authorized_shops": lambda: oauth.shops(grant),
    }
    for operation, ask in asks.items():
        rig.market.faults.switch(f"reject:{code}", 1.0, operation)
        with pytest.raises(ChannelFailure) as refused:
            ask()
        assert refused.value.sentence.startswith(sentence(operation, code))
        assert refused.value.next_step
        rig.market.faults.clear()
        assert ask()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("http_429", "TikTok Shop's sign-in answered HTTP 429."),
        ("http_503", "TikTok Shop's sign-in answered HTTP 503."),
        ("timeout_before_effect", "did not answer in time"),
    ],
)
def test_access_that_cannot_be_renewed_now(rig: Rig, desk: Client, fault: str, words: str) -> None:
    expire(rig, fault)
    page = wrong_now(said(rig, desk))
    assert words in page
    assert "Try again in a few minutes." in page
    rig.market.faults.clear()
    recover(rig, desk)


def test_access_whose_renewal_never_arrived(rig: Rig, desk: Client) -> None:
    """The old tokens ended there, and the new ones are nobody's: only a person can help."""
    expire(rig, "timeout_after_effect")
    rig.market.faults.clear()
    rig.pass_(LONGEST_WAIT)
    rig.sync()
    page = wrong_now(said(rig, desk))
    assert "TikTok Shop does not renew this desk's access any more. Authorise again." in page
    rig.connect_again()
    recover(rig, desk)


def expire(rig: Rig, fault: str) -> None:
    """The access token ends, and its renewal meets a fault."""
    rig.sync()
    rig.market.faults.one_shot("search_orders", "token_expired")
    rig.market.faults.switch(fault, 1.0, "refresh_token")
    assert rig.sync().failed
