"""The page's queries: as many at one row as at fifty."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shipboard.accounts.access import COMMAND_LINE
from shipboard.channels.contract import CaseFact, CaseKind
from shipboard.ingest.apply import Source, apply
from shipboard.orders.filters import parse
from shipboard.orders.queries import Listing, listing
from shipboard.orders.summaries import order_summary
from tests import make

pytestmark = pytest.mark.django_db
SOURCE = Source(by="tests", now=make.NOW)


def shown(query: str) -> Listing:
    found = listing(parse(query), COMMAND_LINE, make.NOW)
    for order in found.page.rows:
        assert order_summary(order, make.NOW, unmasked=False)["lines"]
    return found


@pytest.mark.parametrize("rows", [1, 3, 50])
@pytest.mark.parametrize(("query", "queries"), [("", 11), ("tab=pending_shipping&q=mug,x", 16)])
def test_a_constant_number_of_queries(rows: int, query: str, queries: int) -> None:
    case = CaseFact(kind=CaseKind.RETURN, is_open=True)
    facts = [
        make.order(str(number), parcels=(make.parcel(package_id=f"P{number}"),), cases=(case,))
        for number in range(rows)
    ]
    apply(make.shop(), facts, SOURCE)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        found = shown(query)
    assert (len(found.page.rows), found.count) == (rows, rows)
    assert len(captured) == queries
