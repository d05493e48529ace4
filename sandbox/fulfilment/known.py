"""The facts of shipping: what a market allows, which of several codes is answered, and what a
second call does.
"""

from __future__ import annotations

from sandbox.facts import Trust, fact

D, S, INFERRED, CONFLICT = Trust.DOCS, Trust.SDK, Trust.INFERRED, Trust.CONFLICT

fact("services_markets", "Where services can be asked for.", S, ("US", "JP"))
fact("create_202309_markets", "Where 202309 buys labels.", D, ("US",))
fact(
    "create_202512_markets",
    "Where 202512 buys labels.",
    S,
    ("US", "JP", "GB", "DE", "ES", "FR", "IE", "IT"),
)
fact(
    "mark_shipped_markets",
    "Where what the seller ships is marked; elsewhere it is shipped with self_shipment.",
    D,
    ("US", "GB", "ES", "IE", "IT", "DE", "FR", "JP"),
)
fact(
    "create_packages_twice",
    "Buying a label again for the same lines is refused; else a second one is bought and paid.",
    INFERRED,
    "refused",
    ("bought again",),
)
fact(
    "label_exists_code",
    "The code of a second purchase.",
    CONFLICT,
    21022025,
    (21008042, 21030006),
)
fact(
    "ship_twice",
    "Shipping a package again is refused; else it is answered as before and changes nothing.",
    INFERRED,
    "refused",
    ("answered",),
)
fact(
    "already_shipped_code",
    "The code of shipping what is shipped.",
    CONFLICT,
    21011020,
    (11006021, 21008099, 21011006, 21011040, 21042056),
)
fact(
    "while_bought_code",
    "The code of a second purchase while the first is in progress.",
    D,
    21030005,
)
fact("label_seconds", "How long a carrier makes a label (real time).", INFERRED, 2, (0, 30))
fact("slow_label_seconds", "How long when it is slow.", INFERRED, 120, (900,))
fact("label_not_ready_code", "The code while it does.", CONFLICT, 11034037, (11034023, 21023022))
fact(
    "document_before_ship_code", "Not shipped: no label.", CONFLICT, 21023035, (21042104, 21008109)
)
fact("document_picked_up_code", "Picked up: too late.", CONFLICT, 21042102, (21023046,))
fact("document_cancelled_code", "Cancelled: no label.", D, 21023059)
fact("document_seller_ships_code", "No label of ours.", CONFLICT, 11034002, (21008017,))
fact("document_hours", "A document's address is good for 24 hours.", D, 24)
fact("zpl_markets", "Where labels come as ZPL.", D, ("BR",))
fact(
    "after_sale_code", "The code of shipping while a case is open.", CONFLICT, 21011007, (21008044,)
)
fact(
    "us_ships_through_requests",
    "In the US shipping goes through a buyer's request to cancel, and rejects it.",
    D,
    True,
    (False,),
)
fact("platform_code", "The code for what the platform fulfils.", CONFLICT, 21008025, (21008043,))
fact("cancelled_code", "The code for what is cancelled.", CONFLICT, 21011041, (21011042,))
fact("not_awaiting_code", "The code for what may not be shipped yet.", D, 21042057)
fact("on_hold_code", "The code for what is on hold.", D, 21011044)
fact("wrong_region_code", "The code for the wrong market.", CONFLICT, 21008106, (21004010,))
fact("ship_batch_most", "The most packages of one batch.", INFERRED, 50, (10,))
fact(
    "handover_ignored_in_sea",
    "In South East Asia the handover follows the warehouse's setting, whatever the call says.",
    D,
    True,
    (False,),
)
fact("label_allocation", "The seller is given one service only.", D, False, (True,))
fact("edit_hours", "Tracking may be changed within 72 hours in the US, UK and SEA.", D, 72)
fact("edit_once", "Tracking may be changed once for each order.", D, True, (False,))
fact(
    "edit_counted_by",
    "The change that is allowed is one of the order, or one of each package of a split order.",
    CONFLICT,
    "order",
    ("package",),
)
fact(
    "edit_after_collection",
    "Tracking may still be changed when the carrier has the package; else only before.",
    INFERRED,
    True,
)
fact("orders_per_number", "One tracking number serves 20 orders of one recipient.", D, 20, (2,))
fact(
    "used_number_code",
    "The code for a number under which another recipient's order goes.",
    CONFLICT,
    21034012,
    (21011025,),
)
fact(
    "carrier_not_offered_code",
    "The code for a carrier that is not available for the delivery option.",
    CONFLICT,
    21004016,
    (21022032,),
)
fact("hyphens_in_numbers", "A hyphen in a tracking number is no special character.", INFERRED, True)
fact(
    "number_check_times_out",
    "The check of a number may time out: it is taken with a warning.",
    D,
    False,
    (True,),
)
fact(
    "number_of_several_carriers",
    "A number that fits several carriers is taken, with or without a warning.",
    CONFLICT,
    "taken",
    ("warned",),
)
fact(
    "us_takes_misfitting_numbers",
    "In the US a number that fits another carrier is taken, with a warning.",
    D,
    True,
    (False,),
)
fact(
    "number_of_no_carrier",
    "A number that fits no carrier is taken with a warning, or refused.",
    CONFLICT,
    "warned",
    ("refused",),
)
fact("many_numbers", "A package may have several tracking numbers.", S, False, (True,))
fact(
    "union_post_barred",
    "Cross-border sellers in the US may not use the post's outside labels.",
    D,
    True,
    (False,),
)
fact("union_post_barred_for_all", "And no seller in the US may.", CONFLICT, False)
fact(
    "split_renames_all",
    "A split gives every part a new package id; else the first part keeps the old one.",
    CONFLICT,
    True,
)
fact("most_units_in_package", "More units must be split.", INFERRED, 100, (5,))
fact(
    "update_time_moves_on_packages",
    "A split, a combination or a changed number moves the orders' update_time.",
    INFERRED,
    False,
)
fact("invoice_seconds", "How long an invoice is checked (real time).", INFERRED, 2, (30,))
