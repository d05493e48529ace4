"""The facts of the parts that every endpoint shares, and of orders, packages and webhooks."""

from __future__ import annotations

from sandbox.facts import Trust, fact

D, S, T, INFERRED, CONFLICT, OURS = (
    Trust.DOCS,
    Trust.SDK,
    Trust.TESTED,
    Trust.INFERRED,
    Trust.CONFLICT,
    Trust.OURS,
)

fact("timestamp_window", "A timestamp may be 300 s old and 30 s ahead.", D, (-300, 30))
fact("calls_per_second", "50 calls a second per API, app and shop; beyond: 429.", D, 50, (0, 5))
fact(
    "sign_reads_first_value",
    "A query parameter that comes twice is signed with its first value only.",
    T,
    True,
)
fact(
    "auth_refusals_http",
    "The HTTP status of refusals over key, signature, token, scope or cipher.",
    INFERRED,
    401,
    (200,),
)
fact("refusals_http", "The HTTP status of an API's own refusals.", INFERRED, 200, (400,))
fact(
    "null_data_on_success",
    "A success without content has data null; else it is an empty object.",
    CONFLICT,
    False,
)
fact(
    "deauthorised_code",
    "The code of a call with the token of a seller who has withdrawn.",
    INFERRED,
    105002,
    (36009004,),
)
fact("refresh_rotates", "A refresh gives a new refresh token; the old one ends.", INFERRED, True)
fact("access_token_days", "An access token lives seven days.", D, 7)
fact("refresh_token_days", "A refresh token lives a year.", INFERRED, 365, (30,))
fact("code_minutes", "An authorisation code lives thirty minutes and works once.", D, 30)
fact(
    "package_born_when_shipped",
    "In the US a package exists once it is shipped; elsewhere from payment.",
    D,
    True,
)
fact(
    "uk_package_at_payment",
    "In the UK the package exists from payment; else, as in the US, from shipping.",
    CONFLICT,
    True,
)
fact(
    "on_hold_exists",
    "A paid order rests one hour in ON_HOLD; else it goes to AWAITING_SHIPMENT at once.",
    CONFLICT,
    True,
)
fact(
    "update_time_moves_on_cancel_request",
    "A buyer's request to cancel moves the order's update_time.",
    INFERRED,
    False,
)
fact(
    "update_time_moves_on_address",
    "A changed address moves the order's update_time.",
    INFERRED,
    False,
)
fact(
    "masked_4pl_addresses",
    "Orders shipped by the platform show a masked address (outside the US).",
    D,
    True,
    (False,),
)
fact(
    "us_masks_cancelled",
    "In the US the address is masked once an order is cancelled.",
    D,
    True,
)
fact(
    "unshipped_package_id",
    "A line without a package has no package_id field; else it has a blank one.",
    INFERRED,
    "absent",
    ("blank",),
)
fact(
    "webhook_status_cancel",
    "The order webhook writes CANCEL where the order says CANCELLED.",
    D,
    True,
    (False,),
)
fact(
    "webhook_partially_shipping",
    "There is a webhook when an order becomes PARTIALLY_SHIPPING.",
    INFERRED,
    False,
)
fact(
    "tts_notification_id_in_type_3",
    "The webhook of a changed address carries a notification id.",
    INFERRED,
    False,
)
fact("webhook_seconds", "A webhook has three seconds to be answered.", D, 3)
fact(
    "webhook_retries",
    "An unanswered webhook comes again after 2 min, 30 min, 3 h and 12 h, then never.",
    D,
    (120, 1800, 10800, 43200),
)
fact(
    "webhook_address_is_public",
    "A webhook address is https on a domain name, without a port.",
    D,
    True,
)
fact(
    "loopback_webhooks",
    "The sandbox also takes webhook addresses on this machine.",
    OURS,
    True,
    (False,),
)
fact(
    "unknown_ids_in_detail",
    "Order detail leaves ids out that it does not know; else it refuses the call.",
    INFERRED,
    "left out",
    ("refused",),
)
