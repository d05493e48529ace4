"""Cancellations & returns on screen: the list, one case with what was said in it, answering one and
answering many.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from shipboard import clock
from shipboard.accounts.models import User
from shipboard.accounts.roles import Role
from shipboard.channels import registry
from shipboard.channels.case_contract import (
    CaseRecord,
    CaseStep,
    CaseTarget,
    Decision,
    DecisionFact,
    Picture,
    Reason,
)
from shipboard.channels.contract import CaseFact, CaseKind, FailureKind, Shipping, Stage
from shipboard.channels.models import Shop
from shipboard.channels.tiktok.records import read_records
from shipboard.fulfilment.models import Run, RunRow
from shipboard.ingest.apply import Source, apply
from shipboard.orders.attempts import Attempt
from shipboard.orders.models import Case, Order
from tests import make
from tests.ingest.fake_channel import failure

pytestmark = pytest.mark.django_db
NOW, HOUR = make.NOW, make.HOUR
PANEL = {"HX-Request": "true", "HX-Target": "panel-body", "HX-Current-URL": "http://x/cases/"}
PACKED = Reason("packed", "Already packed")
RECORDS = (
    CaseRecord(at=NOW - HOUR, by="buyer", words="Return requested", note="The handle is off"),
    CaseRecord(
        at=NOW,
        by="buyer",
        words="Evidence",
        pictures=("https://p16.example/a.jpg", "javascript:alert(1)"),
    ),
)


class Line:
    """What the marketplace would say of any case."""

    def __init__(self) -> None:
        self.facts: tuple[DecisionFact, ...] = tuple(
            DecisionFact(decision=each, reasons=(PACKED,) if each.is_rejection else ())
            for each in Decision
        )
        self.pictures: list[Picture] = []
        self.breaks: Exception | None = None
        self.records = RECORDS
        self.while_uploading: Callable[[], object] = lambda: None

    def decisions(self, case: CaseTarget) -> tuple[DecisionFact, ...]:
        if self.breaks:
            raise self.breaks
        return self.facts

    def case_records(self, case: CaseTarget) -> tuple[CaseRecord, ...]:
        if self.breaks:
            raise self.breaks
        return self.records

    def upload_picture(self, picture: Picture) -> str:
        self.pictures.append(picture)
        self.while_uploading()
        return f"uri-{len(self.pictures)}"


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    made = Line()
    monkeypatch.setattr(registry, "open_channel", lambda shop: made)
    return made


@pytest.fixture
def shop() -> Shop:
    """Of a market where requests are approved or rejected by a call."""
    return make.shop(channel=Shop.Channel.TIKTOK, region="GB")


def asked(
    shop: Shop, number: int = 1, stage: Stage = Stage.AWAITING_SHIPMENT, **given: Any
) -> Case:
    """An order of two mugs and what its buyer asks."""
    values: dict[str, Any] = {
        "kind": CaseKind.CANCELLATION,
        "case_id": f"40{number}",
        "is_open": True,
        "step": CaseStep.CANCEL,
        "by": "buyer",
        "reason": "Changed my mind",
        "amount": Decimal("23.10"),
        "respond_by": NOW + 3 * HOUR,
        "changed_at": NOW,
    }
    mugs = make.line(quantity=2, unit_ids=(f"{number}-1", f"{number}-2"))
    fact = make.order(
        str(number),
        stage=stage,
        shipping=Shipping.SELLER,
        lines=(mugs,),
        cases=(CaseFact(**values | given),),
    )
    apply(shop, [fact], Source(by="tests", now=NOW))
    return Case.objects.get(order__shop=shop, order__order_id=str(number))


def returned(shop: Shop, number: int, **given: Any) -> Case:
    values = {"kind": CaseKind.RETURN, "step": CaseStep.RETURN, "reason": "Broken"}
    return asked(shop, number, Stage.DELIVERED, **values | given)


def read(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content[:2000]
    return re.sub(r"\s+", " ", unescape(answer.content.decode()))


def page(desk: Client, query: str = "") -> str:
    return read(desk.get(f"/cases/?{query}"))


def as_role(role: Role) -> Client:
    client = Client()
    client.force_login(User.objects.create_user(f"{role}@shop.example", "a pass", role=role))
    client.get("/closed/")
    return client


def offered(page: str, *, first: bool = False) -> dict[str, str]:
    """The signed fields of a form, and which cases it answers; of several forms the last, or the
    `first`."""
    names = "offer|cases|others|want|uploaded|key"
    found = re.findall(rf'type="hidden" name="({names})" value="([^"]*)"', page)
    return dict(reversed(found) if first else found)


def post(desk: Client, case: Case, headers: dict[str, str] | None = None, **given: Any) -> Any:
    form = {} if "offer" in given else offered(read(desk.get(f"/cases/{case.pk}/answer/")))
    fields = {"seen": case.order.version} | form | given
    return desk.post(f"/cases/{case.pk}/answer/", fields, headers=headers or {})


# --- the list ---


def test_a_row_says_what_is_asked_until_when_and_what_silence_means(
    desk: Client, shop: Shop
) -> None:
    asked(shop, unit_ids=("1-2",))
    told = page(desk)
    for words in ("Changed my mind", "$23.10", '1 × <bdi class="mono">MUG-01', "Answer<span"):
        assert words in told
    assert 'data-tab="to_answer" data-count="1"' in told
    assert "If nobody answers: approved automatically in <bdi" in told
    assert f'data-left="{(NOW + 3 * HOUR).isoformat()}"' in told
    assert "Awaiting shipment" in told


def test_a_dispute_is_the_marketplaces_to_decide(desk: Client, shop: Shop) -> None:
    returned(shop, 1, dispute="in_progress")
    told = page(desk)
    assert "In dispute: the marketplace decides." in told
    assert "answer-link" not in told
    Case.objects.update(is_open=False, step="", status="REFUND_OR_RETURN_REQUEST_REJECT")
    for told in (page(desk, "tab=under_way"), read(desk.get(f"/cases/{Case.objects.get().pk}/"))):
        assert "In dispute: the marketplace decides" in told
        assert "Rejected" not in told


def test_an_empty_page_says_what_will_come_here(desk: Client, shop: Shop) -> None:
    assert "Nobody waits for your answer" in page(desk)
    assert "No case matches" in page(desk, "q=12345678")


def test_what_is_not_understood_is_400(desk: Client, shop: Shop) -> None:
    assert "is not a filter of Cancellations" in read(desk.get("/cases/?tabb=decided"), 400)


def test_asked_again_it_answers_only_once_something_changed(desk: Client, shop: Shop) -> None:
    case = asked(shop)
    [shown] = re.findall(r"seen=(\w{20})", page(desk))
    assert desk.get(f"/cases/?seen={shown}").status_code == 204
    Attempt.objects.create(
        kind="answer", state="waiting", shop=shop, order=case.order, case=case, by="mai",
        asks={"decision": "approve_cancel", "reason": "", "comment": "", "amount": None,
              "currency": "", "pictures": [], "step": "cancel", "key": "k"},
        asked_at=NOW, due_at=NOW,
    )  # fmt: skip
    assert desk.get(f"/cases/?seen={shown}").status_code == 200
    told = page(desk, "tab=under_way")
    assert "In the outbox" in told
    assert "Approve the cancellation" in told


@pytest.mark.parametrize(
    ("state", "step"),
    [("waiting", "undone in the outbox"), ("calling", "shows here"), ("done", "next account")],
)
def test_an_answer_under_way_is_no_open_question(
    desk: Client, shop: Shop, state: str, step: str
) -> None:
    case = asked(shop)
    due = clock.wall() + timedelta(seconds=70)
    Attempt.objects.create(
        kind="answer", state=state, shop=shop, order=case.order, case=case, by="mai",
        asks={"decision": "approve_cancel", "reason": "", "comment": "", "amount": None,
              "currency": "", "pictures": [], "step": "cancel", "key": "k"},
        asked_at=NOW, due_at=due, ended_at=NOW + HOUR if state == "done" else None,
    )  # fmt: skip
    told = read(desk.get(f"/cases/{case.pk}/"))
    assert "Answered from here" in told
    assert "<strong>Approve the cancellation</strong>, by mai." in told
    assert ("It goes to TikTok Shop in" in told) is (state == "waiting")
    assert "to answer, until" not in told
    assert "If nobody answers" not in told
    row = read(desk.get("/orders/?tab=all"))
    assert "Decision needed" not in row
    assert "Decided" in row
    for key in ("decision", f"case-{case.pk}"):
        why = read(desk.get(f"/orders/1/why/?of={key}", headers={"HX-Target": "why-shown"}))
        assert "mai has answered “Approve the cancellation”" in why
        assert step in why
        assert "Answer the request" not in why


def test_a_viewer_looks_only(shop: Shop, db: None) -> None:
    case = asked(shop)
    viewer = as_role(Role.VIEWER)
    told = page(viewer)
    assert "pick-label" not in told
    assert "answer-link" not in told
    assert viewer.get(f"/cases/{case.pk}/answer/").status_code == 403


@pytest.mark.parametrize("many", [1, 3, 50])
def test_queries_of_the_list(desk: Client, shop: Shop, many: int) -> None:
    for number in range(many):
        asked(shop, number)
    desk.get("/cases/")
    with CaptureQueriesContext(connection) as asked_for:
        told = page(desk)
    assert told.count('class="row"') == many
    assert len(asked_for) == QUERIES


QUERIES = 18


def test_what_narrows_the_list_is_said_in_words(desk: Client, shop: Shop) -> None:
    told = page(desk, f"kind=return&shop={shop.slug}")
    assert "Remove filter: Type: Return and refund" in told
    assert f"Remove filter: Shop: {shop.name}" in told


def test_what_was_never_paid_is_not_refunded(desk: Client, shop: Shop) -> None:
    case = asked(shop, 1, is_open=False, step="", status="CANCELLATION_REQUEST_COMPLETE")
    for paid_at, words in ((NOW, "Canceled and refunded."), (None, "Canceled.")):
        Order.objects.update(paid_at=paid_at)
        assert words in read(desk.get(f"/cases/{case.pk}/"))


@pytest.mark.parametrize("odd", [{"kind": "exchange"}, {"step": "weird"}])
def test_a_case_of_an_unknown_kind_is_shown(
    desk: Client, shop: Shop, line: Line, odd: dict[str, str]
) -> None:
    case = asked(shop)
    Case.objects.update(**odd)
    for path in ("/cases/", f"/cases/{case.pk}/", "/orders/", "/orders/1/", "/orders/1/why/"):
        read(desk.get(path))
    read(desk.get(f"/cases/{case.pk}/answer/"))


# --- one case ---


def test_the_case_whole(desk: Client, shop: Shop) -> None:
    case = returned(shop, 1, unit_ids=("1-1", "1-2"), tracking_number="RET123", carrier="DHL")
    told = read(desk.get(f"/cases/{case.pk}/"))
    for words in ("The whole order", "Broken", "RET123", "Return and refund, by the buyer", "UTC"):
        assert words in told
    assert f'hx-get="/cases/{case.pk}/record/"' in told
    drawer = desk.get(f"/cases/{case.pk}/", headers={"HX-Target": "drawer-body"})
    assert "drawer-head" in read(drawer)


def test_another_shops_case_is_not_there(shop: Shop, db: None) -> None:
    case = asked(shop)
    stranger = User.objects.create_user("s@shop.example", "a pass", role=Role.MANAGER)
    stranger.sees_all_shops = False
    stranger.save()
    client = Client()
    client.force_login(stranger)
    for path in ("", "record/", "answer/"):
        assert client.get(f"/cases/{case.pk}/{path}").status_code == 404


def test_a_shop_fed_by_files_answers_elsewhere(desk: Client, db: None) -> None:
    case = asked(make.shop())
    told = read(desk.get(f"/cases/{case.pk}/"))
    assert "answer it in Seller Center before its deadline, then import" in told
    assert "answer-link" not in told
    assert "answer it in Seller Center" in read(desk.get(f"/cases/{case.pk}/answer/"))


def test_what_was_said_is_for_those_who_see_buyers(desk: Client, shop: Shop, line: Line) -> None:
    case = returned(shop, 1)
    told = read(desk.get(f"/cases/{case.pk}/record/"))
    assert "The handle is off" in told
    assert '<a href="https://p16.example/a.jpg" target="_blank" rel="noopener noreferrer"' in told
    assert "javascript:" not in told
    masked = read(as_role(Role.PACKER).get(f"/cases/{case.pk}/record/"))
    assert "Return requested" in masked
    assert "The handle is off" not in masked
    assert "p16.example" not in masked
    line.breaks = failure(FailureKind.TRANSIENT, operation="case_records")
    assert "Ask again" in read(desk.get(f"/cases/{case.pk}/record/"))


@pytest.mark.parametrize(
    "address", ["https://[x", "https://a]b/", "https://℀.com/", "https://a:99999/", "http://a/"]
)
def test_addresses_that_no_browser_takes_are_left_out(
    desk: Client, shop: Shop, line: Line, address: str
) -> None:
    line.records = (CaseRecord(at=NOW, by="buyer", words="Evidence", pictures=(address,)),)
    told = read(desk.get(f"/cases/{returned(shop, 1).pk}/record/"))
    assert "Evidence" in told
    assert address not in told
    payload = {"records": [{"create_time": 1_760_000_000, "images": [{"url": address}]}]}
    assert read_records(payload)[0].pictures == ()


# --- the answer ---


def test_decisions_say_what_they_do_and_why_not(desk: Client, shop: Shop, line: Line) -> None:
    line.facts = (
        DecisionFact(decision=Decision.APPROVE_RETURN),
        DecisionFact(decision=Decision.REFUND_WITHOUT_RETURN, why_not="Too dear to be given."),
        DecisionFact(decision=Decision.REJECT_RETURN, reasons=(PACKED,)),
    )
    case = returned(shop, 1)
    told = read(desk.get(f"/cases/{case.pk}/answer/", headers=PANEL))
    assert "<html" not in told
    assert "Not possible now: Too dear to be given." in told
    assert "Not possible now: The marketplace does not offer it for this case now." in told
    assert '<option value="packed">Already packed</option>' in told
    assert len(re.findall(r'name="decision" [^>]*disabled', told)) == 2


def test_without_the_marketplace_nothing_that_needs_a_reason(
    desk: Client, shop: Shop, line: Line
) -> None:
    line.breaks = failure(FailureKind.TRANSIENT, operation="decisions")
    told = read(desk.get(f"/cases/{asked(shop).pk}/answer/"))
    assert "could not be asked how it may be answered" in told
    assert re.search(r'value="reject_cancel" required disabled', told)
    assert re.search(r'value="approve_cancel" required aria', told)


def test_approve(desk: Client, shop: Shop, line: Line) -> None:
    case = asked(shop)
    told = read(desk.get(f"/cases/{case.pk}/answer/"))
    assert "Refunds $23.10 to the buyer. The order is canceled" in told
    done = post(desk, case, decision="approve_cancel", comment="not sent along")
    assert (done.status_code, done["Location"]) == (302, f"/cases/{case.pk}/")
    attempt = Attempt.objects.get()
    assert (attempt.kind, attempt.state, attempt.case) == ("answer", "waiting", case)
    assert attempt.asks["comment"] == ""
    after = read(desk.get(f"/cases/{case.pk}/"))
    assert f'action="/attempts/{attempt.pk}/undo/' in after
    assert "“Approve the cancellation” goes to" in after
    back = desk.post(f"/attempts/{attempt.pk}/undo/", {"from": "case"})
    assert back["Location"] == f"/cases/{case.pk}/"
    assert Attempt.objects.get().state == "revoked"


def test_in_the_dialog_a_notice_offers_to_undo(desk: Client, shop: Shop, line: Line) -> None:
    done = post(desk, asked(shop), PANEL, decision="approve_cancel")
    assert done["HX-Retarget"] == "#ship-notice"
    assert "“Approve the cancellation”" in read(done)
    assert "/undo/" in read(done)


def test_a_rejection_takes_reason_comment_and_pictures(
    desk: Client, shop: Shop, line: Line
) -> None:
    case = asked(shop)
    told = read(post(desk, case, decision="reject_cancel"), 422)
    assert "Choose the reason" in told
    assert 'value="reject_cancel" required checked' in told
    post(
        desk,
        case,
        decision="reject_cancel",
        **{"reason-reject_cancel": "packed"},
        comment="It is on the van.",
        pictures=[picture("PNG"), picture("JPEG")],
    )
    asks = Attempt.objects.get().asks
    assert (asks["reason"], asks["comment"]) == ("packed", "It is on the van.")
    assert asks["pictures"] == ["uri-1", "uri-2"]
    assert [each.media_type for each in line.pictures] == ["image/png", "image/jpeg"]
    assert (line.pictures[0].width, line.pictures[0].height) == (120, 110)


def drawing(
    kind: str = "JPEG", size: tuple[int, int] = (120, 110), cut: int = 0, **how: Any
) -> SimpleUploadedFile:
    """Without its last `cut` bytes."""
    drawn = io.BytesIO()
    Image.new("RGB", size, "red").save(drawn, kind, **how)
    content = drawn.getvalue()
    return SimpleUploadedFile("a", content[: len(content) - cut])


def picture(kind: str = "PNG", name: str = "Mai Tran at home.png") -> SimpleUploadedFile:
    drawn = io.BytesIO()
    Image.new("RGB", (120, 110)).save(drawn, kind)
    return SimpleUploadedFile(name, drawn.getvalue(), "image/gif")


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([drawing(size=(99, 200))], "99 × 200 dots"),
        ([drawing(cut=60)], "no whole JPEG or PNG"),
        ([drawing("PNG", cut=60)], "no whole JPEG or PNG"),
        ([SimpleUploadedFile("a.png", b"<svg/>", "image/png")], "no whole JPEG or PNG"),
        ([picture("GIF")], "no whole JPEG or PNG"),
        ([SimpleUploadedFile("a.png", b"x" * (5 * 1024 * 1024 + 1))], "larger than 5 MB"),
        ([picture() for _ in range(7)], "At most 6 pictures"),
    ],
)
def test_pictures_are_looked_at_before_any_is_sent(
    desk: Client, shop: Shop, line: Line, files: Sequence[SimpleUploadedFile], words: str
) -> None:
    given = {"decision": "reject_cancel", "reason-reject_cancel": "packed", "pictures": files}
    assert words in read(post(desk, asked(shop), **given), 422)
    assert not line.pictures
    assert not Attempt.objects.exists()


def test_pictures_that_were_taken_go_along_when_the_form_comes_back(
    desk: Client, shop: Shop, line: Line
) -> None:
    case, other = asked(shop), asked(shop, 2)
    given = {"decision": "reject_cancel", "reason-reject_cancel": "packed"}
    line.while_uploading = lambda: Order.objects.filter(pk=case.order_id).update(version=9)
    told = read(post(desk, case, **given, pictures=[picture()]), 409)
    assert "1 picture handed over already" in told
    assert "Mai Tran" not in told
    given["uploaded"] = offered(told)["uploaded"]
    post(desk, other, **given)
    assert Attempt.objects.get().asks["pictures"] == []  # of another case
    post(desk, case, **given, seen=9)
    assert Attempt.objects.get(case=case).asks["pictures"] == ["uri-1"]


def test_a_part_of_the_money_has_bounds(desk: Client, shop: Shop, line: Line) -> None:
    case = returned(shop, 1)
    for amount in ("", "nothing", "0", "23.10", "99", "1.234", "10,50", "NaN", "1e999999"):
        told = read(post(desk, case, decision="offer_part", amount=amount), 422)
        assert ("Offer less than the $23.10 that" in told) is (amount in ("23.10", "99"))
    assert not Attempt.objects.exists()
    told = read(post(desk, case, decision="offer_part", amount="10,50"), 422)
    assert "10,50 is not clear, for amounts in USD are written with a point" in told
    assert "if you mean 10.50, write that." in told
    assert 'value="10,50"' in told
    post(desk, case, decision="offer_part", amount="10.50")
    asks = Attempt.objects.get().asks
    assert (asks["amount"], asks["currency"]) == ("10.50", "USD")
    Case.objects.update(amount=Decimal("10.50"), is_open=False)
    for state, is_told in (("waiting", False), ("done", True)):
        Attempt.objects.update(state=state)
        told = read(desk.get(f"/cases/{case.pk}/"))
        assert ("You offered $10.50 of the $23.10 asked for" in told) is is_told


def test_only_what_was_offered_is_taken(desk: Client, shop: Shop, line: Line) -> None:
    too_long = Reason("x" * 201, "Too long to be kept")
    line.facts = (
        DecisionFact(decision=Decision.APPROVE_RETURN),
        DecisionFact(decision=Decision.REJECT_RETURN, reasons=(PACKED, too_long)),
    )
    case, other = returned(shop, 1), returned(shop, 2)
    read(post(desk, case, decision="refund_without_return"), 422)
    for reason in ("never offered", too_long.name, "x" * 2_000_000):
        given = {"decision": "reject_return", "reason-reject_return": reason}
        assert "one of those it names" in read(post(desk, case, **given), 422)
    form = offered(read(desk.get(f"/cases/{other.pk}/answer/")))
    for offer in ("", form["offer"][:-1], form["offer"]):
        given = {"decision": "approve_return", "offer": offer, "key": str(uuid4())}
        assert "asked too long ago" in read(post(desk, case, **given), 422)
    assert not Attempt.objects.exists()


def test_the_reason_is_shown_and_the_comment_to_those_who_see_buyers(
    desk: Client, shop: Shop, line: Line
) -> None:
    case = asked(shop)
    given = {"decision": "reject_cancel", "reason-reject_cancel": "packed"}
    post(desk, case, **given, comment="Mai Tran phoned.")
    told = read(desk.get(f"/cases/{case.pk}/"))
    assert "Already packed" in told
    assert "Mai Tran phoned." in told
    masked = read(as_role(Role.PACKER).get(f"/cases/{case.pk}/"))
    assert "Mai Tran phoned." not in masked
    assert "The comment is shown to those who may see buyers' data." in masked


def test_what_cannot_be_taken_uploads_nothing(desk: Client, shop: Shop, line: Line) -> None:
    given = {"decision": "reject_return", "reason-reject_return": "packed"}
    forms = {}
    for number in (1, 2, 3, 4):
        case = returned(shop, number)
        forms[case] = offered(read(desk.get(f"/cases/{case.pk}/answer/"))) | given
    closed, decided, open_, twice = forms
    Order.objects.filter(pk=closed.order_id).update(stage="closed", closes_at=NOW - HOUR)
    Case.objects.filter(pk=decided.pk).update(is_open=False, step="")
    read(post(desk, closed, **forms[closed], pictures=picture()), 409)
    read(post(desk, decided, **forms[decided], pictures=picture()), 409)
    read(post(desk, open_, **forms[open_] | {"key": ""}, pictures=picture()), 422)
    read(post(desk, open_, **forms[open_], seen=99, pictures=picture()), 409)
    told = read(post(desk, open_, **forms[open_], comment="x" * 501, pictures=picture()), 422)
    assert "Choose the pictures again; none was handed over." in told
    assert not line.pictures
    for _ in range(2):
        assert post(desk, twice, **forms[twice], pictures=picture()).status_code == 302
    assert len(line.pictures) == 1
    assert Attempt.objects.count() == 1


def test_pictures_are_drawn_anew(desk: Client, shop: Shop, line: Line) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "home address"
    exif[0x8825] = {1: "N", 2: (1.0, 2.0, 3.0)}
    lying = drawing(exif=exif, comment=b"home address")
    lying = SimpleUploadedFile("a", lying.read() + b"<script>PK")
    several = drawing("MPO", save_all=True, append_images=[Image.new("RGB", (120, 110))])
    given = {"decision": "reject_cancel", "reason-reject_cancel": "packed"}
    post(desk, asked(shop), **given, pictures=[lying, several])
    turned, first = line.pictures
    assert (turned.width, turned.height) == (110, 120)
    assert (first.media_type, first.width, first.height) == ("image/jpeg", 120, 110)
    for each in line.pictures:
        made = Image.open(io.BytesIO(each.content))
        assert (made.format, made.size) == ("JPEG", (each.width, each.height))
        assert not made.getexif()
        assert not any(words in each.content for words in (b"home address", b"<script>"))


def test_decided_on_an_older_look_it_is_refused(desk: Client, shop: Shop, line: Line) -> None:
    case = asked(shop)
    Order.objects.update(version=5)
    told = read(post(desk, case, decision="approve_cancel", seen=4), 409)
    assert "has changed since you saw it" in told


def test_money_goes_only_as_it_was_shown(desk: Client, shop: Shop, line: Line) -> None:
    case = asked(shop)
    form = offered(read(desk.get(f"/cases/{case.pk}/answer/")))
    form |= {"decision": "approve_cancel", "seen": str(case.order.version)}
    unseen = {name: value for name, value in form.items() if name != "seen"}
    assert "not complete" in read(desk.post(f"/cases/{case.pk}/answer/", unseen), 422)
    Case.objects.filter(pk=case.pk).update(amount=case.amount + 500)
    told = read(desk.post(f"/cases/{case.pk}/answer/", form), 409)
    assert "asks for something else now" in told
    assert "$523.10" in told
    Order.objects.update(version=case.order.version + 1)
    for given in (form, unseen, form | {"seen": str(case.order.version + 1)}):
        answer = desk.post(f"/cases/{case.pk}/answer/", given)
        assert answer.status_code in (409, 422)
    assert not Attempt.objects.exists()


def test_where_shipping_rejects_the_form_leads_there(desk: Client, line: Line, db: None) -> None:
    case = asked(make.shop(channel=Shop.Channel.TIKTOK, region="US"))
    told = read(desk.get(f"/cases/{case.pk}/answer/"))
    assert "Reject by shipping" in told
    assert "/orders/1/ship/?shop=northwind&despite=yes" in told
    assert 'value="reject_cancel"' not in told
    read(post(desk, case, decision="reject_cancel", **{"reason-reject_cancel": "packed"}), 422)


# --- many ---


def many(desk: Client, cases: Sequence[Case], **given: Any) -> Any:
    """With the fields of the form that was looked at first, where an answer is sent."""
    chosen = {"cases": ",".join(str(each.pk) for each in cases)}
    is_sent = given.get("do") == "answer" and "offer" not in given
    form = offered(read(desk.post("/cases/answer/", chosen))) if is_sent else {}
    return desk.post("/cases/answer/", chosen | form | given)


def test_many_of_one_step_are_a_run(desk: Client, shop: Shop, line: Line) -> None:
    cases = [asked(shop, number) for number in (1, 2, 3)]
    told = read(many(desk, cases, want="approve"))
    assert "Refunds $69.30 in all." in told
    assert 'value="approve_cancel" required checked' in told
    key = str(uuid4())
    done = many(desk, cases, do="answer", decision="approve_cancel", key=key)
    run = Run.objects.get()
    assert done["Location"] == f"/runs/{run.pk}/"
    assert (run.verb, run.rows) == ("answer_cancellation", 3)
    wishes = RunRow.objects.order_by("position").values_list("wish", flat=True)
    assert [each["case"] for each in wishes] == [each.pk for each in cases]
    assert {each["decision"] for each in wishes} == {"approve_cancel"}
    again = many(desk, cases, do="answer", decision="approve_cancel", key=key, offer="")
    assert again["Location"] == f"/runs/{run.pk}/"
    assert Run.objects.count() == 1
    assert "Answer cancellations" in read(desk.get(f"/runs/{run.pk}/"))


def test_a_mixed_selection_is_offered_as_several(desk: Client, shop: Shop, line: Line) -> None:
    cases = [asked(shop, 1), returned(shop, 2), returned(shop, 3)]
    told = read(many(desk, cases, want="approve"), 409)
    assert "wait for different answers" in told
    assert re.findall(r'data-cases="(\d)"', told) == ["1", "2"]
    assert not Run.objects.exists()


def test_a_go_of_a_mixed_choice_leads_to_the_others(desk: Client, shop: Shop, line: Line) -> None:
    cases = [asked(shop, 1), returned(shop, 2), returned(shop, 3)]
    cases.append(returned(shop, 4, step=CaseStep.PACKAGE))
    told, runs = read(many(desk, cases, want="approve"), 409), []
    for decision, left, here in (
        ("approve_cancel", 3, ["2", "1"]),
        ("approve_return", 1, ["1"]),
        ("approve_package", 0, []),
    ):
        form = offered(read(desk.post("/cases/answer/", offered(told, first=True))))
        assert len(list(filter(None, form["others"].split(",")))) == left
        given = form | {"do": "answer", "decision": decision}
        answer = desk.post("/cases/answer/", given)
        runs.append(Run.objects.latest("pk"))
        if not left:
            assert answer["Location"] == f"/runs/{runs[-1].pk}/"
            break
        told = read(answer)
        assert f"{left} case{'' if left == 1 else 's'} of your choice" in told
        assert f'href="/runs/{runs[-1].pk}/"' in told
        assert re.findall(r'data-cases="(\d)"', told) == here
        assert read(desk.post("/cases/answer/", given)).count("Go on with") == len(here)
    assert [run.rows for run in runs] == [1, 2, 1]
    assert Run.objects.count() == 3


def test_others_are_looked_at_before_they_are_offered(desk: Client, shop: Shop, line: Line) -> None:
    one, other = asked(shop, 1), returned(shop, 2)
    form = offered(read(many(desk, [one]))) | {"do": "answer", "decision": "approve_cancel"}
    read(desk.post("/cases/answer/", form | {"others": "1,x"}), 400)
    assert not Run.objects.exists()
    Case.objects.filter(pk=other.pk).update(dispute="in_progress")
    told = read(desk.post("/cases/answer/", form | {"others": f"{other.pk},{other.pk + 1}"}))
    assert "Nothing else of your choice can be answered" in told
    assert "The marketplace itself decides over it now" in told
    assert "1 of those you chose is not here any more" in told
    assert RunRow.objects.get().wish["case"] == one.pk


def test_where_shipping_rejects_the_others_are_gone_on_with(
    desk: Client, line: Line, db: None
) -> None:
    market = make.shop(channel=Shop.Channel.TIKTOK, region="US")
    told = read(many(desk, [asked(market, 1), returned(market, 2)], want="reject"), 409)
    told = read(desk.post("/cases/answer/", offered(told, first=True)))
    assert "1 other of your choice is not answered yet" in told
    last = told[told.index("1 other of your choice") - 400 :]
    assert f'name="cases" value="{Case.objects.get(kind="return").pk}"' in last


def test_many_rejections_need_a_reason_and_leave_out_what_cannot_be(
    desk: Client, shop: Shop, line: Line
) -> None:
    cases = [asked(shop, 1), returned(shop, 2, dispute="in_progress")]
    told = read(many(desk, cases, want="reject"))
    assert "Left out: 1" in told
    assert '<option value="packed">' in told
    given = {"do": "answer", "decision": "reject_cancel", "key": str(uuid4())}
    assert "Choose the reason" in read(many(desk, cases, **given), 422)
    many(desk, cases, **given, **{"reason-reject_cancel": "packed"})
    assert RunRow.objects.get().wish["reason"] == "packed"
    assert Run.objects.get().chosen == "Reject the cancellation, “Already packed”: 1 case"


def test_what_asks_for_something_else_now_is_left_out(desk: Client, shop: Shop, line: Line) -> None:
    cases = [returned(shop, n, kind=CaseKind.REFUND, step=CaseStep.REFUND) for n in (1, 2)]
    form = offered(read(many(desk, cases)))
    Case.objects.filter(pk=cases[0].pk).update(amount=Decimal(5000))
    given = {"do": "answer", "decision": "approve_refund"}
    told = read(desk.post("/cases/answer/", form | given), 409)
    assert "Left out: 1" in told
    assert "It asks for something else now" in told
    assert "Refunds $23.10 in all." in told
    assert not Run.objects.exists()
    desk.post("/cases/answer/", offered(told) | given)
    assert [each["case"] for each in RunRow.objects.values_list("wish", flat=True)] == [cases[1].pk]


def test_many_take_only_what_was_offered(desk: Client, shop: Shop, line: Line) -> None:
    cases = [returned(shop, 1), returned(shop, 2)]
    given = {"do": "answer", "decision": "reject_return", "reason-reject_return": "x" * 500}
    assert "one of those it names" in read(many(desk, cases, **given), 422)
    read(many(desk, cases, do="answer", decision="offer_part", amount="1"), 422)
    read(many(desk, cases, **given, key=str(uuid4()), offer=""), 400)
    assert not Run.objects.exists()


def test_more_than_twenty_are_typed(desk: Client, shop: Shop, line: Line) -> None:
    cases = [asked(shop, number) for number in range(21)]
    given = {"do": "answer", "decision": "approve_cancel"}
    told = read(many(desk, cases, **given, typed="20"), 422)
    assert "Type how many cases are answered: 21." in told
    assert many(desk, cases, **given, typed="21").status_code == 302


def test_where_shipping_rejects_many_lead_there(desk: Client, line: Line, db: None) -> None:
    market = make.shop(channel=Shop.Channel.TIKTOK, region="US")
    told = read(many(desk, [asked(market, number) for number in (1, 2)], want="reject"))
    assert "In this market a request is rejected by shipping the order" in told
    for number in (1, 2):
        assert f"/orders/{number}/ship/?shop=northwind&despite=yes" in told
    assert 'value="approve_cancel"' not in told
    assert "Answer 2 cases" not in told


@pytest.mark.parametrize("chosen", ["", "1,x", ",".join(map(str, range(1, 1002)))])
def test_a_choice_that_cannot_be_read_is_refused(desk: Client, chosen: str) -> None:
    read(desk.post("/cases/answer/", {"cases": chosen}), 400)


# --- where orders are ---


def test_orders_lead_to_the_answer(desk: Client, shop: Shop, line: Line) -> None:
    case = asked(shop)
    for path in ("/orders/1/", "/orders/?urgency=cancellation_requested"):
        assert f'href="/cases/{case.pk}/answer/"' in read(desk.get(path))
    listed = read(desk.get("/orders/?urgency=cancellation_requested"))
    assert 'href="/cases/?kind=cancellation"' in listed
    assert f'href="/cases/{case.pk}/"' in read(desk.get("/orders/1/"))


def test_a_row_that_cannot_be_answered_says_why_to_the_keyboard(desk: Client, shop: Shop) -> None:
    asked(shop)
    assert "data-stays" not in page(desk)
    asked(shop, 2, is_open=False, step=CaseStep.NOTHING, status="CANCELLATION_REQUEST_COMPLETE")
    assert re.search(r'data-stays="[^"]+"', page(desk, "tab=decided"))
