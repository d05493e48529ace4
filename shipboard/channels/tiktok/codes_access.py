"""Error codes of every call: access, too many calls, faults of the marketplace, our own mistakes.
From the marketplace's documentation of each operation.
"""

from __future__ import annotations

from shipboard.channels.contract import FailureKind as Kind
from shipboard.channels.tiktok.meanings import (
    ANY,
    RECONNECT,
    RETRY,
    Meaning,
    Row,
    auth,
    bug,
    busy,
    final,
)

ACCESS: tuple[Row, ...] = (
    (
        ANY,
        "105002",
        auth("This desk's access to the shop has run out.", "Connect the shop again."),
    ),
    (
        ANY,
        "36009004",
        auth(
            "TikTok Shop did not accept this desk's credentials, its clock or the shop's code.",
            "Check this machine's clock; then connect the shop again.",
        ),
    ),
    (
        ANY,
        "106001",
        auth(
            "TikTok Shop did not accept this desk's signature.",
            "Check the app secret; then connect the shop again.",
        ),
    ),
    (
        ANY,
        "105005",
        Meaning(
            Kind.SCOPE,
            "The app lacks the right (scope) for this.",
            "Add the right to the app in the Partner Center; then connect the shop again.",
            RECONNECT,
        ),
    ),
    (ANY, "106013", auth("The call named no shop.", "Connect the shop again.")),
    (
        ANY,
        "101000",
        auth("TikTok Shop does not let this app in.", "Check the app in the Partner Center."),
    ),
    (
        ANY,
        "36009033",
        auth(
            "TikTok Shop does not take calls from this machine's address.",
            "Add the address to the app's list of allowed addresses in the Partner Center.",
        ),
    ),
    (
        ANY,
        "10006402 21008111 21011028 25020005",
        final(
            "This belongs to another shop, or the shop has no right to it.",
            "Check that it is the right shop.",
        ),
    ),
)
BUSY: tuple[Row, ...] = (
    (
        ANY,
        "36009002",
        Meaning(
            Kind.THROTTLED,
            "TikTok Shop asked for a pause: there were too many calls.",
            "It goes on by itself in a moment.",
            RETRY,
        ),
    ),
    (
        ANY,
        "36009003 36009007 11001027 11001031 21001003 21001008 21001011 21001029 21001043 21001055",
        busy("TikTok Shop had a fault of its own."),
    ),
    (
        ANY,
        "11006005 11006026 21008300 21022026 21022029 21022030 21042001 21042076 10002014 10002015",
        busy("TikTok Shop or the carrier was too busy to answer."),
    ),
    # Written 1003700x in the lists.
    (
        ANY,
        " ".join(f"1003700{digit}" for digit in range(10)),
        busy("TikTok Shop was too busy to answer."),
    ),
    (ANY, "25001028", busy("The case is being changed by somebody else just now.")),
)
OURS: tuple[Row, ...] = (
    (
        ANY,
        "11001002 11050001 21001001 36009009 36009010 36009022 36009023",
        bug("TikTok Shop did not understand what the desk asked for."),
    ),
    (
        ANY,
        "21011005 21011029 21011031",
        bug("TikTok Shop does not know the package or order that the desk named."),
    ),
    (
        ANY,
        "36009014",
        bug("TikTok Shop has retired the version of the call that the desk uses."),
    ),
)
