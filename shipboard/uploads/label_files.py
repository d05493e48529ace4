"""A PDF of labels as a durable thing: taken and sealed at once, read by a job, page by page; and
what people say of the pages that nothing was matched to.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from shipboard.accounts import audit
from shipboard.accounts.access import Access
from shipboard.accounts.roles import Right
from shipboard.accounts.sealing import InvalidToken, seal_bytes, unseal_bytes
from shipboard.channels.models import Shop
from shipboard.fulfilment.filing import AlreadyThere, Sheets, Whose, add_pages, file_label
from shipboard.fulfilment.storing import gone_at
from shipboard.orders.labels import Label
from shipboard.orders.models import Order
from shipboard.orders.overlays import Refused
from shipboard.orders.queries import visible_shops
from shipboard.orders.values import is_storable
from shipboard.uploads import page_process
from shipboard.uploads.label_names import known, names_in, own_number, whose
from shipboard.uploads.models import LabelFile, LabelFilePart, LabelPage
from shipboard.uploads.uploads import named

#: Name of the job (tasks.py) that reads a file.
JOB = "read_label_file"
PURPOSE = "label file"
MAX_BYTES = 60_000_000
PART = 1_000_000
#: Where in a file PDF readers look for its first words.
HEAD = 1024
State, Page = LabelFile.State, LabelPage.State


class NotTaken(Refused):
    """The file, or what was said of a page, cannot be taken; the message says why."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was read from a page: codes by kind, and everything that may be a number."""

    codes: tuple[tuple[str, str], ...] = ()
    names: tuple[str, ...] = ()


def take(
    shop: Shop,
    file: BinaryIO,
    *,
    file_name: str,
    size: int,
    key: UUID,
    access: Access,
    now: datetime,
) -> tuple[LabelFile, bool]:
    """Keep a file, and put the reading of it in the queue; whether it is new: the same bytes again
    give the first. Nothing of it is opened here. Raises NotTaken and NotAllowed."""
    access.need(Right.WORK)
    _check(file, size, file_name)
    digest = _digest(file)
    same = LabelFile.objects.filter(shop=shop, digest=digest, purged_at=None)
    same = same.exclude(state=State.REFUSED)
    if first := same.first():
        return first, False
    of = LabelFile(
        key=key,
        shop=shop,
        by=access.by,
        person_id=access.person_id,
        file_name=named(file_name, "labels.pdf"),
        digest=digest,
        size=size,
        sent_at=now,
    )
    try:
        with transaction.atomic():
            of.save(force_insert=True)
            _keep(of, file)
            audit.note(access.by, "label_file_sent", shop.name, file=of.file_name)
            queue(of)
    except IntegrityError:
        if first := same.first():
            return first, False
        raise NotTaken("This form was sent already. Reload the page, and choose again.") from None
    return of, True


def _check(file: BinaryIO, size: int, file_name: str) -> None:
    name = named(file_name, "The file")
    if not size:
        raise NotTaken(f"{name} is empty: 0 bytes. Download it from Seller Center once more.")
    if size > MAX_BYTES:
        raise NotTaken(
            f"{name} has {size // 1_000_000} MB; up to {MAX_BYTES // 1_000_000} MB are read. Send "
            "it in parts."
        )
    file.seek(0)
    if b"%PDF-" not in file.read(HEAD):
        raise NotTaken(f"{name} is not a PDF. Download the labels as PDF, and send that.")


