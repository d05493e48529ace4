"""What each call is for, in plain words for those who read the log of calls; by its name in
versions.py, and the few beside it (token_calls.py, client.fetch).
"""

from __future__ import annotations

from collections.abc import Mapping

CALL_WORDS: Mapping[str, str] = {
    "exchange_code": "Take up the access that was given",
    "refresh_token": "Renew the access",
    "fetch_file": "Fetch a document",
    "authorized_shops": "List the shops of the access",
    "search_orders": "Look for changed orders",
    "order_detail": "Read orders again",
    "price_detail": "Read the prices of an order",
    "search_packages": "Look for packages",
    "package_detail": "Read a package",
    "shipping_services": "Ask for shipping services and prices",
    "create_packages": "Buy a label",
    "ship_package": "Arrange a shipment",
    "ship_packages": "Arrange several shipments",
    "mark_shipped": "Hand over a tracking number",
    "update_order_shipping_info": "Correct an order's tracking number",
    "update_package_shipping_info": "Correct a package's tracking number",
    "shipping_document": "Ask for a label or slip",
    "handover_time_slots": "Ask for pickup times",
    "split_attributes": "Ask whether orders can be split",
    "split_order": "Split an order",
    "search_combinable": "Look for orders to combine",
    "combine_packages": "Combine packages",
    "uncombine_package": "Take a package apart",
    "tracking": "Read the carrier's scans",
    "tracking_across_borders": "Read the carrier's scans across borders",
    "tracking_validation": "Ask whether a tracking number is valid",
    "upload_invoice": "Hand over an invoice",
    "warehouses": "Read the warehouses",
    "delivery_options": "Read delivery options",
    "shipping_providers": "Read the carriers",
    "search_cancellations": "Look for cancellations",
    "cancel_order": "Cancel an order",
    "approve_cancellation": "Approve a cancellation",
    "reject_cancellation": "Reject a cancellation",
    "reject_reasons": "Read the reasons to reject with",
    "aftersale_eligibility": "Ask what can be canceled or returned",
    "decision_eligibility": "Ask how a return can be answered",
    "search_returns": "Look for returns and refunds",
    "approve_return": "Approve a return",
    "reject_return": "Reject a return",
    "return_records": "Read the course of a return",
    "webhooks": "Read where webhooks go",
    "set_webhook": "Ask for webhooks",
    "delete_webhook": "Call webhooks off",
}
