"""What must hold for every cell of every layout, whatever stands in the database: no formula, no
buyer's data for those who may not see it; and what a file cannot hold.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.apps import apps
from django.db import connection, models
from python_calamine import CalamineWorkbook

from shipboard.accounts.access import COMMAND_LINE
from shipboard.channels.contract import ParcelContent
from shipboard.channels.file.columns import RECIPIENT
from shipboard.exports import write as writing
from shipboard.exports.write import TooMany, Wanted, plan
from shipboard.ingest.apply import Source, apply
from shipboard.orders.flags import set_flag
from shipboard.orders.holds import place_hold
from shipboard.orders.masking import OPEN
from shipboard.orders.models import Colour, Hold, Order
from shipboard.orders.notes import add_note
from tests import make
from tests.exports.files import csv_cells, exported, wanted

pytestmark = pytest.mark.django_db(transaction=True)

LAYOUTS = ("tiktok", "orders", "lines", "parcels")
#: Never masked: test_handoff.py.
PERSONAL = ("handoff",)
#: What the tables check, or what says how a row is read.
FIXED = {"timezone", "slug", "region", "currency", "stage", "stage_source", "kind", "key"}


@pytest.fixture
def order() -> Order:
    """With a parcel and all that we add."""
    held = make.parcel(contents=(ParcelContent(0, 1),))
    person = dict.fromkeys(RECIPIENT, "Jane")
    fact = make.order(parcels=(held,), recipient=person, buyer_message="hi")
    apply(make.shop(), [fact], Source(by="tests", now=make.NOW))
    order = Order.objects.get()
    add_note(order, text="gift", by="mai@shop.example", now=make.NOW)
    set_flag(order, Colour.RED, by="mai@shop.example", now=make.NOW)
    place_hold(order, reason="Address", by="mai@shop.example", now=make.NOW)
    return order


def everywhere(text: str) -> None:
    """`text` in every column of text that an export might read."""
    for name in ("Shop", "Order", "Line", "Item", "Parcel", "Note", "Hold", "Warehouse", "Case"):
        model = apps.get_model("shipboard", name)
        fields = [
            field.name
            for field in model._meta.concrete_fields
            if isinstance(field, models.TextField | models.CharField)
            and field.name not in FIXED
            and (field.max_length or len(text)) >= len(text)
        ]
        if fields:
            model._default_manager.update(**dict.fromkeys(fields, text))
    Order.objects.update(recipient=dict.fromkeys(RECIPIENT, text))


def cells(what: Wanted) -> Iterator[tuple[str, str]]:
    """Header and text of every cell."""
    if what.format == "csv":
        header, *rows = csv_cells(what)
    else:
        book = CalamineWorkbook.from_filelike(io.BytesIO(exported(what)[0]))
        header, *rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)  # type: ignore[assignment]
    for row in rows:
        yield from zip(header, map(str, row), strict=True)


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
@pytest.mark.parametrize("layout", [*LAYOUTS, *PERSONAL])
def test_whatever_column_holds_a_formula_no_cell_starts_one(
    order: Order, layout: str, format_: str
) -> None:
    everywhere("=1+1")
    if layout in PERSONAL:  # says nothing of what is kept back
        Hold.objects.update(released_at=make.NOW)
    for unmasked in (True,) if layout in PERSONAL else (True, False):
        found = list(cells(wanted(layout=layout, format=format_, unmasked=unmasked)))
        assert [name for name, cell in found if cell.startswith(("=", "+", "@"))] == []
        assert sum(cell.rstrip("\t") == "'=1+1" for _, cell in found) > 10


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_field_of_a_buyer_gets_out_masked(order: Order, layout: str, format_: str) -> None:
    person = {key: f"Secret {key} of 5550100199" for key in RECIPIENT if key not in OPEN}
    Order.objects.update(recipient=person | {"phone": "5550100199"})
    shown = str(list(cells(wanted(layout=layout, format=format_))))
    assert "Secret" not in shown
    assert "5550100199" not in shown
    full = str(list(cells(wanted(layout=layout, format=format_, unmasked=True))))
    assert "Secret address of 5550100199" in full


def test_more_rows_than_a_sheet_has_are_refused(
    order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "MOST_ROWS", 2)
    assert plan(wanted(format="xlsx"), COMMAND_LINE, make.NOW).rows == 1
    with pytest.raises(TooMany, match="Take CSV, or export fewer"):
        plan(wanted(format="xlsx", with_description=True), COMMAND_LINE, make.NOW)
    assert plan(wanted(with_description=True), COMMAND_LINE, make.NOW).rows == 1


def test_a_row_without_a_value_is_a_row_still(order: Order) -> None:
    """An empty line is none to most readers of CSV."""
    fact = replace(make.order("2"), buyer_message="hi")
    apply(order.shop, [fact], Source(by="tests", now=make.NOW))
    Order.objects.filter(order_id="2").update(buyer_message="")
    what = wanted("sort=created", layout="orders", columns=("buyer_message",))
    content, _ = exported(what)
    assert content.count(b"\r\n") == 3
    assert b"\r\n\r\n" not in content
    assert sorted(map(tuple, csv_cells(what)[1:])) == [("",), ("hi",)]


def test_a_control_in_the_database_makes_no_escape_of_excels(order: Order) -> None:
    with connection.cursor() as cursor:
        cursor.execute("""update "order" set buyer_message = e'_\\x0bx000D_\\x08 \\\\b'""")
    what = wanted(layout="orders", columns=("buyer_message",), format="xlsx")
    assert list(cells(what)) == [("Buyer message", "_x000D_ \\b")]
