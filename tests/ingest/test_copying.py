"""ingest/copying: keys as one parameter."""

from __future__ import annotations

import pytest
from django.db import connection

from shipboard.ingest.copying import array

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "keys",
    [[], ["1", "22"], ["1,2", "3"], ["", "1"], ["{1}"], ['"', "\\"], ["NULL"], ["\u0663"], ["a b"]],
)
def test_texts_arrive_as_they_are(keys: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select %s::text[]", [array(keys)])
        assert cursor.fetchone() == (keys,)


def test_numbers_arrive_as_they_are() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select %s::bigint[]", [array([3, 1, 2**40])])
        assert cursor.fetchone() == ([3, 1, 2**40],)
