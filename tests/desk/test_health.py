"""/healthz says whether web, database and worker are well."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client

pytestmark = pytest.mark.django_db


def test_without_a_worker_it_says_so() -> None:
    response = Client().get("/healthz")
    assert response.status_code == 503
    assert "worker" in response.json()["reason"]


def test_all_well() -> None:
    with connection.cursor() as cursor:
        cursor.execute("insert into procrastinate_workers (last_heartbeat) values (now())")
    response = Client().get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
