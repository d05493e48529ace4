"""Text that the database cannot hold is refused by every page with a sentence, never as a fault."""

from __future__ import annotations

import pytest
from django.db import DataError, connection, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory

from shipboard.channels.models import App, Shop
from shipboard.desk.errors import Unstorable
from shipboard.orders.models import Note
from tests import make
from tests.fulfilment.label_stock import label

pytestmark = pytest.mark.django_db


def test_nul_in_an_address(desk: Client) -> None:
    app = App.objects.create(
        channel=Shop.Channel.TIKTOK, name="Harbor", key="k1", added_at=make.NOW
    )
    said = desk.get(f"/shops/tiktok/apps/{app.pk}/?shop=%00")
    assert said.status_code == 400
    assert "a character that cannot be kept" in said.content.decode()


@pytest.mark.parametrize("path", ["/orders/%00/", "/labels/?q=%00", "/cases/?shop=%00"])
def test_nul_anywhere_is_no_fault(desk: Client, path: str) -> None:
    assert desk.get(path).status_code in (200, 400, 404)


def test_nul_in_a_form_writes_nothing(desk: Client) -> None:
    label(make.shop(), 1)
    said = desk.post("/orders/5760000001/note/", {"text": "a\0b"})
    assert said.status_code in (400, 422)
    assert not Note.objects.exists()


def test_other_faults_of_the_database_stay_faults(rf: RequestFactory) -> None:
    middleware = Unstorable(lambda request: HttpResponse())
    with (
        pytest.raises(DataError) as fault,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("select 1 / 0")
    assert middleware.process_exception(rf.get("/?q=%00"), fault.value) is None
