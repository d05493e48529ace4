"""A file of shipments as a durable thing: taken and judged at once, begun once, kept sealed for 30
days.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from shipboard.accounts import audit
from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.accounts.sealing import InvalidToken, seal_bytes, unseal_bytes
from shipboard.channels.file.tracking import is_workbook, read_shipments
from shipboard.channels.models import Shop
from shipboard.channels.text import clean
from shipboard.fulfilment.allowed import Verb
from shipboard.fulfilment.models import Run
from shipboard.fulfilment.runs import begin_each
from shipboard.orders.overlays import Refused
from shipboard.orders.queries import visible_shops
from shipboard.uploads.judging import Judged, Judgement, judge
from shipboard.uploads.models import ShipmentUpload, UploadFile, UploadRow

PURPOSE = "shipment upload"
KEPT = timedelta(days=30)
Verdict = UploadRow.Verdict


class NothingToShip(Refused):
    """No row of the file can be taken."""


class NotKept(Refused):
    """The file is not there any more, or cannot be opened."""


def take(
    shop: Shop, path: Path, *, file_name: str, key: UUID, access: Access, now: datetime
) -> ShipmentUpload:
    """Read and judge the file at `path`; nothing is sent. The same `key` again gives the first
    upload. Raises channels.file.UnreadableFile with a sentence, and NotAllowed."""
    access.need(Right.WORK)
    mine = ShipmentUpload.objects.filter(key=key, person=access.person_id)
    if first := mine.first():
        return first
    file = read_shipments(path)
    judgement = judge(shop, file.rows, now)
    upload = ShipmentUpload(
        key=key,
        shop=shop,
        by=access.by,
        person_id=access.person_id,
        file_name=named(file_name, "shipments"),
        is_workbook=is_workbook(path),
        sent_at=now,
        **_counts(judgement),
    )
    try:
        with transaction.atomic():
            upload.save(force_insert=True)
            sealed = seal_bytes(path.read_bytes(), PURPOSE)
            UploadFile.objects.create(upload=upload, sealed=sealed)
            UploadRow.objects.bulk_create(_rows(upload, judgement), batch_size=1000)
            audit.note(
                access.by, "shipments_sent", shop.name, file=upload.file_name, rows=upload.rows
            )
    except IntegrityError:
        if first := mine.first():
            return first
        raise Refused(
            "This form was sent by somebody else already. Reload the page, and choose the file "
            "again."
        ) from None
    return upload


def named(file_name: str, without: str) -> str:
    """What a sent file is called here; `without` a name."""
    plain = clean(file_name.encode(errors="replace").decode())
    return " ".join(Path(plain).name.split())[:255] or without


def _counts(judgement: Judgement) -> dict[str, int]:
    counts = {verdict.value: 0 for verdict in Verdict}
    for each in judgement.rows:
        counts[each.verdict.value] += 1
    orders = {each.order_pk for each in judgement.rows if each.shipment is not None}
    return counts | {"rows": len(judgement.rows), "orders": len(orders)}


def _rows(upload: ShipmentUpload, judgement: Judgement) -> Iterator[UploadRow]:
    told: set[int] = set()
    for each in judgement.rows:
        at = each.shipment
        is_first = at is not None and at not in told
        if at is not None:
            told.add(at)
        yield _row(upload, each, judgement, is_first=is_first)


def _row(
    upload: ShipmentUpload, each: Judged, judgement: Judgement, *, is_first: bool
) -> UploadRow:
    wish = judgement.shipments[each.shipment - 1][1] if is_first and each.shipment else None
    return UploadRow(
        upload=upload,
        row=each.row.number,
        order_id=each.row.order_id,
        sku_id=each.row.sku_id,
        quantity=each.row.quantity,
        tracking=each.row.tracking,
        carrier=wish.carrier if wish else each.row.carrier,
        group=each.row.group,
        verdict=each.verdict,
        reason=each.reason,
        of_id=each.order_pk,
        shipment=each.shipment,
        wish=wish.stored() if wish else None,
    )


def begin(upload: ShipmentUpload, *, access: Access, now: datetime) -> Run:
    """One run of the good and the warned rows; refused ones stay behind. A second time gives the
    same run. Raises NothingToShip, NotAllowed and runs.CountChanged."""
    access.need(Right.WORK)
    with transaction.atomic():
        upload = ShipmentUpload.objects.select_for_update().get(pk=upload.pk)
        if upload.run is not None:
            return upload.run
        rows = UploadRow.objects.filter(upload=upload).exclude(wish=None).exclude(of=None)
        shipments = list(rows.order_by("shipment").values_list("shipment", "of", "wish"))
        if not shipments:
            raise NothingToShip("No row of this file can be taken, so nothing is sent.")
        run = begin_each(
            [(of or 0, wish or {}) for _, of, wish in shipments],
            Verb.ADD_SHIPMENT,
            key=upload.key,
            access=access,
            now=now,
            chosen=f"{upload.orders:,} order{'' if upload.orders == 1 else 's'} of the file "
            f"{upload.file_name}",
        )
        _link(upload, run, [shipment for shipment, _, _ in shipments])
        ShipmentUpload.objects.filter(pk=upload.pk).update(run=run)
    return run


def _link(upload: ShipmentUpload, run: Run, shipments: Sequence[int | None]) -> None:
    """Each row to the row of the run that its shipment became, in the run's order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update upload_row set run_row_id = run_row.id "
            "from unnest(%s::int[]) with ordinality as became (shipment, position) "
            "join run_row on run_row.run_id = %s and run_row.position = became.position "
            "where upload_row.upload_id = %s and upload_row.shipment = became.shipment",
            [list(shipments), run.pk, upload.pk],
        )


def seen_by(access: Access) -> QuerySet[ShipmentUpload]:
    """Uploads for shops that the actor may see."""
    return ShipmentUpload.objects.filter(shop__in=visible_shops(access))


@contextmanager
def plain_file(upload: ShipmentUpload) -> Iterator[Path]:
    """The file as it was sent, for the length of the block. Raises NotKept."""
    kept = UploadFile.objects.filter(upload=upload).first()
    if kept is None:
        raise NotKept("The file is not kept any more; files go after 30 days.")
    try:
        plain = unseal_bytes(bytes(kept.sealed), PURPOSE)
    except InvalidToken:
        raise NotKept(
            "The file was kept under another SHIPBOARD_SECRET_KEY and cannot be opened with the "
            "present one. Upload it again."
        ) from None
    handle, name = tempfile.mkstemp(prefix="shipboard-")
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(plain)
        yield path
    finally:
        path.unlink(missing_ok=True)


def purge(now: datetime) -> None:
    """Files and rows older than 30 days go; that they were sent, and the counts, stay."""
    old = ShipmentUpload.objects.filter(sent_at__lt=now - KEPT, purged_at=None)
    pks = list(old.values_list("pk", flat=True))
    with transaction.atomic():
        UploadFile.objects.filter(upload__in=pks).delete()
        UploadRow.objects.filter(upload__in=pks).delete()
        ShipmentUpload.objects.filter(pk__in=pks).update(purged_at=now)
