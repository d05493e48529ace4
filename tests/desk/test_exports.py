"""Exports on the pages: the dialog's numbers, progress, the file, its notice, schedules, and what a
packer cannot get by any parameter.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from shipboard import tasks
from shipboard.accounts.models import AuditEntry, User
from shipboard.accounts.roles import Role
from shipboard.channels.contract import Stage
from shipboard.channels.models import Shop
from shipboard.exports import periods, vault
from shipboard.exports.columns import LINE_COLUMNS
from shipboard.exports.models import Export, ExportLayout, ExportSchedule
from shipboard.ingest.apply import Source, apply
from shipboard.orders.models import Order
from tests import make

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = "5550100199"
IN_DIALOG = {"HX-Request": "true", "HX-Target": "panel-body"}


@pytest.fixture(autouse=True)
def exports_folder(settings: Any, tmp_path: Path) -> None:
    settings.EXPORTS = tmp_path / "exports"


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    made = make.shop()
    person = {"name": "Jane Roe", "phone": PHONE, "address_line1": "1 High Street"}
    facts = [
        make.order(
            f"5760000000000{n:05d}",
            recipient=person,
            stage=Stage.AWAITING_SHIPMENT if n < 5 else Stage.CANCELED,
            lines=(make.line(), make.line(sku_id="2")),
        )
        for n in range(8)
    ]
    apply(made, facts, Source(by="test", now=make.NOW))
    return made


def signed_in(role: Role, email: str = "sam@shop.example") -> Client:
    client = Client()
    client.force_login(User.objects.create_user(email, "a long password", role=role))
    return client


def begin(client: Client, **given: str) -> Export:
    response = client.post("/exports/", {"query": "", "key": str(uuid4()), **given})
    assert response.status_code == 302, response.content.decode()
    return Export.objects.latest("pk")


def write(export: Export) -> Export:
    tasks.write_export(export.pk)
    export.refresh_from_db()
    return export


def rows(client: Client, export: Export) -> list[list[str]]:
    response = client.get(f"/exports/{export.pk}/file/")
    assert response.status_code == 200
    plain = b"".join(response)  # type: ignore[arg-type]
    assert int(response["Content-Length"]) == len(plain) == export.size
    return list(csv.reader(io.StringIO(plain.decode("utf-8-sig"))))


def shown(client: Client, where: str, **given: Any) -> str:
    response = client.get(where, **given)
    assert response.status_code == 200, response.content.decode()
    return response.content.decode()


def test_the_dialog_says_what_will_come(desk: Client, shop: Shop) -> None:
    assert "Export <span data-count-here>5 orders</span>" in shown(
        desk, "/orders/?tab=pending_shipping"
    )
    page = shown(desk, "/exports/new/?tab=pending_shipping&sort=-created")
    assert 'data-orders="5"' in page
    assert 'data-rows="5"' in page
    assert "One status at a time" not in page
    lines = {"query": "tab=pending_shipping", "layout": "lines"}
    assert 'data-rows="10"' in desk.post("/exports/new/", lines).content.decode()
    everything = shown(desk, "/exports/new/")
    assert "Pending shipping (5)" in everything
    assert "Canceled (3)" in everything
    assert "/exports/new/?tab=canceled" in everything
    dialog = shown(desk, "/exports/new/", headers=IN_DIALOG)
    assert "<html" not in dialog
    assert "nothing to export" in shown(desk, "/exports/new/?tab=shipped")
    assert desk.get("/exports/new/?colour=red").status_code == 400
    assert desk.post("/exports/new/", {"query": "", "layout": "all"}).status_code == 400
    assert desk.post("/exports/new/", {"query": "", "format": "exe"}).status_code == 400


def test_from_the_form_to_the_file(desk: Client, shop: Shop) -> None:
    export = begin(desk, query="tab=pending_shipping", layout="orders")
    where = f"/exports/{export.pk}/"
    page = shown(desk, where)
    assert "Waiting to be written" in page
    assert 'hx-trigger="every 1s"' in page
    moving = desk.get(where, headers={"HX-Target": "export-outcome"})
    assert (moving.status_code, b"<html" in moving.content) == (200, False)
    assert moving["HX-Retarget"] == moving["HX-Reselect"] == "#export-moving", "buttons stay"
    assert b'id="export-moving"' in moving.content
    assert desk.get(f"{where}file/").status_code == 410
    write(export)
    ended = desk.get(where, headers={"HX-Target": "export-outcome"})
    assert ended.status_code == 286
    assert b"hx-trigger" not in ended.content
    assert "HX-Retarget" not in ended
    assert b"Ready: 5 orders, 5 rows" in ended.content
    assert len(rows(desk, export)) == 6
    response = desk.get(f"{where}file/")
    assert response["Cache-Control"] == "no-store"
    assert response["Content-Disposition"] == ('attachment; filename="orders-20261122T120000Z.csv"')
    response.close()
    export.refresh_from_db()
    assert len(export.downloads) == 2
    kinds = list(AuditEntry.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["export_begun", "export_taken", "export_taken"]
    listed = shown(desk, "/exports/")
    assert "all 5 orders that matched Pending shipping" in listed
    assert f"{where}file/" in listed


def test_what_excel_has_no_room_for_is_said(desk: Client, shop: Shop) -> None:
    Order.objects.update(buyer_message="long " * 8_000)
    export = write(begin(desk, layout="orders", format="xlsx"))
    told = "8 cells were shortened to the 32,767 characters that Excel takes"
    for where in ("/exports/notice/", f"/exports/{export.pk}/"):
        page = shown(desk, where)
        assert told in page
        assert "A CSV file has them whole." in page
    write(begin(desk, layout="orders"))
    assert told not in shown(desk, f"/exports/{Export.objects.latest('pk').pk}/")


def test_in_the_dialog_its_progress_follows_and_the_notice_begins(desk: Client, shop: Shop) -> None:
    given = {"query": "", "key": str(uuid4())}
    response = desk.post("/exports/", given, headers=IN_DIALOG)
    assert response["HX-Trigger"] == "export-begun"
    assert b'id="export-outcome"' in response.content
    assert b"<html" not in response.content
    assert b"http-equiv" not in response.content
    again = desk.post("/exports/", given, headers=IN_DIALOG)
    assert again.status_code == 200
    assert Export.objects.count() == 1


def test_a_notice_comes_once_and_is_put_away(desk: Client, shop: Shop) -> None:
    assert "every 3s" not in shown(desk, "/exports/notice/")
    first, second = begin(desk), begin(desk, layout="lines")
    waiting = shown(desk, "/exports/notice/")
    assert "every 3s" in waiting
    assert desk.get("/exports/notice/?shown=").status_code == 204
    write(first)
    told = shown(desk, "/exports/notice/?shown=")
    assert "Your export is ready: all 8 orders" in told
    assert desk.get(f"/exports/notice/?shown={first.pk}").status_code == 204
    write(second)
    both = shown(desk, f"/exports/notice/?shown={first.pk}")
    assert both.count('class="notice"') == 2
    assert "every 3s" not in both
    left = desk.post(f"/exports/{first.pk}/noted/", follow=True).content.decode()
    assert f'data-export="{first.pk}"' not in left
    shown(desk, f"/exports/{second.pk}/")
    assert 'class="notice"' not in shown(desk, "/exports/notice/")


def listed(form: Any) -> list[str]:
    """The ticked columns, as they stand."""
    return re.findall(r'name="column" value="(\w+)" checked', form.content.decode())


def test_columns_are_ticked_and_moved_step_by_step(desk: Client, shop: Shop) -> None:
    """Each answer is posted back, as a browser without scripts does."""
    where, given = "/exports/columns/", {"query": "", "layout": "lines"}
    first = desk.post(where, given | {"description": "yes", "personal": "yes"})
    assert listed(first) == [column.key for column in LINE_COLUMNS]
    assert b'name="description" value="yes"' in first.content
    assert b'name="personal" value="yes"' in first.content
    given |= {"picking": "yes"}
    cleared = desk.post(where, given | {"column": listed(first), "tick": "none", "name": "Mine"})
    assert listed(cleared) == []
    assert b'value="Mine"' in cleared.content
    keys: Any = ["quantity", "order_id", "sku_id"]
    for move, expected in (
        ("down.quantity", ["order_id", "quantity", "sku_id"]),
        ("down.quantity", ["order_id", "sku_id", "quantity"]),
        ("down.quantity", ["order_id", "sku_id", "quantity"]),
        ("up.order_id", ["order_id", "sku_id", "quantity"]),
        ("up.shop", ["order_id", "sku_id", "quantity"]),
        ("up.sku_id", ["sku_id", "order_id", "quantity"]),
        ("sideways", ["sku_id", "order_id", "quantity"]),
    ):
        answer = desk.post(where, given | {"column": keys, "move": move})
        keys = listed(answer)
        assert keys == expected, move
    moved = desk.post(where, given | {"column": keys, "move": "up.quantity"}).content.decode()
    assert re.search(r'value="up.quantity"[^>]* autofocus', moved), "the keyboard stays there"
    whole = desk.post(where, given | {"column": keys, "tick": "all"})
    assert listed(whole)[:3] == keys
    assert sorted(listed(whole)) == sorted(column.key for column in LINE_COLUMNS)


def test_shops_of_several_regions_are_offered_one_region_at_a_time(
    desk: Client, shop: Shop
) -> None:
    coast = make.shop("Coast", region="TH", timezone="Asia/Bangkok", currency="THB")
    apply(coast, [make.order("9", currency="THB")], Source(by="test", now=make.NOW))
    page = desk.post("/exports/new/", {"query": "", "layout": "tiktok", "format": "xlsx"})
    told = page.content.decode()
    assert "differ in columns and dates. Export one region at a time" in told
    links = re.findall(r'href="(/exports/new/[?]shop=[^"]+)"[^>]*>([^<]+)</a>', told)
    assert [words.rpartition(": ")[2] for _, words in links] == ["Coast", "Northwind"]
    for (href, _), orders in zip(links, (1, 8), strict=True):
        opened = shown(desk, href.replace("&amp;", "&"))
        assert f'data-orders="{orders}"' in opened
        assert 'value="tiktok" checked' in opened
        assert 'value="xlsx" checked' in opened


def test_its_page_tells_progress_and_the_history_who_what_and_how_many(
    desk: Client, shop: Shop, owner: User
) -> None:
    export = begin(desk, query="tab=pending_shipping")
    begun = make.NOW - 10 * timedelta(seconds=1)
    running = {"state": "running", "rows": 500, "rows_planned": 2_000, "started_at": begun}
    Export.objects.update(**running)
    page = shown(desk, f"/exports/{export.pk}/")
    assert "500 of 2,000 rows written" in page
    assert 'max="100" value="25"' in page
    assert "50 rows a second, about 30 s left" in page
    assert "Cancel the export" in page
    write(export)
    row = re.search(r"<tr data-export.*?</tr>", shown(desk, "/exports/"), re.DOTALL)
    assert row is not None
    for told in ("all 5 orders that matched Pending shipping", owner.email, '"num">5<'):
        assert told in row[0]


def test_what_was_chosen_stays_with_another_status_and_with_a_schedule(
    desk: Client, shop: Shop
) -> None:
    page = shown(desk, "/exports/new/?layout=tiktok&format=xlsx&description=yes&personal=yes")
    chosen = "layout=tiktok&amp;format=xlsx&amp;description=yes&amp;personal=yes"
    assert f'href="/exports/new/?tab=canceled&amp;{chosen}"' in page
    assert f'href="/exports/schedules/new/?{chosen}"' in page
    form = shown(desk, f"/exports/schedules/new/?tab=canceled&{chosen.replace('&amp;', '&')}")
    assert '<option value="tiktok" selected>' in form
    assert '<option value="xlsx" selected>' in form
    for name in ("with_description", "unmasked"):
        assert re.search(rf'name="{name}"[^>]* checked', form), name
    assert 'name="query" value="tab=canceled"' in form
    assert desk.get("/exports/schedules/new/?format=exe").status_code == 400


def test_regions_that_differ_are_refused_on_the_form_itself(desk: Client, shop: Shop) -> None:
    """Where nothing was counted before, as without scripts."""
    coast = make.shop("Coast", region="TH", timezone="Asia/Bangkok", currency="THB")
    apply(coast, [make.order("9", currency="THB")], Source(by="test", now=make.NOW))
    asked = {"query": "", "key": str(uuid4()), "layout": "tiktok"}
    refused = desk.post("/exports/", asked)
    assert refused.status_code == 422
    assert "/exports/new/?shop=coast&amp;layout=tiktok" in refused.content.decode()
    schedule = {
        "query": "", "name": "All", "at": "06:00", "timezone": "UTC", "layout": "tiktok",
        "format": "csv", "period_of": "created",
    }  # fmt: skip
    told = desk.post("/exports/schedules/new/", schedule)
    assert told.status_code == 422
    assert "differ in columns and dates" in told.content.decode()
    assert not ExportSchedule.objects.exists()
    assert not Export.objects.exists()


def test_a_chosen_few_and_columns_of_ones_own(desk: Client, shop: Shop) -> None:
    pks = ",".join(str(pk) for pk in Order.objects.order_by("pk").values_list("pk", flat=True)[:2])
    given: dict[str, Any] = {"orders": pks, "layout": "orders", "picking": "yes", "name": "Short"}
    three = ["total", "order_id", "nonsense", "currency", "total"]
    form = desk.post("/exports/columns/", given | {"column": three, "move": "up.order_id"})
    assert f'value="{pks}"' in form.content.decode()
    assert listed(form) == ["order_id", "total", "currency"]
    saved = given | {"save": "yes", "column": listed(form)}
    saved["column"][1:] = reversed(saved["column"][1:])
    kept = desk.post("/exports/columns/", saved).content.decode()
    own = ExportLayout.objects.get()
    assert re.search(rf'value="own:{own.pk}" checked', kept)
    export = write(begin(desk, orders=pks, layout=f"own:{own.pk}"))
    table = rows(desk, export)
    assert table[0] == ["Order ID", "Currency", "Order amount"]
    assert len(table) == 3
    again = desk.post("/exports/columns/", saved | {"column": "order_id"})
    assert again.status_code == 200
    assert ExportLayout.objects.get().columns == ["order_id"]
    assert desk.post("/exports/columns/", given | {"save": "yes"}).status_code == 422
    other = signed_in(Role.MANAGER)
    assert other.post("/exports/new/", {"query": "", "layout": f"own:{own.pk}"}).status_code == 400
    ExportLayout.objects.update(is_shared=True)
    assert other.post("/exports/new/", {"query": "", "layout": f"own:{own.pk}"}).status_code == 200
    assert other.post(f"/exports/columns/{own.pk}/remove/").status_code == 403
    assert desk.post(f"/exports/columns/{own.pk}/remove/").status_code == 302
    assert not ExportLayout.objects.exists()


def test_too_many_are_refused_with_periods_to_take_instead(
    desk: Client, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    october = Order.objects.order_by("pk").values_list("pk", flat=True)[:3]
    Order.objects.filter(pk__in=list(october)).update(created_at=make.NOW - 40 * 24 * make.HOUR)
    monkeypatch.setattr(periods, "MOST_ORDERS", 5)
    monkeypatch.setattr("shipboard.exports.write.MOST_ORDERS", 5)
    page = shown(desk, "/exports/new/?created_from=2026-10-05")
    assert "8 orders are too many for one file" in page
    assert "created_from=2026-10-05&amp;created_to=2026-10-31" in page
    assert "created_from=2026-11-01&amp;created_to=2026-11-30" in page
    assert re.search(r'type="submit" disabled>', page)
    refused = desk.post("/exports/", {"query": "", "key": str(uuid4())})
    assert refused.status_code == 422
    assert not Export.objects.exists()


def test_a_day_that_is_too_many_is_never_offered_to_be_refused_again(
    desk: Client, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    some = Order.objects.order_by("pk").values_list("pk", flat=True)[:3]
    Order.objects.update(created_at=make.NOW)
    Order.objects.filter(pk__in=list(some)).update(stage="closed")
    monkeypatch.setattr(periods, "MOST_ORDERS", 2)
    monkeypatch.setattr("shipboard.exports.write.MOST_ORDERS", 2)
    page = shown(desk, "/exports/new/?created_from=2026-11-22&created_to=2026-11-22")
    offered = [unescape(each) for each in re.findall(r'class="button" href="([^"]+)"', page)]
    parts = [each for each in offered if "stage=" in each]
    assert len(parts) == 1
    assert "stage=awaiting_shipment" in parts[0]
    assert "Too many even so: 2026-11-22 to 2026-11-22, Northwind, Canceled (3 orders)" in page
    assert '<strong data-orders="2">' in shown(desk, parts[0])


def test_cancel_and_try_again(desk: Client, shop: Shop) -> None:
    export = begin(desk)
    where = f"/exports/{export.pk}/"
    moving = desk.post(f"{where}cancel/", headers={"HX-Target": "export-outcome"})
    assert b"Canceled; no file was made" in moving.content
    assert desk.post(f"{where}retry/").status_code == 302
    write(export)
    assert export.state == Export.State.DONE
    assert desk.post(f"{where}retry/", follow=True).status_code == 200


def test_a_packer_gets_no_personal_data_by_any_parameter(desk: Client, shop: Shop) -> None:
    packer = signed_in(Role.PACKER)
    form = shown(packer, "/exports/new/")
    assert 'name="personal"' not in form
    given = {"query": "", "key": str(uuid4()), "personal": "yes", "unmasked": "on"}
    assert packer.post("/exports/", given).status_code == 403
    assert not Export.objects.exists()
    schedule = {
        "query": "", "name": "All", "at": "06:00", "timezone": "UTC", "layout": "orders",
        "format": "csv", "period_of": "created", "unmasked": "on",
    }  # fmt: skip
    assert packer.post("/exports/schedules/new/", schedule).status_code == 302
    assert not ExportSchedule.objects.get().unmasked
    for layout in ("tiktok", "orders", "lines", "parcels"):
        mine = write(begin(packer, layout=layout))
        text = str(rows(packer, mine))
        assert PHONE not in text
        assert "High Street" not in text
        assert "Jane Roe" not in text
    full = write(begin(desk, personal="yes"))
    assert PHONE in str(rows(desk, full))
    assert packer.get(f"/exports/{full.pk}/").status_code == 404
    assert packer.get(f"/exports/{full.pk}/file/").status_code == 404
    for verb in ("cancel", "retry", "noted"):
        assert packer.post(f"/exports/{full.pk}/{verb}/").status_code == 404
    assert f'data-export="{full.pk}"' not in shown(packer, "/exports/")
    manager = signed_in(Role.MANAGER, "kim@shop.example")
    theirs = write(begin(manager, personal="yes"))
    User.objects.filter(email="kim@shop.example").update(role=Role.VIEWER)
    assert manager.get(f"/exports/{theirs.pk}/file/").status_code == 403
    assert "does not show buyers" in shown(manager, f"/exports/{theirs.pk}/")


def test_a_file_of_another_secret_key_is_a_sentence(
    desk: Client, shop: Shop, settings: Any, owner: User
) -> None:
    export = write(begin(desk))
    settings.SECRET_KEY = "another"
    desk.force_login(owner)
    response = desk.get(f"/exports/{export.pk}/file/")
    assert response.status_code == 410
    assert b"another SHIPBOARD_SECRET_KEY" in response.content


def test_a_file_that_is_gone_or_damaged_is_not_offered_and_says_why(
    desk: Client, shop: Shop
) -> None:
    export = write(begin(desk))
    where, place = f"/exports/{export.pk}/", vault.place(export.key)
    for page in (shown(desk, where), shown(desk, "/exports/")):
        assert f'href="{where}file/"' in page
    whole = place.read_bytes()
    for content, why in (
        (whole[:-1], "The file is damaged"),
        (whole + whole, "The file is damaged"),
        (b"", "The file is damaged"),
        (None, "The file is not there any more"),
    ):
        place.unlink() if content is None else place.write_bytes(content)
        for page in (shown(desk, where), shown(desk, "/exports/")):
            assert f"{where}file/" not in page
            assert why in page
        gone = desk.get(f"{where}file/")
        assert gone.status_code == 410
        assert why in gone.content.decode()
    assert not Export.objects.get().downloads


def test_schedules_are_kept_shown_paused_and_removed(
    desk: Client, shop: Shop, settings: Any
) -> None:
    assert "Nothing is exported by itself" in shown(desk, "/exports/")
    page = shown(desk, "/exports/schedules/new/?tab=pending_shipping")
    assert "Pending shipping" in page
    assert 'name="folder"' not in page
    settings.EXPORT_FOLDER = "/srv/exports"
    assert 'name="folder"' in shown(desk, "/exports/schedules/new/")
    given = {
        "query": "tab=pending_shipping", "name": "Morning", "weekday": "0", "at": "06:30",
        "timezone": "Asia/Bangkok", "period": "yesterday", "period_of": "paid",
        "layout": "lines", "format": "xlsx", "changed_only": "on",
    }  # fmt: skip
    assert desk.post("/exports/schedules/new/", given | {"timezone": "Mars"}).status_code == 422
    assert desk.post("/exports/schedules/new/", given | {"at": "late"}).status_code == 422
    assert desk.post("/exports/schedules/new/", given).status_code == 302
    listed = shown(desk, "/exports/")
    assert "Pending shipping; paid yesterday; changed since the last export" in listed
    assert "Every Monday at 06:30, Asia/Bangkok" in listed
    assert "Mon 23 Nov 06:30 UTC+7" in listed
    kept = ExportSchedule.objects.get()
    assert kept.weekday == date(2026, 11, 23).weekday()
    other = signed_in(Role.VIEWER)
    assert other.post(f"/exports/schedules/{kept.pk}/pause/").status_code == 404
    desk.post(f"/exports/schedules/{kept.pk}/pause/")
    assert "Paused" in shown(desk, "/exports/")
    desk.post(f"/exports/schedules/{kept.pk}/resume/")
    desk.post(f"/exports/schedules/{kept.pk}/remove/")
    assert not ExportSchedule.objects.exists()


def test_the_file_for_the_carrier_is_always_in_full_and_noted_so(desk: Client, shop: Shop) -> None:
    Order.objects.update(recipient=WHOLE)
    assert 'value="handoff"' in shown(desk, "/exports/new/?tab=pending_shipping&layout=handoff")
    export = write(begin(desk, query="tab=pending_shipping", layout="handoff", personal="no"))
    assert (export.state, export.unmasked) == ("done", True)
    header, *given = rows(desk, export)
    assert len(given) == 5
    assert {row[header.index("Phone")] for row in given} == {PHONE}
    for kind in ("export_begun", "export_taken"):
        assert AuditEntry.objects.get(kind=kind).detail["personal_data"] is True
    asked = {
        "query": "", "name": "Carrier", "at": "06:00", "timezone": "UTC", "layout": "handoff",
        "format": "csv", "period_of": "created", "period": "", "weekday": "",
    }  # fmt: skip
    assert desk.post("/exports/schedules/new/", asked).status_code == 302
    assert ExportSchedule.objects.get().unmasked


WHOLE = {"name": "Jane Roe", "phone": PHONE, "address": "1 High Street", "country": "GB"}


def test_who_may_not_see_buyers_gets_no_file_for_the_carrier_in_any_way(
    desk: Client, shop: Shop
) -> None:
    owner = User.objects.get(email="mai@shop.example")
    own = ExportLayout.objects.create(
        person=owner, name="Van sheet", layout="handoff", columns=["order_id", "phone"],
        is_shared=True, saved_at=make.NOW,
    )  # fmt: skip
    layouts = ("handoff", f"own:{own.pk}")
    for role in (Role.PACKER, Role.VIEWER):
        client = signed_in(role, f"{role}@shop.example")
        page = shown(client, "/exports/new/?tab=pending_shipping")
        assert "handoff" not in page
        assert "Van sheet" not in page
        assert "handoff" not in shown(client, "/exports/schedules/new/")
        for layout in layouts:
            given = {"query": "", "key": str(uuid4()), "layout": layout, "personal": "yes"}
            assert client.post("/exports/", given).status_code == 400
            schedule = given | {
                "name": "All", "at": "06:00", "timezone": "UTC", "format": "csv",
                "unmasked": "on", "period_of": "created", "period": "", "weekday": "",
            }  # fmt: skip
            assert client.post("/exports/schedules/new/", schedule).status_code == 422
    assert not Export.objects.exists()
    assert not ExportSchedule.objects.exists()
    assert "Labels" in shown(desk, "/exports/new/?tab=pending_shipping")
