"""Taking a shop away, whole: there is no undo, but a new import brings back what its file names."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from shipboard.channels.connecting import stop_hooks
from shipboard.channels.models import App, Connection, Grant, Shop
from shipboard.ingest.models import OrderImport
from shipboard.ingest.turn import take_turn

OF_ORDERS = (
    "answer_rule_entry",
    "label_order",
    "label_batch_row",
    "claimed_unit",
    "scan",
    "tracking",
    "payload",
    "event",
    "hold",
    "note",
    "flag",
    '"case"',
    "parcel_content",
    "line",
)
OF_SHOP = (
    *("attempt", "sending", "carrier", "shipment_upload"),
    *("label", "label_batch", "label_file", "measure", "delivery_option"),
    *("cursor", "finding", "hook", "notice", "call_record", "warehouse", "connection"),
    *("order_import", "parcel", '"order"', "item", "tally", "facet"),
)


def remove_shop(shop: Shop) -> None:
    """Remove a shop with its orders, imports, files that wait to be read, and all their history;
    its webhooks are called off before. Waits for its turn, so that no import writes meanwhile."""
    for line in Connection.objects.select_related("grant__app").filter(shop=shop):
        stop_hooks(line)
    waiting = OrderImport.objects.filter(shop=shop).exclude(path="")
    files = [Path(path) for path in waiting.values_list("path", flat=True)]
    with transaction.atomic():
        take_turn(shop)
        grant = Grant.objects.filter(connections__shop=shop).first()
        _delete(shop.pk)
        if grant:
            _forget_unused(grant)
    for file in files:
        if file.parent == settings.UPLOADS:
            file.unlink(missing_ok=True)


def _forget_unused(grant: Grant) -> None:
    """The seller's tokens and the app's secret are not kept for nobody."""
    taken = Grant.objects.select_for_update().filter(pk=grant.pk).first()
    if taken is None or taken.connections.exists():
        return
    grant.delete()
    if not Grant.objects.filter(app=grant.app_id).exists():
        App.objects.filter(pk=grant.app_id).delete()


def _delete(pk: int) -> None:
    """By the database, in the order of what refers to what: a shop may hold a million orders."""
    orders = '(select id from "order" where shop_id = %s)'
    attempts = "(select id from attempt where shop_id = %s)"
    imports = "(select id from order_import where shop_id = %s)"
    uploads = "(select id from shipment_upload where shop_id = %s)"
    labels = "(select id from label where shop_id = %s)"
    files = "(select id from label_file where shop_id = %s)"
    # Printed for this shop alone.
    prints = (
        "(select file_id from print_item join label on label.id = label_id "
        "group by file_id having bool_and(label.shop_id = %s))"
    )
    statements = [
        # Rules that answer take themselves before an order.
        "delete from answer_rule where shop_id = %s",
        # Whoever changes an order takes its row first: we do so too, and none waits for another.
        'select count(*) from (select 1 from "order" where shop_id = %s for update) as taken',
        *(f"delete from {table} where order_id in {orders}" for table in OF_ORDERS),  # noqa: S608
        f"update run_row set order_id = null where order_id in {orders}",  # noqa: S608
        f"update run_row set attempt_id = null where attempt_id in {attempts}",  # noqa: S608
        "delete from person_shop where shop_id = %s",
        "delete from invitation_shop where shop_id = %s",
        f"delete from rejected_row where of_id in {imports}",  # noqa: S608 - our names
        f"delete from upload_row where upload_id in {uploads}",  # noqa: S608
        f"delete from upload_file where upload_id in {uploads}",  # noqa: S608
        f"delete from label_page where file_id in {files}",  # noqa: S608
        f"delete from label_file_part where file_id in {files}",  # noqa: S608
        f"delete from print_file where id in {prints}",  # noqa: S608
        f"delete from print_item where label_id in {labels}",  # noqa: S608
        f"delete from label_document where label_id in {labels}",  # noqa: S608
        # Webhooks and cursors come without a turn: from here on they wait, and find no shop.
        "select 1 from shop where id = %s for update",
        *(f"delete from {table} where shop_id = %s" for table in OF_SHOP),  # noqa: S608
        "delete from shop where id = %s",
    ]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, [pk])
