"""What the demo's packer has done about labels: some were asked for that the marketplace rejects,
to be mended and re-created; and those of parcels that were arranged there were fetched, to be
printed. The worker sends and fetches as it does for anybody, so that both sides know the same.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from shipboard import clock
from shipboard.accounts.access import Access
from shipboard.accounts.demo import PACKER
from shipboard.channels.contract import Shipping, Size, Stage
from shipboard.channels.models import Shop
from shipboard.channels.registry import capabilities
from shipboard.demo.labels import BOUGHT, CARRIER_FAILS, LONG_ADDRESS, TOO_BIG
from shipboard.fulfilment.finding import find_many
from shipboard.fulfilment.label_wishes import LabelWish
from shipboard.fulfilment.labelling import ask_to_label
from shipboard.orders.models import Order

#: What the packer said of the parcels, by the notes of their orders: 12 oz and 8 inches at most;
#: and 3 lb and 20 inches, which is more than the carrier takes.
USUAL = Size(
    weight_grams=341,
    length_cm=Decimal("20.32"),
    width_cm=Decimal("15.24"),
    height_cm=Decimal("10.16"),
)
LARGE = Size(
    weight_grams=1361,
    length_cm=Decimal("50.80"),
    width_cm=Decimal("30.48"),
    height_cm=Decimal("20.32"),
)
SIZES = {LONG_ADDRESS: USUAL, TOO_BIG: LARGE, CARRIER_FAILS: USUAL}
#: Where the market asks nobody for sizes, none is said, and none could be mended.
SIZELESS = {LONG_ADDRESS: Size(), CARRIER_FAILS: Size()}
#: Fetched besides the one whose note says so.
FETCHED = 3


def label(shop: Shop, now: datetime) -> None:
    """Ask for labels of a connected shop, and take note of those that there are; it is as `now`."""
    access, wall = Access(by=PACKER), clock.wall()
    sizes = SIZES if capabilities(shop, Shipping.PLATFORM).needs_parcel else SIZELESS
    waiting = Order.objects.filter(shop=shop, seller_note__in=sizes)
    for order in waiting.select_related("shop").order_by("order_id"):
        wish = LabelWish(size=sizes[order.seller_note])
        ask_to_label(order, wish, access=access, now=now, wall=wall)
    find_many(_arranged(shop), access=access, now=now, wall=wall)


def _arranged(shop: Shop) -> list[Order]:
    """Orders whose parcels have a label at the marketplace, and wait for the carrier."""
    arranged = Order.objects.filter(
        shop=shop,
        shipping=Shipping.PLATFORM,
        stage=Stage.PENDING_COLLECTION,
        is_platform_fulfilled=False,
        collected_at=None,
    )
    orders = arranged.select_related("shop").order_by("order_id")
    return [*orders.filter(seller_note=BOUGHT), *orders.exclude(seller_note=BOUGHT)[:FETCHED]]