def _digest(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    for piece in _pieces(file):
        digest.update(piece)
    return digest.hexdigest()


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(PART):
        yield piece


def _keep(of: LabelFile, file: BinaryIO) -> None:
    for number, piece in enumerate(_pieces(file), 1):
        LabelFilePart.objects.create(file=of, number=number, sealed=seal_bytes(piece, PURPOSE))


def queue(of: LabelFile) -> None:
    """Have the file read, unless a job waits to do so."""
    job = app.configure_task(JOB, queue="labels", queueing_lock=f"label file {of.pk}")
    try:
        with transaction.atomic():
            job.defer(file_pk=of.pk)
    except AlreadyEnqueued:
        return


def resume() -> None:
    """Each minute: files whose job was lost."""
    for of in LabelFile.objects.filter(state=State.READING).order_by("pk"):
        queue(of)


@contextmanager
def plain_file(of: LabelFile) -> Iterator[Path]:
    """The file as it was sent, for the length of the block. Raises NotTaken."""
    handle, name = tempfile.mkstemp(prefix="shipboard-")
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as plain:
            for part in LabelFilePart.objects.filter(file=of).order_by("number").iterator(4):
                plain.write(opened(part.sealed))
        yield path
    finally:
        path.unlink(missing_ok=True)


def opened(sealed: bytes | memoryview) -> bytes:
    """Raises NotTaken when it was kept under another key."""
    try:
        return unseal_bytes(bytes(sealed), PURPOSE)
    except InvalidToken:
        raise NotTaken(
            "The file was kept under another SHIPBOARD_SECRET_KEY and cannot be opened with the "
            "present one. Send it again."
        ) from None


def sealed_found(read: page_process.Read) -> bytes:
    """What is on a page, as it is kept."""
    kept = {"codes": read.codes, "names": names_in(read.text, read.codes)}
    return seal_bytes(json.dumps(kept).encode(), PURPOSE)


def found_on(page: LabelPage) -> Found:
    """What was read from a page; nothing, once it is purged or under another key."""
    if page.found is None:
        return Found()
    try:
        kept = json.loads(opened(page.found))
    except NotTaken:
        return Found()
    return Found(tuple((kind, code) for kind, code in kept["codes"]), tuple(kept["names"]))


def seen_by(access: Access) -> QuerySet[LabelFile]:
    """Files of shops that the actor may see, each with its pages counted by state."""
    found = LabelFile.objects.filter(shop__in=visible_shops(access)).select_related("shop")
    counts = {state.value: Count("each", filter=Q(each__state=state)) for state in LabelPage.State}
    return found.annotate(**{f"{name}_pages": count for name, count in counts.items()})


class NamesAnother(NotTaken):
    """A page bears the number of an order that is not the one a person gave."""


def say_whose(
    page: LabelPage, number: str, *, access: Access, now: datetime, is_sure: bool = False
) -> Label:
    """Take a page as the label, or a further page of the label, of the order, package or tracking
    number that a person gives; one that names another order only when they are sure. Raises
    NamesAnother, NotTaken, Refused and NotAllowed."""
    access.need(Right.WORK)
    with transaction.atomic():
        page = _undecided(page)
        shop = page.file.shop
        number = number.strip()
        if not number or not is_storable(number):
            raise NotTaken("Type or scan the order, the package or the tracking number.")
        (names) = names_in("", [("", number)]) or [number]
        there = known(shop, [*names, number])
        target = whose([*names, number], there)
        if isinstance(target, str):
            said = target if set(there.order_ids) else f"{shop.name} has nothing under {number}."
            raise NotTaken(said)
        if page.sealed is None:
            raise NotTaken("This page could not be read, so it cannot be kept as a label.")
        if not is_sure and (others := _others_on(page, target)):
            raise NamesAnother(
                f"Page {page.number} names {_orders_named(others)}, and you gave "
                f"{_orders_named(target.orders)}. A parcel with the wrong label goes to the wrong "
                "buyer: look at the page before you say so again."
            )
        of_page = own_number(found_on(page).codes, there) if target.parcel is None else ""
        sheets = Sheets(opened(page.sealed), 1, of_page)
        try:
            with transaction.atomic():
                label = file_label(shop, target, sheets, by=access.by, now=now)
        except AlreadyThere as there_is:
            label = add_pages(there_is.label, sheets, page_process.join, now)
        _decide(page, Page.MATCHED, access.by, label=label)
    return label


def _others_on(page: LabelPage, target: Whose) -> frozenset[int]:
    """Orders that the page names, by their own number or their parcel's, beside these."""
    found = found_on(page)
    shop = page.file.shop
    there = known(shop, [*found.names, *(code for _, code in found.codes)])
    parcels = frozenset[int]().union(*there.parcels.values())
    labels = frozenset[int]().union(*there.labels.values())
    named = {
        *there.orders.values(),
        *(order for pk in parcels for order in there.inside.get(pk, ())),
        *(order for pk in labels for order in there.labelled.get(pk, ())),
    }
    return frozenset(named) - target.orders


def _orders_named(pks: Iterable[int]) -> str:
    ids = Order.objects.filter(pk__in=list(pks)).order_by("pk").values_list("order_id", flat=True)
    return f"order {', '.join(ids[:4])}"


def put_away(page: LabelPage, *, access: Access) -> None:
    """It is no label, or not wanted. Raises NotTaken and NotAllowed."""
    access.need(Right.WORK)
    with transaction.atomic():
        _decide(_undecided(page), Page.AWAY, access.by)


def bring_back(page: LabelPage, *, access: Access) -> None:
    """List a page again that was put away. Raises NotTaken and NotAllowed."""
    access.need(Right.WORK)
    kept = LabelPage.objects.filter(pk=page.pk, state=Page.AWAY, sealed__isnull=False)
    if not kept.update(state=Page.UNMATCHED, by=""):
        raise NotTaken("This page is not put away, or not kept any more.")


def match_again(of: LabelFile, *, access: Access) -> int:
    """Hold the unmatched pages against the orders as they are now; how many. Raises NotAllowed."""
    access.need(Right.WORK)
    with transaction.atomic():
        of = LabelFile.objects.select_for_update().get(pk=of.pk)
        pages = LabelPage.objects.filter(file=of, state=Page.UNMATCHED, found__isnull=False)
        if of.state != State.DONE or of.purged_at or not of.parts.exists():
            return 0
        if count := pages.update(state=Page.READ, reason=""):
            LabelFile.objects.filter(pk=of.pk).update(state=State.READING)
            queue(of)
    return count


def _undecided(page: LabelPage) -> LabelPage:
    """The page, locked. Raises NotTaken when somebody has decided on it meanwhile."""
    pages = LabelPage.objects.select_related("file__shop").select_for_update(of=("self",))
    found = pages.get(pk=page.pk)
    if found.state != Page.UNMATCHED:
        by = f" by {found.by}" if found.by else ""
        raise NotTaken(f"Page {found.number} is {found.get_state_display().lower()}{by} already.")
    return found


def _decide(page: LabelPage, state: str, by: str, *, label: Label | None = None) -> None:
    page.state, page.by, page.label, page.reason = state, by, label, ""
    if label is not None:
        page.sealed = None
    page.save(update_fields=["state", "by", "label", "reason", "sealed"])


def forget_parts(files: Iterable[int]) -> None:
    """The whole files of which nothing waits any more; their pages stay."""
    waiting = LabelPage.objects.filter(state__in=(Page.READ, Page.UNMATCHED)).values("file")
    done = LabelFile.objects.filter(pk__in=files).exclude(state=State.READING)
    LabelFilePart.objects.filter(file__in=done.exclude(pk__in=waiting)).delete()


def purge(now: datetime) -> int:
    """What is kept of files goes after the shop's days, as labels do; how many. Counts stay."""
    old = LabelFile.objects.filter(purged_at=None).alias(gone_at=gone_at("sent_at", "shop"))
    pks = list(old.filter(gone_at__lte=now).values_list("pk", flat=True)[:200])
    with transaction.atomic():
        LabelFilePart.objects.filter(file__in=pks).delete()
        LabelPage.objects.filter(file__in=pks).update(sealed=None, found=None)
        LabelFile.objects.filter(pk__in=pks).update(purged_at=now)
        unread = LabelFile.objects.filter(pk__in=pks, state=State.READING)
        unread.update(state=State.REFUSED, reason="It was never read, and is not kept any more.")
    return len(pks)
