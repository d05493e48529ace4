"""One batch of accounts on its way into the tables; each order occurs in it once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from shipboard.channels.contract import OrderFact, ParcelFact, Stage
from shipboard.channels.models import Shop
from shipboard.ingest import parts
from shipboard.ingest.contents import (
    Contents,
    Row,
    contents_of,
    is_plain,
    others_to_settle,
    plain_contents,
    rewrite_contents,
    write_contents,
)
from shipboard.ingest.copying import array, copy_rows, next_ids, update_rows
from shipboard.ingest.history import Happening, log
from shipboard.ingest.lifting import lift_holds
from shipboard.ingest.merge import Known, age_of, heard, identity_of, merge
from shipboard.ingest.parcels import Shelf, key_of
from shipboard.ingest.rows import (
    COLUMNS,
    OrderRow,
    field_ages,
    fingerprint,
    first_ages,
    order_row,
    profile_of,
)
from shipboard.ingest.shown import changed_paths, fact_of
from shipboard.ingest.source import Applied, Source
from shipboard.ingest.stored import Stored, load
from shipboard.ingest.succession import succeeds
from shipboard.orders.stages import RANK

#: No account has it: what was merged of two accounts of one instant is neither of them.
NO_DIGEST = b""


@dataclass(frozen=True, slots=True)
class Account:
    """What was said of the order with primary key `pk`."""

    pk: int
    fact: OrderFact
    digest: bytes

    @property
    def parcels(self) -> Iterator[ParcelFact]:
        return (each for each in self.fact.parcels if each.package_id or each.tracking_number)


@dataclass(frozen=True, slots=True)
class Merged:
    """A stored order and what it shows now. `ages`: the column field_ages. `is_more`: something is
    known that was not, shown or not."""

    before: Stored
    fact: OrderFact
    contents: Contents
    digest: bytes
    ages: str
    is_more: bool


class Batch:
    """Sorts accounts into new orders, orders to merge, and orders that say the same again."""

    def __init__(self, shop: Shop, source: Source) -> None:
        self.shop, self.source = shop, source
        self.profile = profile_of(shop)
        self.shelf = Shelf(shop)
        self.new: list[Account] = []
        self.heard: list[Account] = []
        self.confirmed: list[Account] = []
        #: When facts spoke of orders that are not new, by primary key.
        self.named: dict[int, datetime] = {}

    def take(self, facts: Sequence[OrderFact]) -> Applied:
        self._sort_out(facts)
        stored = load([account.pk for account in self.heard])
        self._hear_parcels(stored)
        extra = load(others_to_settle(self.shelf, stored))
        self.shelf.load((), _parcel_pks(extra))
        merged = [self._merged(stored[account.pk], account) for account in self.heard]
        merged += [self._merged(each, None) for each in extra.values()]
        self._create()
        self._confirm()
        updated = self._update(merged) - extra.keys()
        self.shelf.write()
        lift_holds(self.named, self.source)
        return self._applied(facts, merged, updated)

    def _applied(
        self, facts: Sequence[OrderFact], merged: Sequence[Merged], updated: set[int]
    ) -> Applied:
        ids = [account.fact.order_id for account in self.new]
        ids += [each.fact.order_id for each in merged if each.before.pk in updated]
        return Applied(
            len(self.new),
            len(updated),
            len(facts) - len(self.new) - len(updated),
            tuple(ids),
            tuple(each.fact.order_id for each in merged if _is_step_back(each)),
        )

    def _sort_out(self, facts: Sequence[OrderFact]) -> None:
        stored = self._stored([fact.order_id for fact in facts])
        pks = iter(next_ids("order", sum(fact.order_id not in stored for fact in facts)))
        for fact in facts:
            digest = fingerprint(fact)
            if fact.order_id not in stored:
                self.new.append(Account(next(pks), fact, digest))
                continue
            pk, as_of, last = stored[fact.order_id]
            self.named[pk] = fact.as_of
            account = Account(pk, fact, digest)
            if digest != last:
                self.heard.append(account)
            elif fact.as_of > as_of:
                nameless = any(not parcel.package_id for parcel in account.parcels)
                (self.heard if nameless else self.confirmed).append(account)

    def _stored(self, order_ids: list[str]) -> dict[str, tuple[int, datetime, bytes]]:
        """(primary key, instant, fingerprint) of those that are not new. One array, since a list
        of a thousand parameters takes longer to write than the orders to find."""
        with connection.cursor() as cursor:
            cursor.execute(
                'select order_id, id, as_of, digest from "order" '
                "where shop_id = %s and order_id = any(%s::text[])",
                [self.shop.pk, array(order_ids)],
            )
            return {
                order_id: (pk, as_of, bytes(digest))
                for order_id, pk, as_of, digest in cursor.fetchall()
            }

    def _hear_parcels(self, stored: dict[int, Stored]) -> None:
        accounts = [
            (account.fact, parcel)
            for account in (*self.new, *self.heard, *self.confirmed)
            for parcel in account.parcels
        ]
        keys = {key_of(fact.order_id, identity_of(parcel)) for fact, parcel in accounts}
        if keys or stored:
            self.shelf.load(keys, _parcel_pks(stored))
        self.shelf.hear(accounts)

    def _create(self) -> None:
        """Write new orders."""
        if not self.new:
            return
        owned: list[parts.Owned] = []
        contents: list[Row] = []
        copy_rows("order", COLUMNS, self._new_rows(owned, contents))
        parts.write_lines(self.shop, owned)
        write_contents(contents)
        parts.write_cases(owned)
        log(
            ((pk, "order_received", {"stage": fact.stage.value}) for pk, fact in owned), self.source
        )

    def _new_rows(self, owned: list[parts.Owned], contents: list[Row]) -> Iterator[tuple[Any, ...]]:
        """Made while the ones before them are written; what they show and what is in their parcels
        is added to `owned` and `contents`."""
        now = self.source.now
        for account in self.new:
            fact, held, ages = self._first(account)
            owned.append((account.pk, fact))
            contents.extend(held.rows)
            row = OrderRow(account.pk, account.digest, ages, held.parcels, now, now)
            yield order_row(fact, row, self.shop, self.profile)

    def _first(self, account: Account) -> tuple[OrderFact, Contents, str]:
        """What a first account shows, its contents, and the column field_ages."""
        fact = account.fact
        if is_plain(fact):
            held = plain_contents(account.pk, fact, self._boxes_of(fact))
            return fact, held, first_ages(fact)
        known = heard(fact)
        held = self._contents(account.pk, known, account, ())
        return fact_of(known), held, field_ages(known, hidden=held.hidden)

    def _boxes_of(self, fact: OrderFact) -> list[int]:
        return [self.shelf.find(fact.order_id, identity_of(each)).pk for each in fact.parcels]

    def _contents(
        self, pk: int, known: Known, account: Account | None, past: Sequence[Row]
    ) -> Contents:
        identities = {identity_of(parcel) for parcel in account.parcels} if account else set()
        return contents_of(pk, known, identities, past, self.shelf)

    def _merged(self, before: Stored, account: Account | None) -> Merged:
        if account and (simply := self._succeeded(before, account)):
            return simply
        known = merge(before.known, account.fact) if account else before.known
        held = self._contents(before.pk, known, account, before.contents)
        digest = before.digest
        if account and age_of(account.fact) > before.known.head.age:
            digest = account.digest
        elif account and age_of(account.fact) == before.known.head.age:
            digest = NO_DIGEST
        is_more = digest != before.digest or known != before.known
        ages = field_ages(known, hidden=held.hidden)
        return Merged(before, fact_of(known), held, digest, ages, is_more)

    def _succeeded(self, before: Stored, account: Account) -> Merged | None:
        """The account alone, where it is newer and says all that the stored one does."""
        fact = account.fact
        is_newer = before.is_of_one_account and fact.as_of > before.fact.as_of
        if not (is_newer and is_plain(fact) and succeeds(before.fact, fact)):
            return None
        pks = self._boxes_of(fact)
        if not {row[1] for row in before.contents}.issubset(pks):
            return None
        held = plain_contents(account.pk, fact, pks)
        return Merged(before, fact, held, account.digest, first_ages(fact), is_more=True)

    def _confirm(self) -> None:
        """The same facts, said later: they are as fresh as that."""
        if not self.confirmed:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                'update "order" set as_of = heard.as_of '
                "from unnest(%s::bigint[], %s::timestamptz[]) as heard(id, as_of) "
                'where "order".id = heard.id',
                [
                    [account.pk for account in self.confirmed],
                    [account.fact.as_of for account in self.confirmed],
                ],
            )

    def _update(self, merged: Sequence[Merged]) -> set[int]:
        """Write merged orders; returns the primary keys of those that show something new."""
        boxes = self.shelf.changed()
        shown: set[int] = set()
        told: list[tuple[Merged, bool]] = []
        events: list[Happening] = []
        for each in merged:
            changes = _described(each, boxes)
            if changes:
                shown.add(each.before.pk)
                events.append((each.before.pk, "order_changed", changes))
            if changes or each.is_more:
                told.append((each, bool(changes)))
        if told:
            rows = ((*self._row(each, is_changed), int(is_changed)) for each, is_changed in told)
            update_rows("order", (*COLUMNS, "version"), rows, added=("version",))
        parts.rewrite(self.shop, [(each.before.pk, each.before.fact, each.fact) for each in merged])
        rewrite_contents(
            {
                each.before.pk: each.contents.rows
                for each in merged
                if each.contents.rows != tuple(sorted(each.before.contents))
            }
        )
        events += self._touched_through(boxes, {each.before.pk for each in merged})
        if events:
            log(events, self.source)
        return shown

    def _row(self, merged: Merged, is_changed: bool) -> tuple[Any, ...]:
        before = merged.before
        row = OrderRow(
            before.pk,
            merged.digest,
            merged.ages,
            merged.contents.parcels,
            before.first_seen_at,
            self.source.now if is_changed else before.changed_at,
        )
        return order_row(merged.fact, row, self.shop, self.profile)

    def _touched_through(self, boxes: set[int], batch: set[int]) -> list[Happening]:
        """Other orders in parcels that show something else now: that is a change of theirs too."""
        if not boxes:
            return []
        batch = batch | {account.pk for account in self.new}
        with connection.cursor() as cursor:
            cursor.execute(
                'update "order" set changed_at = %s, version = version + 1 where id in ('
                "select order_id from parcel_content where is_current "
                "and parcel_id = any(%s) and not order_id = any(%s)) returning id",
                [self.source.now, list(boxes), list(batch)],
            )
            return [(pk, "order_changed", {"fields": ["parcels"]}) for (pk,) in cursor.fetchall()]


def _parcel_pks(stored: dict[int, Stored]) -> set[int]:
    return {row[1] for each in stored.values() for row in each.contents}


def _described(merged: Merged, boxes: set[int]) -> dict[str, Any]:
    """What an event keeps of a change: the stage in full, the rest by name alone, since values may
    be personal. Blank: nothing that is shown has changed."""
    before, after = merged.before.fact, merged.fact
    detail: dict[str, Any] = {}
    if before.stage != after.stage:
        detail["stage"] = [before.stage.value, after.stage.value]
    fields = list(changed_paths(before, after))
    current = merged.contents.current
    if current != sorted(row for row in merged.before.contents if row[4]) or any(
        row[1] in boxes for row in current
    ):
        fields.append("parcels")
    if fields:
        detail["fields"] = fields
    return detail


def _is_step_back(merged: Merged) -> bool:
    """A newer account said so, or the stage would have stayed. A status that is not known stands
    nowhere, so going there or coming from there is no step back."""
    before, after = merged.before.fact.stage, merged.fact.stage
    return after is not Stage.UNKNOWN and RANK[after] < RANK[before]
