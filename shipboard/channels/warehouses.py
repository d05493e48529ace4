"""Warehouses of a shop by the name that its orders carry, and whether what leaves them travels
within the country (local) or straight from abroad (direct). Where nobody knows, a person is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import connection, transaction

from shipboard.channels.contract import WarehouseFact
from shipboard.channels.models import Shop, Warehouse
from shipboard.channels.regions import country_of

Logistics = Warehouse.Logistics


class NoSuchLogistics(ValueError):
    """Parcels travel locally or directly; the message says so."""


def remember(shop: Shop, facts: Iterable[WarehouseFact]) -> None:
    """Keep what the channel says of the shop's warehouses. What a person set here stays, also when
    the channel renames the warehouse: its older orders keep the old name, so both are kept."""
    with transaction.atomic():
        Shop.objects.select_for_update().get(pk=shop.pk)
        known = {each.name: each for each in Warehouse.objects.filter(shop=shop).order_by("pk")}
        by_id = {each.remote_id: each for each in known.values() if each.remote_id}
        for fact in facts:
            row = known.get(fact.name) or Warehouse(shop=shop, name=fact.name)
            before = by_id.get(fact.remote_id)
            row.remote_id, row.country = fact.remote_id, country_of(fact.country)
            if before and before.is_set_here and not row.is_set_here:
                row.logistics, row.is_set_here = before.logistics, True
            if not row.is_set_here:
                row.logistics = _worked_out(shop, row.country)
            row.save()
            known[fact.name] = by_id[fact.remote_id] = row


def _worked_out(shop: Shop, country: str) -> str:
    if not country:
        return ""
    return Logistics.LOCAL if country == country_of(shop.region) else Logistics.DIRECT


def names(shop: Shop) -> Mapping[str, str]:
    """What the shop's warehouses are called now, by the channel's ids."""
    told = Warehouse.objects.filter(shop=shop).exclude(remote_id="").order_by("pk")
    return dict(told.values_list("remote_id", "name"))


def set_logistics(shop: Shop, name: str, logistics: str) -> None:
    """A person's word on a warehouse, by name; blank takes it back, and the country decides again.
    Raises NoSuchLogistics."""
    if logistics not in ("", *Logistics.values):
        raise NoSuchLogistics("Choose local warehouse or direct shipping.")
    with transaction.atomic():
        row, _ = Warehouse.objects.select_for_update().get_or_create(shop=shop, name=name)
        row.is_set_here = bool(logistics)
        row.logistics = logistics or _worked_out(shop, row.country)
        row.save()


def logistics_of(shop_ids: Iterable[int]) -> Mapping[tuple[int, str], str]:
    """`local` or `direct` by shop and by what its orders may carry: the warehouse's name, or its id
    from before the name was known. Warehouses of which nobody knows are left out."""
    rows = Warehouse.objects.filter(shop__in=list(shop_ids)).exclude(logistics="").order_by("pk")
    known: dict[tuple[int, str], str] = {}
    for shop_id, name, remote_id, logistics in rows.values_list(
        "shop_id", "name", "remote_id", "logistics"
    ):
        known[shop_id, name] = logistics
        if remote_id:
            known.setdefault((shop_id, remote_id), logistics)
    return known


#: The facets of orders are kept up by triggers and belong to a later station: read, never imported.
SEEN = "select value from facet where shop_id = %s and name = 'warehouse' order by value"


def unknown(shop: Shop) -> list[str]:
    """Names on the shop's orders of which nobody has said how their parcels travel."""
    known = logistics_of([shop.pk])
    with connection.cursor() as cursor:
        cursor.execute(SEEN, [shop.pk])
        return [name for (name,) in cursor.fetchall() if (shop.pk, name) not in known]
