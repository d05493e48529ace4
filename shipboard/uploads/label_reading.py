"""The job that reads a PDF of labels: what is on each page, whose it is, and the label that makes.
Killed anywhere it goes on where it was; a label and its pages' state are one transaction.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction

from shipboard.accounts.sealing import seal_bytes
from shipboard.fulfilment.filing import AlreadyThere, Sheets, Whose, file_label
from shipboard.orders.labels import Label
from shipboard.orders.overlays import Refused
from shipboard.uploads import page_process
from shipboard.uploads.label_files import (
    PURPOSE,
    Found,
    NotTaken,
    forget_parts,
    found_on,
    plain_file,
    sealed_found,
)
from shipboard.uploads.label_names import Known, known, own_number, whose
from shipboard.uploads.models import LabelFile, LabelPage
from shipboard.uploads.page_process import Read, Unreadable

#: First key of the advisory locks that keep a file from being read twice at once.
READ_LOCK = 5_1014
#: Pages written down together while they are read.
BATCH = 20
UNREADABLE = "This page cannot be read: it is damaged, or took too long."
TOO_LARGE = "This page is too large to be kept, or breaks the program that cuts it out."
GONE = "The same page was here, and is not any more. Match again."
BROKE = "Something broke here while it was read. Match again, or send the file once more."
Clock = Callable[[], datetime]
State, Page = LabelFile.State, LabelPage.State
logger = logging.getLogger(__name__)


def carry_on(pk: int, clock: Clock) -> None:
    """Read a file, or go on with it, unless another job does. `clock` gives the desk's present
    instant. Not inside a transaction."""
    with _alone(pk) as is_ours:
        of = LabelFile.objects.filter(pk=pk, state=State.READING).select_related("shop").first()
        if not is_ours or of is None:
            return
        try:
            with plain_file(of) as path:
                _read(of, path)
                match(of, path, clock())
        except (Unreadable, NotTaken) as problem:
            _refuse(of, str(problem))
        except Exception as problem:
            if not connection.is_usable():
                raise  # whoever goes on takes it then
            # Without its message, which may hold what stands on a label.
            where = "".join(traceback.format_tb(problem.__traceback__))
            logger.error("Label file %s: %s\n%s", pk, type(problem).__name__, where)
            _break_off(of, clock())
        else:
            LabelFile.objects.filter(pk=pk).update(state=State.DONE, read_at=clock())
        forget_parts([pk])


@contextmanager
def _alone(pk: int) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s, %s)", [READ_LOCK, pk])
        (is_ours,) = cursor.fetchone() or (False,)
        try:
            yield is_ours
        finally:
            if is_ours and connection.connection and not connection.connection.closed:
                cursor.execute("select pg_advisory_unlock(%s, %s)", [READ_LOCK, pk])


def _refuse(of: LabelFile, reason: str) -> None:
    """Nothing of it is taken: it was refused before a page was matched."""
    with transaction.atomic():
        LabelPage.objects.filter(file=of, state=Page.READ).delete()
        LabelFile.objects.filter(pk=of.pk).update(state=State.REFUSED, reason=reason)


def _break_off(of: LabelFile, now: datetime) -> None:
    """What was matched stays; of the rest a person decides."""
    with transaction.atomic():
        pages = LabelPage.objects.filter(file=of)
        pages.filter(state=Page.READ).update(state=Page.UNMATCHED, reason=BROKE)
        is_whole = of.pages is not None and pages.count() == of.pages
        state = State.DONE if is_whole else State.REFUSED
        LabelFile.objects.filter(pk=of.pk).update(
            state=state, read_at=now, reason="" if is_whole else BROKE
        )


def _read(of: LabelFile, path: Path) -> None:
    """The pages that are not read yet. Raises Unreadable."""
    last = LabelPage.objects.filter(file=of).order_by("-number").first()
    first = last.number + 1 if last else 1
    if of.pages and first > of.pages:
        return
    some: list[LabelPage] = []
    for each in page_process.read(path, first):
        if isinstance(each, int):
            of.pages = each
            of.save(update_fields=["pages"])
            continue
        some.append(_page(of, each))
        if len(some) == BATCH:
            LabelPage.objects.bulk_create(some)
            some = []
    LabelPage.objects.bulk_create(some)


def _page(of: LabelFile, read: Read) -> LabelPage:
    page = LabelPage(file=of, number=read.number, state=Page.READ, digest=read.digest)
    if read.digest:
        page.found = sealed_found(read)
    return page


@dataclass(frozen=True, slots=True)
class Looked:
    """A page, with what was read from it."""

    page: LabelPage
    found: Found


def match(of: LabelFile, path: Path, now: datetime) -> None:
    """Settle every page that was read: matched with its parcel's label, or unmatched with the
    reason."""
    pages = LabelPage.objects.filter(file=of, state=Page.READ).order_by("number")
    looked = [Looked(page, found_on(page)) for page in pages]
    firsts, twins = _apart(looked)
    there = known(of.shop, (name for each in firsts for name in each.found.names))
    groups, unmatched = _grouped(firsts, there)
    unmatched += _file(of, path, groups, there, now)
    _list(path, unmatched)
    for twin in twins:
        _repeat(twin)


def _apart(looked: Sequence[Looked]) -> tuple[list[Looked], list[Looked]]:
    """Pages that are new, and those that this file or another of the shop has already."""
    firsts: list[Looked] = []
    twins: list[Looked] = []
    seen: set[str] = set()
    for each in looked:
        digest = each.page.digest
        is_twin = bool(digest) and (digest in seen or _first_of(each.page) is not None)
        (twins if is_twin else firsts).append(each)
        seen.add(digest)
    return firsts, twins


def _first_of(page: LabelPage) -> LabelPage | None:
    """The same page, settled; not one whose label was voided since, or is not kept any more."""
    same = LabelPage.objects.filter(digest=page.digest, file__shop=page.file.shop_id)
    same = same.exclude(pk=page.pk).exclude(state=Page.READ).filter(is_repeat=False)
    same = same.exclude(label__state=Label.State.VOIDED)
    same = same.exclude(label__isnull=False, label__document=None)
    return same.select_related("file").order_by("pk").first()


Group = tuple[Whose, list[Looked]]
Unmatched = list[tuple[Looked, str]]


def _grouped(looked: Sequence[Looked], there: Known) -> tuple[list[Group], Unmatched]:
    groups: dict[Whose, list[Looked]] = {}
    unmatched: Unmatched = []
    for each in looked:
        target = whose(each.found.names, there) if each.page.digest else UNREADABLE
        if isinstance(target, str):
            unmatched.append((each, target))
        else:
            groups.setdefault(target, []).append(each)
    sure = []
    for target, pages in groups.items():
        if target.parcel is None and len(_numbers(pages, there)) > 1:
            numbers = ", ".join(str(each.page.number) for each in pages)
            reason = (
                f"Pages {numbers} name the same order and bear different barcodes: it may travel "
                "in several parcels. Import the newest orders and match again."
            )
            unmatched += [(each, reason) for each in pages]
        else:
            sure.append((target, pages))
    return sure, unmatched


def _numbers(pages: Iterable[Looked], there: Known) -> set[str]:
    return {own for each in pages if (own := own_number(each.found.codes, there))}


def _file(
    of: LabelFile, path: Path, groups: Sequence[Group], there: Known, now: datetime
) -> Unmatched:
    """Make labels of the groups; what came to nothing, with the reason."""
    left: Unmatched = []
    contents = page_process.cut(path, [[e.page.number for e in pages] for _, pages in groups])
    for (target, pages), content in zip(groups, contents, strict=True):
        if content is None:
            left += [(each, TOO_LARGE) for each in pages]
            continue
        numbers = _numbers(pages, there) if target.parcel is None else set()
        sheets = Sheets(content, len(pages), "".join(numbers))
        try:
            with transaction.atomic():
                label = file_label(of.shop, target, sheets, by=of.by, now=now)
                mine = LabelPage.objects.filter(pk__in=[each.page.pk for each in pages])
                mine.update(state=Page.MATCHED, label=label, reason="", sealed=None)
        except AlreadyThere as there_is:
            left += [(each, _there(there_is.label)) for each in pages]
        except Refused as refusal:
            left += [(each, str(refusal)) for each in pages]
    return left


def _there(label: Label) -> str:
    pages = LabelPage.objects.filter(label=label, is_repeat=False).select_related("file")
    page = pages.order_by("pk").first()
    whence = f", from page {page.number} of {page.file.file_name}" if page else ""
    name = label.tracking_number or label.package_id
    return (
        f"The label of its parcel{f' {name}' if name else ''} is here already{whence}. Say which "
        "order it is if this page belongs to it as well, or put it away."
    )


def _list(path: Path, unmatched: Unmatched) -> None:
    contents = page_process.cut(path, [[each.page.number] for each, _ in unmatched])
    for (each, reason), content in zip(unmatched, contents, strict=True):
        page = each.page
        page.state, page.reason = Page.UNMATCHED, reason
        page.sealed = seal_bytes(content, PURPOSE) if content is not None else None
        page.save(update_fields=["state", "reason", "sealed"])


def _repeat(twin: Looked) -> None:
    """What became of the same page before becomes of this one; nothing else changes."""
    page, first = twin.page, _first_of(twin.page)
    if first is None:  # its label was voided this very moment
        LabelPage.objects.filter(pk=page.pk).update(state=Page.UNMATCHED, reason=GONE)
        return
    whence = f"page {first.number}"
    whence += "" if first.file_id == page.file_id else f" of {first.file.file_name}"
    page.is_repeat, page.reason = True, f"The same as {whence}."
    page.state = Page.MATCHED if first.label_id else Page.AWAY
    page.label_id = first.label_id
    page.save(update_fields=["is_repeat", "reason", "state", "label"])
