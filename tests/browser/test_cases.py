"""Cancellations and returns in a browser, against the demo's marketplace: a case answered from the
list and taken back, every kind of decision carried out, and many answered at once.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.test_access import violations

TH, US = "demo-northwind-th", "demo-northwind-us"


@pytest.fixture
def at_once(desk: Desk) -> Iterator[None]:
    """Answers leave without an undo window."""
    for shop in (TH, US):
        desk.run("shop", "set", shop, "--undo-seconds", "0")
    yield
    for shop in (TH, US):
        desk.run("shop", "set", shop, "--undo-seconds", "120")


def cases(page: Page, desk: Desk, query: str, shop: str = TH) -> None:
    page.goto(f"{desk.url}/cases/?shop={shop}&{query}")


def test_an_answer_from_the_list_can_be_taken_back(signed_in: Page, desk: Desk) -> None:
    cases(signed_in, desk, "kind=return")
    # Its time to answer is far enough, so that it waits in the outbox.
    row = signed_in.locator("#cases .row").last
    row.locator(".k-state").click()
    drawer = signed_in.locator("#drawer[open]")
    expect(drawer.locator("#case-record")).not_to_contain_text("Ask TikTok Shop")
    signed_in.keyboard.press("Escape")
    row.locator(".case-id").focus()
    signed_in.keyboard.press("a")
    form = signed_in.locator("#panel[open] #case-form")
    form.get_by_label("Approve the return").check()
    for scheme in ("light", "dark"):
        signed_in.emulate_media(color_scheme=scheme)
        assert violations(signed_in) == [], scheme
    form.get_by_role("button", name="Answer").click()
    notice = signed_in.locator("#ship-notice")
    expect(notice).to_contain_text("“Approve the return” goes to TikTok Shop in")
    expect(signed_in.locator("#cases .row :focus")).to_have_count(1)  # the keyboard goes on there
    notice.get_by_role("button", name="Undo").click()
    expect(notice).to_contain_text("is taken back; it goes nowhere")


def answered(page: Page, desk: Desk, shop: str, step: str, decision: str, **given: str) -> None:
    """The first case of a shop that waits for `step`, decided so on its page; until the
    marketplace has taken it."""
    cases(page, desk, f"step={step}", shop)
    page.locator("#cases .case-id").first.click()
    page.locator("#do-answer").click()
    form = page.locator("#panel[open] #case-form")
    form.locator(f"[value={decision}]").check()
    if "reason" in given:
        form.locator(f"[name=reason-{decision}]").select_option(index=1)
        form.get_by_label("Comment").fill(given["reason"])
        form.get_by_label("Pictures").set_input_files(
            {"name": "van.png", "mimeType": "image/png", "buffer": drawn()}
        )
    if "amount" in given:
        form.locator("[name=amount]").fill(given["amount"])
    form.get_by_role("button", name="Answer").click()
    expect(page.locator(".message-success")).to_contain_text("goes to TikTok Shop")
    until = time.monotonic() + 40
    while time.monotonic() < until and not page.locator("[data-attempt][data-state=done]").count():
        time.sleep(0.5)
        page.reload()
    told = page.locator("#h-answers + ul").inner_text()
    assert page.locator("[data-attempt][data-state=done]").count() == 1, (decision, told)


def drawn() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (200, 150), "teal").save(made, "PNG")
    return made.getvalue()


@pytest.mark.usefixtures("at_once")
def test_every_kind_of_decision_is_carried_out(signed_in: Page, desk: Desk) -> None:
    answered(signed_in, desk, TH, "cancel", "reject_cancel", reason="It is on the van.")
    answered(signed_in, desk, US, "cancel", "approve_cancel")
    answered(signed_in, desk, TH, "return", "approve_return")
    answered(signed_in, desk, TH, "return", "refund_without_return")
    answered(signed_in, desk, US, "return", "offer_part", amount="1.00")
    answered(signed_in, desk, US, "return", "reject_return", reason="As described.")
    answered(signed_in, desk, TH, "refund", "approve_refund")
    answered(signed_in, desk, TH, "refund", "offer_part", amount="1.00")
    answered(signed_in, desk, US, "refund", "reject_refund", reason="It is on its way.")
    answered(signed_in, desk, TH, "package", "approve_package")
    answered(signed_in, desk, US, "package", "offer_part_after", amount="1.00", reason="Worn.")
    answered(signed_in, desk, TH, "package", "reject_package", reason="Another item.")
    answered(signed_in, desk, TH, "replacement", "approve_replacement")
    answered(signed_in, desk, US, "replacement", "refund_instead")
    answered(signed_in, desk, US, "replacement", "reject_replacement", reason="Not broken.")


@pytest.mark.usefixtures("at_once")
def test_many_of_one_step_are_answered_in_a_run(signed_in: Page, desk: Desk) -> None:
    cases(signed_in, desk, "tab=to_answer")
    signed_in.locator("#pick-labels").check()
    signed_in.locator("#approve-cases").click()
    expect(signed_in.get_by_role("alert")).to_contain_text("wait for different answers")
    cases(signed_in, desk, "tab=to_answer")
    for step in ("[data-step=cancel]", ":not([data-step=cancel])"):  # what else others have left
        signed_in.locator(f"#cases .row{step} .pick-label").first.check()
    signed_in.locator("#approve-cases").click()
    for is_last in (False, True):
        signed_in.get_by_role("button", name="Go on with this one").first.click()
        signed_in.get_by_role("button", name="Answer 1 case").click()
        if not is_last:
            left = signed_in.get_by_role("alert")
            expect(left).to_contain_text("1 case of your choice is not answered yet")
            expect(left).to_be_focused()
            assert violations(signed_in) == []
    signed_in.wait_for_url("**/runs/*/")
    cases(signed_in, desk, "step=cancel")
    waiting = signed_in.locator("#cases .row").count()
    signed_in.locator("#pick-labels").check()
    expect(signed_in.locator("[data-picked]")).to_have_text(f"{waiting} chosen")
    signed_in.locator("#approve-cases").click()
    expect(signed_in.get_by_label("Approve the cancellation")).to_be_checked()
    assert violations(signed_in) == []
    signed_in.get_by_role("button", name=f"Answer {waiting} case").click()
    signed_in.wait_for_url("**/runs/*/")
    told = json.loads(desk.run("orders", "tab=all&case=cancellation&shop=" + TH, "--json"))
    assert told["count"] >= waiting
    expect(signed_in.locator("#main")).to_contain_text("Answer cancellations")
