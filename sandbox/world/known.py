"""The facts of time: what happens when nobody does anything."""

from __future__ import annotations

from sandbox.facts import Trust, fact

D, INFERRED, OURS = Trust.DOCS, Trust.INFERRED, Trust.OURS

fact(
    "time_passes",
    "What is due happens by itself: holds end, what is late is cancelled, silence approves.",
    OURS,
    True,
    (False,),
)
fact("hold_minutes", "A hold ends an hour after payment; of a pre-order, on its release.", D, 60)
fact("unpaid_hours", "An unpaid order is cancelled after so many hours.", INFERRED, 48, (24,))
fact("unpaid_hours_uk", "And in the UK.", INFERRED, 24, (48,))
fact(
    "after_sales_days",
    "So long after delivery buyers may ask for something; then the order is completed.",
    INFERRED,
    14,
    (6, 15, 30),
)
fact(
    "cod_paid_time",
    "When an order that is paid on delivery has its paid_time.",
    INFERRED,
    "confirmed",
    ("delivered",),
)
