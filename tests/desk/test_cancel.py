"""Canceling by the seller through the pages: one order, units of it, many for one reason; what it
does to the rate and to labels is said before, and nothing is canceled twice or by a slip.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shipboard.channels import registry
from shipboard.channels.case_contract import CancelOptions, Reason
from shipboard.channels.contract import CaseKind, FailureKind, Shipping, Stage
from shipboard.channels.models import Shop
from shipboard.channels.registry import NotConnected
from shipboard.desk import cancel_lots
from shipboard.fulfilment.allowed import Verb
from shipboard.fulfilment.cancel_effects import Fault, back_for, fault_of, paid_for
from shipboard.fulfilment.models import Run, RunRow
from shipboard.ingest.apply import Source, apply
from shipboard.orders.attempts import Attempt
from shipboard.orders.models import Case, Order
from shipboard.orders.parts import with_parts
from tests import make
from tests.ingest.fake_channel import failure

pytestmark = pytest.mark.django_db
OUT = Reason("seller_cancel_reason_out_of_stock", "Out of stock")
PRICE = Reason("seller_cancel_reason_wrong_price", "Pricing error")
WISH = Reason("seller_cancel_paid_reason_buyer_requested", "The buyer asked to cancel")
ONE = "/orders/1/cancel/"
MANY = "/orders/cancel/"
#: Queries of opening the form of many, whatever is in it.
OPENED = 13


class Menu:
    """A marketplace of which one asks what may be canceled. `said` by order; `asked`: whom."""

    def __init__(self) -> None:
        self.said: dict[str, CancelOptions] = {}
        self.asked: list[str] = []
        self.problem: Exception | None = None

    def cancel_options(self, order_id: str) -> CancelOptions:
        self.asked.append(order_id)
        if self.problem:
            raise self.problem
        units = (f"{order_id}a", f"{order_id}b")
        whole = CancelOptions(unit_ids=units, reasons=(OUT, PRICE, WISH), part_reasons=(OUT,))
        return self.said.get(order_id, whole)


@pytest.fixture
def menu(monkeypatch: pytest.MonkeyPatch) -> Menu:
    made = Menu()
    monkeypatch.setattr(registry, "open_channel", lambda shop: made)
    return made


@pytest.fixture
def shop(db: None) -> Shop:
    return make.shop(channel="tiktok", dispatch_hours=None, auto_cancel_hours=None)


def take(shop: Shop, *order_ids: str, **given: Any) -> list[Order]:
    facts = [
        make.order(
            each,
            shipping=Shipping.SELLER,
            **{"lines": (make.line(quantity=2, unit_ids=(f"{each}a", f"{each}b")),)} | given,
        )
        for each in order_ids
    ]
    apply(shop, facts, Source(by="tests", now=make.NOW))
    found = {each.order_id: each for each in Order.objects.filter(shop=shop)}
    return [found[each] for each in order_ids]


def fields(page: str) -> dict[str, str]:
    """The hidden fields of a form."""
    found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def opened(client: Client, path: str = ONE) -> dict[str, str]:
    return fields(client.get(path).content.decode())


def text(said: Any) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub("<[^>]+>", " ", said.content.decode())))


def cancels() -> list[Attempt]:
    return list(Attempt.objects.filter(kind=Attempt.Kind.CANCEL).order_by("pk"))


def test_the_form_says_what_follows(shop: Shop, menu: Menu, desk: Client) -> None:
    take(shop, "1", "2", "3", "4")
    take(shop, "5", stage=Stage.CANCELED, canceled_at=make.NOW, canceled_by="seller")
    said = text(desk.get(ONE))
    assert "Counts as the seller's fault." in said
    assert "Taken not to count as the seller's fault" in said
    assert re.search(
        r"7 days: 20\.0 % \(1 of 5\) ?; .*at most 2.5 % ?\. With this one, .*: 40\.0 % \(2 of 5\)",
        said,
    )
    assert "40.0 % (2 of 5) , which is too many ." in said
    assert "The buyer gets back about $12.50 , the order’s total" in said
    assert "Units canceled out of an order do not count as a canceled order." in said
    assert "label" not in said.lower().replace("shipping labels", "")


def test_only_units_raise_no_rate(shop: Shop, menu: Menu, desk: Client) -> None:
    take(shop, "1")
    menu.said["1"] = CancelOptions(unit_ids=("1a", "1b"), part_reasons=(OUT,))
    page = desk.get(ONE)
    said = text(page)
    assert "Units canceled out of an order do not count" in said
    assert "With this one" not in said
    assert "data-over" not in page.content.decode()
    assert "For units the buyer gets back about their price" in said


def test_a_packed_parcel_is_kept_back(shop: Shop, menu: Menu, desk: Client) -> None:
    one, two = take(shop, "1", "2", stage=Stage.PENDING_COLLECTION)
    Order.objects.filter(pk=two.pk).update(is_cod=True)
    assert "Its parcel is packed and waits for the carrier" in text(desk.get(ONE))
    assert "nothing is to be paid back" in text(desk.get("/orders/2/cancel/"))
    said = text(desk.post(MANY, {"orders": f"{one.pk},{two.pk}"}))
    assert "2 parcels are packed and wait for the carrier" in said
    assert "The buyers get back about $12.50 , their orders’ totals" in said
    assert "1 is paid on delivery" in said


def test_totals_are_by_currency() -> None:
    orders = [
        Order(total=Decimal(total) if total else None, currency=currency)
        for total, currency in (("5", "USD"), ("7", "GBP"), ("1.5", "USD"), ("", "USD"))
    ]
    back = back_for(orders)
    assert back.amounts == {"USD": Decimal("6.5"), "GBP": Decimal(7)}
    assert (back.unpaid, back.unknown) == (0, 1)


def test_it_is_asked_for_once_and_waits_in_the_outbox(shop: Shop, menu: Menu, desk: Client) -> None:
    take(shop, "1")
    given = opened(desk) | {"reason": WISH.name}
    first, again = desk.post(ONE, given), desk.post(ONE, given)
    assert (first.status_code, again.status_code) == (302, 302)
    [attempt] = cancels()
    assert (attempt.state, attempt.is_part) == (Attempt.State.WAITING, False)
    assert attempt.asks == {"reason": WISH.name, "reason_text": WISH.text, "unit_ids": []}
    page = text(desk.get("/orders/1/"))
    assert "Cancellation" in page
    assert "that waits in the outbox and can be undone there" in page
    assert "of order 1 goes nowhere." in text(
        desk.post(f"/attempts/{attempt.pk}/undo/", follow=True)
    )
    attempt.refresh_from_db()
    assert attempt.state == Attempt.State.REVOKED


def test_over_the_list_a_notice_tells_and_takes_back(shop: Shop, menu: Menu, desk: Client) -> None:
    take(shop, "1")
    panel = {"HX-Request": "true", "HX-Target": "panel-body"}
    form = desk.get(ONE, headers=panel).content.decode()
    assert "<html" not in form
    said = desk.post(ONE, fields(form) | {"reason": OUT.name}, headers=panel)
    assert said["HX-Retarget"] == "#ship-notice"
    assert "goes to TikTok Shop in" in text(said)


def test_units_go_alone_for_a_reason_that_fits_them(shop: Shop, menu: Menu, desk: Client) -> None:
    take(shop, "1")
    form = opened(desk)
    part = form | {"what": "part", "units-0": "1"}
    for given, sentence in (
        (part | {"reason": WISH.name}, "does not fit single units"),
        (part | {"units-0": "3", "reason": OUT.name}, "only 2 can be canceled"),
        (part | {"units-0": "x", "reason": OUT.name}, "no number of units"),
        (part | {"units-0": "", "reason": OUT.name}, "none is chosen"),
        (part | {"what": "all", "reason": OUT.name}, "Choose one of the two"),
        (part, "the marketplace wants a reason"),
        (part | {"reason": "made_up"}, "the marketplace wants a reason"),
    ):
        said = desk.post(ONE, given)
        assert (said.status_code, sentence in text(said)) == (422, True), sentence
    assert not cancels()
    desk.post(ONE, part | {"reason": OUT.name})
    [attempt] = cancels()
    assert attempt.is_part
    assert (attempt.asks or {})["unit_ids"] == ["1a"]


def test_all_units_one_by_one_are_the_whole(shop: Shop, menu: Menu, desk: Client) -> None:
    take(shop, "1")
    given = opened(desk) | {"what": "part", "units-0": "2", "reason": WISH.name}
    desk.post(ONE, given)
    [attempt] = cancels()
    assert not attempt.is_part


def test_an_offer_is_for_its_order_and_not_for_ever(shop: Shop, menu: Menu, desk: Client) -> None:
    take(shop, "1", "2")
    other = opened(desk, "/orders/2/cancel/")["offer"]
    for offer in (other, "made up", ""):
        said = desk.post(ONE, opened(desk) | {"offer": offer, "reason": OUT.name})
        assert said.status_code == 422
        assert "Look at it again" in text(said)
    assert not cancels()


def test_an_offer_of_the_same_number_in_another_shop_is_another(
    shop: Shop, menu: Menu, desk: Client
) -> None:
    other = make.shop("Harbor", channel="tiktok", remote_id="2")
    take(shop, "1")
    take(other, "1")
    offer = opened(desk, f"{ONE}?shop={shop.slug}")["offer"]
    theirs = opened(desk, f"{ONE}?shop={other.slug}")
    given = theirs | {"offer": offer, "reason": OUT.name}
    said = desk.post(f"{ONE}?shop={other.slug}", given)
    assert said.status_code == 422
    assert not cancels()


@pytest.mark.parametrize(
    "problem",
    [
        failure(FailureKind.TRANSIENT, sentence="It does not answer.", next_step="Try later."),
        NotConnected("Northwind is paused. Resume it on its shop page."),
    ],
)
def test_it_says_that_nobody_can_be_asked(
    shop: Shop, menu: Menu, desk: Client, problem: Exception
) -> None:
    take(shop, "1")
    menu.problem = problem
    said = desk.get(ONE)
    assert "cannot be asked now" in text(said)
    assert str(problem) in text(said)
    assert "Ask again" in text(said)
    assert "Cancel the order</button>" not in said.content.decode()


def test_what_the_marketplace_refuses_is_said(shop: Shop, menu: Menu, desk: Client) -> None:
    take(shop, "1", "2")
    menu.said["1"] = CancelOptions(why_not="Not possible while the item is DELIVERED.")
    menu.said["2"] = CancelOptions(
        unit_ids=("2a",), why_not="A case is open.", reasons=(OUT,), part_reasons=(OUT,)
    )
    assert "Not possible while the item is DELIVERED." in text(desk.get(ONE))
    assert "1 of 2 units cannot be canceled: A case is open." in text(desk.get("/orders/2/cancel/"))


def test_what_cannot_be_canceled_asks_nobody(shop: Shop, menu: Menu, desk: Client) -> None:
    paper = make.shop("Paper")
    take(shop, "1", stage=Stage.IN_TRANSIT)
    take(paper, "2")
    [wanted] = take(shop, "3")
    Case.objects.create(order=wanted, kind=CaseKind.CANCELLATION, case_id="9", is_open=True)
    assert "on its way already" in text(desk.get(ONE))
    assert "fed by files" in text(desk.get("/orders/2/cancel/"))
    assert "approve that instead" in text(desk.get("/orders/3/cancel/"))
    assert not menu.asked


def test_somebody_else_was_first(shop: Shop, menu: Menu, desk: Client) -> None:
    take(shop, "1")
    given = opened(desk) | {"reason": OUT.name}
    desk.post(ONE, opened(desk) | {"reason": OUT.name})
    said = desk.post(ONE, given)
    assert said.status_code == 409
    assert "mai@shop.example cancels it" in text(said)
    assert len(cancels()) == 1


def test_a_label_is_named_with_what_it_cost(shop: Shop, menu: Menu, desk: Client) -> None:
    [one] = take(shop, "1")
    given = {"tracking_number": "GX1", "price": Decimal("5.40"), "currency": "USD"}
    make.label(one, arranged_at=make.NOW, **given)
    said = text(desk.get(ONE))
    assert "GX1 , $5.40." in said
    assert "Pull the parcel" in said
    assert "takes no label back from here" in said
    desk.post(ONE, opened(desk) | {"reason": OUT.name})
    (order,) = with_parts(Order.objects.filter(pk=one.pk), make.NOW)
    assert [each.label.stale for each in order.labels.all()] == ["canceling"]  # type: ignore[attr-defined]


def test_many_are_one_run(shop: Shop, menu: Menu, desk: Client) -> None:
    orders = take(shop, "1", "2", "3")
    take(shop, "4", stage=Stage.IN_TRANSIT)
    label = make.label(orders[0], tracking_number="GX1", price=Decimal("5.40"), currency="USD")
    pks = ",".join(str(each.pk) for each in Order.objects.all())
    menu.said["2"] = CancelOptions(unit_ids=("2a", "2b"), reasons=(OUT, PRICE))
    menu.said["3"] = CancelOptions(why_not="A case over the item is open.")
    page = desk.post(MANY, {"orders": pks})
    said = text(page)
    assert "Cancel 2 orders" in said
    assert "Left out: 2" in said
    assert "A case over the item is open." in said
    assert "on its way already" in said
    assert "Pricing error" in said
    assert WISH.text not in said
    assert "With these 2, where the reason counts" in said
    assert "1 label was made for them, for $5.40." in said
    assert label.tracking_number in said
    given = fields(page.content.decode()) | {"reason": OUT.name}
    first, again = desk.post(MANY, given), desk.post(MANY, given)
    run = Run.objects.get()
    assert first["Location"] == again["Location"] == f"/runs/{run.pk}/"
    assert (run.verb, run.rows, run.chosen) == (Verb.CANCEL, 2, "2 orders, for: Out of stock")
    wish = {"reason": OUT.name, "reason_text": OUT.text, "unit_ids": []}
    wish |= {"stage": Stage.AWAITING_SHIPMENT}
    assert [row.wish for row in RunRow.objects.all()] == [wish, wish]
    assert "Cancel orders" in text(desk.get(f"/runs/{run.pk}/"))


def test_nothing_is_begun_when_one_has_changed(shop: Shop, menu: Menu, desk: Client) -> None:
    orders = take(shop, "1", "2")
    page = desk.post(MANY, {"orders": ",".join(str(each.pk) for each in orders)})
    Order.objects.filter(pk=orders[0].pk).update(stage=Stage.IN_TRANSIT)
    said = desk.post(MANY, fields(page.content.decode()) | {"reason": OUT.name})
    assert said.status_code == 409
    assert "Nothing was begun" in text(said)
    assert "Cancel 1 order" in text(said)
    assert not Run.objects.exists()


def test_many_more_have_to_be_typed(shop: Shop, menu: Menu, desk: Client) -> None:
    orders = take(shop, *(str(n) for n in range(1, 22)))
    page = desk.post(MANY, {"orders": ",".join(str(each.pk) for each in orders)})
    assert len(menu.asked) == 1
    assert "it was asked of one order of each kind" in text(page)
    given = fields(page.content.decode()) | {"reason": OUT.name}
    for typed in ("", "20"):
        said = desk.post(MANY, given | {"typed": typed})
        assert said.status_code == 422
        assert "Type how many orders are canceled: 21." in text(said)
    assert not Run.objects.exists()
    desk.post(MANY, given | {"typed": "21"})
    assert Run.objects.get().rows == 21


def test_orders_without_a_common_reason_are_lots(shop: Shop, menu: Menu, desk: Client) -> None:
    other = make.shop("Harbor", channel="tiktok", remote_id="2")
    mine, theirs = take(shop, "1"), take(other, "2")
    menu.said["1"] = CancelOptions(reasons=(OUT,))
    menu.said["2"] = CancelOptions(reasons=(replace(OUT, name="out_of_stock_uk"),))
    said = desk.post(MANY, {"orders": f"{mine[0].pk},{theirs[0].pk}"})
    assert "No reason fits all of these orders." in text(said)
    assert "Northwind, Awaiting shipment" in text(said)
    assert "Go on with 1 order" in text(said)


def test_kinds_that_alternate_are_one_run(shop: Shop, menu: Menu, desk: Client) -> None:
    other = make.shop("Harbor", channel="tiktok", remote_id="2")
    orders = [*take(shop, "1"), *take(other, "2"), *take(shop, "3")]
    page = desk.post(MANY, {"orders": ",".join(str(each.pk) for each in orders)})
    desk.post(MANY, fields(page.content.decode()) | {"reason": OUT.name})
    assert Run.objects.get().rows == 3


def test_nothing_in_common_stays_nothing(shop: Shop, menu: Menu, desk: Client) -> None:
    orders = take(shop, "1", "2", "3")
    for name, reason in (("1", OUT), ("2", PRICE), ("3", WISH)):
        menu.said[name] = CancelOptions(reasons=(reason,))
    lot, left = cancel_lots._each(orders)
    assert (lot.reasons, left) == ((), [])


@pytest.mark.parametrize("given", [{}, {"orders": ""}, {"orders": "x"}, {"query": "stagee=x"}])
def test_what_is_not_understood_is_refused(
    shop: Shop, menu: Menu, desk: Client, given: dict[str, str]
) -> None:
    assert desk.post(MANY, given).status_code == 400


def test_too_many_and_nobody_answering(
    shop: Shop, menu: Menu, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders = take(shop, "1", "2")
    pks = ",".join(str(each.pk) for each in orders)
    menu.problem = failure(FailureKind.TRANSIENT, sentence="It does not answer.")
    said = text(desk.post(MANY, {"orders": pks}))
    assert "None of the orders that you chose can be canceled" in said
    assert "cannot be asked now. It does not answer." in said
    assert menu.asked == ["1"]  # once is enough
    monkeypatch.setattr(cancel_lots, "MOST", 1)
    assert "too many to cancel at once" in text(desk.post(MANY, {"orders": pks}))


def test_queries_do_not_grow_with_orders(shop: Shop, menu: Menu, desk: Client) -> None:
    pks = [str(each.pk) for each in take(shop, *(str(n) for n in range(1, 13)))]
    for chosen in (pks[:1], pks[:3], pks):
        with CaptureQueriesContext(connection) as queries:
            desk.post(MANY, {"orders": ",".join(chosen)})
        assert len(queries) == OPENED, [each["sql"][:80] for each in queries]


def test_the_bulk_bar_offers_it_where_it_applies(shop: Shop, desk: Client) -> None:
    orders = [*take(shop, "1"), *take(shop, "2", stage=Stage.IN_TRANSIT)]
    pks = ",".join(str(each.pk) for each in orders)
    bar = desk.post("/orders/selection/", {"orders": pks}).content.decode()
    assert 'data-bulk-verb="cancel" data-applies="1"' in bar
    paper = take(make.shop("Paper"), "3")
    bar = desk.post("/orders/selection/", {"orders": str(paper[0].pk)}).content.decode()
    assert 'data-bulk-verb="cancel"' not in bar


def test_rows_and_pages_lead_to_it(shop: Shop, desk: Client) -> None:
    take(shop, "1")
    take(shop, "2", stage=Stage.IN_TRANSIT)
    for view in ("list", "card"):
        page = desk.get(f"/orders/?tab=all&view={view}").content.decode()
        assert 'aria-label="Cancel order 1"' in page
        assert 'aria-label="Cancel order 2"' not in page
    assert 'id="do-cancel"' in desk.get("/orders/1/").content.decode()


def test_faults_are_told_by_the_stems_of_reasons() -> None:
    assert [fault_of(each) for each in (OUT, PRICE, WISH)] == [
        Fault.COUNTS,
        Fault.COUNTS,
        Fault.ASSUMED,
    ]
    address = "seller_cancel_paid_reason_address_not_deliver_uk"
    assert fault_of(Reason(address, "Unable to deliver")) == Fault.SPARED
    assert fault_of(Reason("something_new", "Something new")) == Fault.UNSAID
    assert paid_for([]) == {}


def test_where_only_all_of_it_can_be_canceled_that_is_said(
    shop: Shop, menu: Menu, desk: Client
) -> None:
    take(shop, "1")
    said = "In this market an order is canceled as a whole only."
    assert said not in text(desk.get(ONE))
    Shop.objects.update(region="TH")
    assert said in text(desk.get(ONE))
