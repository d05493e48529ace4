"""Runs held up, called off and told of when they are done."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from shipboard import clock
from shipboard.accounts.models import User
from shipboard.accounts.roles import Role
from shipboard.fulfilment import runner
from shipboard.fulfilment.models import Run
from shipboard.orders.attempts import Sending
from tests import make
from tests.desk.test_runs import begin, chosen
from tests.fulfilment.conftest import stock

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(desk: Client) -> Run:
    """Begun by the reader, not worked on."""
    begin(desk, orders=chosen(stock(make.shop(), 3)))
    return Run.objects.get()


def page(desk: Client, path: str) -> str:
    return desk.get(path).content.decode()


def test_a_run_is_paused_and_goes_on(desk: Client, run: Run) -> None:
    desk.post(f"/runs/{run.pk}/pause/")
    runner.carry_on(run.pk, lambda: make.NOW)
    shown = page(desk, f"/runs/{run.pk}/")
    assert "Paused after 0 of 3 orders" in shown
    assert "Go on" in shown
    again = desk.post(f"/runs/{run.pk}/pause/", follow=True).content.decode()
    assert "The run is paused or done already." in again
    desk.post(f"/runs/{run.pk}/continue/")
    runner.carry_on(run.pk, lambda: make.NOW)
    assert 'data-outcome="done" data-count="3"' in page(desk, f"/runs/{run.pk}/")


def test_the_rest_is_called_off(desk: Client, run: Run) -> None:
    said = desk.post(f"/runs/{run.pk}/call-off/", follow=True).content.decode()
    assert "of 3 orders nothing was begun" in said
    assert 'data-outcome="skipped" data-count="3"' in said
    assert desk.post(f"/runs/{run.pk}/explode/").status_code == 404


def test_it_is_told_wherever_the_person_is(desk: Client, run: Run) -> None:
    assert "Done:" not in page(desk, "/runs/news/")
    runner.carry_on(run.pk, lambda: make.NOW)
    assert "<strong>Done:</strong> Flag, 3 orders: 3 done" in page(desk, "/runs/news/")
    assert "told-good" in page(desk, "/runs/news/")
    run.each.filter(pk__in=run.each.values("pk")[:1]).update(outcome="failed")
    assert "told-mild" in page(desk, "/runs/news/")
    other = Client()
    other.force_login(User.objects.create_user("bo@shop.example", "a password", role=Role.OWNER))
    assert "Done:" not in other.get("/runs/news/").content.decode()
    other.get(f"/runs/{run.pk}/")
    assert "Done:" in page(desk, "/runs/news/")
    page(desk, f"/runs/{run.pk}/")
    assert "Done:" not in page(desk, "/runs/news/")


def test_the_word_of_it_is_put_away(desk: Client, run: Run) -> None:
    runner.carry_on(run.pk, lambda: make.NOW)
    desk.post(f"/runs/{run.pk}/seen/", headers={"HX-Request": "true"})
    assert "Done:" not in page(desk, "/runs/news/")


def test_every_page_asks_for_news_of_runs(desk: Client) -> None:
    assert 'hx-get="/runs/news/"' in page(desk, "/shops/")


def test_it_says_since_when_it_waits_for_a_marketplace(desk: Client, run: Run) -> None:
    row = run.each.select_related("order").first()
    assert row
    attempt = row.order.attempts.create(
        kind="ship",
        state="waiting",
        shop_id=row.order.shop_id,
        tracking_number="1Z",
        by="mai",
        asked_at=make.NOW,
        due_at=make.NOW,
    )
    run.each.filter(pk=row.pk).update(outcome="sending", attempt=attempt)
    Sending.objects.create(shop_id=row.order.shop_id, blocked_at=make.NOW, reason="Nobody answers.")
    shown = page(desk, f"/runs/{run.pk}/")
    assert "since" in shown
    assert "Nobody answers." in shown
    assert 'data-outcome="sending" data-count="1"' in shown


def test_several_that_are_done_are_one_bar(desk: Client, run: Run) -> None:
    pks = list(run.each.values_list("order", flat=True))
    begin(desk, "note", orders=chosen(pks[:2]), text="Look")
    for each in Run.objects.all():
        runner.carry_on(each.pk, lambda: make.NOW)
    news = page(desk, "/runs/news/")
    assert news.count('class="told') == 1
    assert "2 runs are done:" in news
    assert "Note</a>, 2 of 2 done; " in news
    assert "Flag</a>, 3 of 3 done." in news
    first, others = Run.objects.order_by("-pk").values_list("pk", flat=True)
    desk.post(f"/runs/{first}/seen/", {"with": [str(others), "x", "²"]})
    assert "done" not in page(desk, "/runs/news/")


def test_what_waits_in_the_outbox_is_not_being_sent(desk: Client, run: Run) -> None:
    row = run.each.select_related("order").earliest("pk")
    attempt = row.order.attempts.create(
        kind="answer",
        state="waiting",
        shop_id=row.order.shop_id,
        by="mai",
        asked_at=make.NOW,
        due_at=clock.wall() + timedelta(seconds=70),
    )
    run.each.filter(pk=row.pk).update(outcome="sending", attempt=attempt)
    Run.objects.update(verb="answer_cancellation")
    shown = page(desk, f"/runs/{run.pk}/")
    assert '<a href="/outbox/">In the outbox</a>' in shown
    assert "leaves in" in shown
    assert ": 3 cases</h1>" in shown
    attempt.state = "calling"
    attempt.save()
    shown = page(desk, f"/runs/{run.pk}/")
    assert "Being sent</td>" in shown
    assert "leaves in" not in shown


@pytest.mark.parametrize("others", ["9" * 5_000, "x", "\0", "٣"])
def test_others_to_put_away_are_any_text(desk: Client, run: Run, others: str) -> None:
    runner.carry_on(run.pk, lambda: make.NOW)
    said = desk.post(f"/runs/{run.pk}/seen/", {"with": others})
    assert said.status_code == 302
