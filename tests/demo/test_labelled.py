"""Labels of the demo: the marketplace rejects those that were asked for, each for its own reason;
mended and re-created they are made, and a sync leaves all as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.core.cache import cache

from sandbox.market import Market
from shipboard import clock
from shipboard.accounts.access import Access
from shipboard.accounts.demo import PACKER
from shipboard.channels.contract import Rejection, Size
from shipboard.channels.models import Shop
from shipboard.demo import load as loading
from shipboard.demo.labelled import FETCHED
from shipboard.fulfilment import fetching, sending
from shipboard.fulfilment.label_wishes import LabelWish
from shipboard.fulfilment.labelling import ask_to_label
from shipboard.ingest.sync import sync
from shipboard.orders.labels import Label
from shipboard.orders.models import Hold, Order
from tests.demo.market import SITE, running

pytestmark = pytest.mark.django_db(transaction=True)
SMALL = Size(weight_grams=341, length_cm=Decimal(20), width_cm=Decimal(15), height_cm=Decimal(10))


@pytest.fixture
def market() -> Iterator[Market]:
    """The demo as the worker leaves it a moment after its start."""
    cache.clear()
    with running() as market:
        loading.load(clock.now(), SITE)
        for shop in connected():
            work(shop)
        yield market


def connected() -> list[Shop]:
    return list(Shop.objects.exclude(remote_id="").order_by("pk"))


def work(shop: Shop) -> None:
    sending.carry_on(shop.pk, clock.now, clock.wall)
    fetching.carry_on(shop.pk, clock.now, clock.wall)


def rejected(shop: Shop) -> Counter[str]:
    found = Label.objects.filter(shop=shop, state=Label.State.REJECTED)
    return Counter(found.values_list("rejection", flat=True))


@pytest.mark.usefixtures("market")
def test_rejected_labels_are_mended_and_a_sync_leaves_them() -> None:
    for shop in connected():
        usual = {Rejection.BUYER_ADDRESS: 1, Rejection.CARRIER_ORDER_ERROR: 1}
        if shop.region == "US":  # elsewhere nobody is asked for sizes, so none can be mended
            usual[Rejection.OVERSIZED] = 2
        assert rejected(shop) == usual
        found = Label.objects.filter(shop=shop, source=Label.Source.FOUND)
        assert found.values("inside__order").distinct().count() == FETCHED + 1
        assert set(found.values_list("state", "label_print")) == {("created", "no")}
        assert not sync(shop, clock.now).failed
        assert rejected(shop) == usual
    assert not Hold.objects.filter(order__labels__label__state=Label.State.REJECTED).exists()

    shop = connected()[0]
    oversized = Order.objects.filter(shop=shop, labels__label__rejection=Rejection.OVERSIZED)
    assert len(set(oversized.values_list("warehouse", flat=True))) == 1, "they are one batch"
    for order in Order.objects.filter(shop=shop, labels__label__state=Label.State.REJECTED):
        access = Access(by=PACKER)
        wish = LabelWish(size=SMALL)
        ask_to_label(order, wish, access=access, now=clock.now(), wall=clock.wall())
    work(shop)
    assert rejected(shop) == {Rejection.BUYER_ADDRESS: 1}, "only the buyer can mend that one"
    bought = Label.objects.filter(shop=shop, source=Label.Source.ASKED, arranged_at__isnull=False)
    assert bought.count() == 3
