"""Why a platform does not make a label, in the groups in which a seller mends them: what each group
is called, what it means, what to do next, and which buttons do it. Data, in the person's words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from shipboard.channels.contract import Rejection


class Fixing(StrEnum):
    """What a person can do about a rejected label; each is a button of the screens."""

    EDIT_PARCEL = "edit_parcel"
    CHOOSE_SERVICE = "choose_service"
    CHOOSE_SLOT = "choose_slot"
    SPLIT = "split"
    ASK_BUYER = "ask_buyer"
    OPEN_WAREHOUSE = "open_warehouse"
    OPEN_LISTING = "open_listing"
    OPEN_CASE = "open_case"
    CANCEL = "cancel"
    RETRY = "retry"
    FETCH = "fetch"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A group. `actions`: the one that mends it most often comes first. `cancels_free`: the
    marketplace has a reason to cancel such an order that counts against nobody (FREE_REASON)."""

    title: str
    means: str
    next_step: str
    actions: tuple[Fixing, ...]
    cancels_free: bool = False

    def step_in(self, region: str) -> str:
        """What to do next in a shop's region; the free way to cancel only where there is one."""
        if self.cancels_free and may_cancel_free(region):
            return f"{self.next_step} {FREE_STEP}"
        return self.next_step

    def actions_in(self, region: str) -> tuple[Fixing, ...]:
        """Without Fixing.CANCEL where canceling would count against the seller."""
        if self.cancels_free and not may_cancel_free(region):
            return tuple(each for each in self.actions if each is not Fixing.CANCEL)
        return self.actions


#: The marketplace's own name of its reason that counts against nobody; as a seller's reason it was
#: withdrawn in these regions on 1 March 2024, although its label errors still recommend it.
FREE_REASON = "Unable to deliver to buyer address"
WITHOUT_FREE_REASON = frozenset({"ID", "SG", "TH", "VN", "PH"})
FREE_STEP = (
    f"If that is not possible, cancel the order with the reason “{FREE_REASON}”: it brings no "
    "penalty."
)


def may_cancel_free(region: str) -> bool:
    """Whether the marketplace of a region (ISO country) still has FREE_REASON for sellers."""
    return bool(region) and region not in WITHOUT_FREE_REASON


KINDS: Mapping[Rejection, Kind] = {
    Rejection.BUYER_ADDRESS: Kind(
        title="Buyer address issue",
        means="The carrier does not take the buyer's address: the postal code is wrong, the "
        "address is too long, or it does not exist.",
        next_step="Ask the buyer to edit the address, then re-create the label. Only the buyer can "
        "change it.",
        actions=(Fixing.ASK_BUYER, Fixing.RETRY, Fixing.CANCEL, Fixing.SUPPORT),
        cancels_free=True,
    ),
    Rejection.SELLER_ADDRESS: Kind(
        title="Ship-from address issue",
        means="The carrier does not take the address of your warehouse.",
        next_step="Correct the warehouse's address at the marketplace, then re-create the label.",
        actions=(Fixing.OPEN_WAREHOUSE, Fixing.RETRY, Fixing.SUPPORT),
    ),
    Rejection.OVERSIZED: Kind(
        title="Products are oversized",
        means="The parcel, or a product in it, is larger than the service takes.",
        next_step="Check the parcel's size and correct it; else choose another service, use a "
        "smaller box or split the order. Then re-create the label.",
        actions=(Fixing.EDIT_PARCEL, Fixing.CHOOSE_SERVICE, Fixing.SPLIT, Fixing.CANCEL),
        cancels_free=True,
    ),
    Rejection.OVERWEIGHT: Kind(
        title="Products are too heavy",
        means="The parcel, or a product in it, weighs more than the service takes.",
        next_step="Check the parcel's weight and correct it; else choose another service or split "
        "the order. Then re-create the label.",
        actions=(Fixing.EDIT_PARCEL, Fixing.CHOOSE_SERVICE, Fixing.SPLIT),
    ),
    Rejection.TOO_MANY_ITEMS: Kind(
        title="Too many items",
        means="The service takes fewer items in one parcel.",
        next_step="Split the order into smaller parcels, or choose another service.",
        actions=(Fixing.SPLIT, Fixing.CHOOSE_SERVICE),
    ),
    Rejection.ITEM_DATA: Kind(
        title="Product name issue",
        means="The carrier does not take the name of a product or of its variation.",
        next_step="Shorten or correct the name in the listing, or its customs name, then "
        "re-create the label.",
        actions=(Fixing.OPEN_LISTING, Fixing.RETRY),
    ),
    Rejection.CONTENT_RULE: Kind(
        title="Must travel alone",
        means="A product in it is of a restricted category and may not share its parcel.",
        next_step="Split the order so that this product has a parcel of its own.",
        actions=(Fixing.SPLIT,),
    ),
    Rejection.NO_SERVICE: Kind(
        title="No service takes it",
        means="No carrier service fits this weight, size and address.",
        next_step="Check the weight and the size, and choose another service. If they are right, "
        "the address may be out of reach: ask the platform's support.",
        actions=(Fixing.CHOOSE_SERVICE, Fixing.EDIT_PARCEL, Fixing.SUPPORT),
    ),
    Rejection.CARRIER_ORDER_ERROR: Kind(
        title="Carrier order error",
        means="The carrier could not process the order for this parcel.",
        next_step="Re-create the label in a while, or choose another service. If it is rejected "
        "again, ask the platform's support.",
        actions=(Fixing.RETRY, Fixing.CHOOSE_SERVICE, Fixing.SUPPORT),
    ),
    Rejection.PICKUP_SLOT: Kind(
        title="Pick-up time issue",
        means="The pick-up time is missing, full or over.",
        next_step="Choose another pick-up time, or drop the parcel off; then re-create the label.",
        actions=(Fixing.CHOOSE_SLOT,),
    ),
    Rejection.DOCUMENTS_MISSING: Kind(
        title="Invoice missing",
        means="The platform waits for the order's invoice, or for its verification.",
        next_step="Upload the invoice at the marketplace; re-create the label once it is verified.",
        actions=(Fixing.OPEN_CASE, Fixing.RETRY, Fixing.SUPPORT),
    ),
    Rejection.ORDER_STATE: Kind(
        title="Order is not ready",
        means="The order is on hold, canceled, shipped already, or an after-sale request is open.",
        next_step="Look at the order first. Nothing is left to do if it is canceled or shipped.",
        actions=(Fixing.OPEN_CASE, Fixing.RETRY),
    ),
    Rejection.ALREADY_BOUGHT: Kind(
        title="Label exists already",
        means="The platform has made a label of this parcel before.",
        next_step="Fetch the label that exists; nothing is bought.",
        actions=(Fixing.FETCH, Fixing.SUPPORT),
    ),
    Rejection.PRINT_FAILURE: Kind(
        title="Label file not available",
        means="The parcel is arranged and paid for, but the platform did not hand out its label "
        "file.",
        next_step="Fetch the file again; nothing is bought a second time.",
        actions=(Fixing.FETCH, Fixing.SUPPORT),
    ),
    Rejection.SYSTEM: Kind(
        title="Platform error",
        means="The platform failed although nothing is wrong with the order.",
        next_step="Re-create the label. If it is rejected again, ask the platform's support.",
        actions=(Fixing.RETRY, Fixing.SUPPORT),
    ),
    Rejection.UNKNOWN: Kind(
        title="Other reason",
        means="The platform named a reason that this desk does not know.",
        next_step="Read the platform's words. Give its support the code and the request id.",
        actions=(Fixing.SUPPORT, Fixing.RETRY),
    ),
}
