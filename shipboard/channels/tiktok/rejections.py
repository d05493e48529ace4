"""Why a label is not made: TikTok Shop's error codes in the groups in which a seller mends them, as
data, keyed by operation and code like the codes' meanings (codes_labels.py and its neighbours).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from shipboard.channels.contract import FailureKind, Rejection
from shipboard.channels.tiktok.meanings import ANY, DOCUMENT

#: What is called on the way to a label.
LABEL_CALLS = frozenset(
    (
        "shipping_services",
        "handover_time_slots",
        "create_packages",
        "ship_package",
        "ship_packages",
        "shipping_document",
    )
)
ARRANGING = "create_packages ship_package ship_packages"

#: Operations (`*`: any of them), codes, group.
Row = tuple[str, str, Rejection]

ROWS: tuple[Row, ...] = (
    (ANY, "11021010 11021012 11021013 11021023 11021024 21014009", Rejection.BUYER_ADDRESS),
    (ARRANGING, "21021010", Rejection.BUYER_ADDRESS),
    (DOCUMENT, "21021010", Rejection.ORDER_STATE),
    (ANY, "11021025 11034009 11005004", Rejection.SELLER_ADDRESS),
    (ANY, "11021014 11021017 11021019 11021020 11021022", Rejection.OVERSIZED),
    (ANY, "11021015 11021016", Rejection.OVERWEIGHT),
    (ANY, "11021018", Rejection.TOO_MANY_ITEMS),
    (ANY, "11021011 11021021", Rejection.ITEM_DATA),
    (ANY, "11006013 11006014", Rejection.CONTENT_RULE),
    (ANY, "11021009 21011037 21004008 11003011 21022032", Rejection.NO_SERVICE),
    (
        ANY,
        "21042067 21022026 21004024 21034006 21032001 21022028",
        Rejection.CARRIER_ORDER_ERROR,
    ),
    (ANY, "21011053 21011054 21004017", Rejection.PICKUP_SLOT),
    (ANY, "21004006 21004019 21004020", Rejection.DOCUMENTS_MISSING),
    (
        ANY,
        "21011044 21011007 21008044 21011041 21011042 21042057 21011020 21011003 21011008 21011012 "
        "21011013 21011030 21011033 21011035 21011036 21011046 21011048 21023059 21021010",
        Rejection.ORDER_STATE,
    ),
    (ANY, "11006021 21008099 21011006 21011040 21023046 21011027", Rejection.ORDER_STATE),
    (DOCUMENT, "21042102 21023046 21011027", Rejection.PRINT_FAILURE),
    (ANY, "21042102 21023035 21042104 21008109", Rejection.PRINT_FAILURE),
    (ANY, "25001010 25001011", Rejection.ORDER_STATE),
    # Shipped by somebody else or in another way.
    (
        ANY,
        "21008025 21008043 11034002 21008017 21011004 21008106 21004010 21008117",
        Rejection.ORDER_STATE,
    ),
    (ANY, "21042056 21022025 21030006 21008042", Rejection.ALREADY_BOUGHT),
    (
        ANY,
        "11034023 21023022 11034037 11034025 11006010 21023034 21030005",
        Rejection.PRINT_FAILURE,
    ),
    (
        ANY,
        "11001031 21001003 21001008 21001011 21022029 36009003 36009007 11001027 21001029 21001043 "
        "21001055 11006005 11006026 21008300 21022030 21042001 21042076 10002014 10002015",
        Rejection.SYSTEM,
    ),
    # Calls that the desk should not have made, and doors that are shut to it.
    (
        ANY,
        "11001002 11050001 21001001 36009009 36009010 36009014 36009022 36009023 21011005 21011029 "
        "21011031 36009002 105002 36009004 106001 105005 106013 101000 36009033 10006402 21008111 "
        "21011028",
        Rejection.SYSTEM,
    ),
)
#: What a code that is not known here is, by what its failure means.
OF_KIND: Mapping[FailureKind, Rejection] = {
    FailureKind.TRANSIENT: Rejection.SYSTEM,
    FailureKind.THROTTLED: Rejection.SYSTEM,
}


def rejection(operation: str, code: str, kind: FailureKind) -> Rejection | None:
    """The group of a refused call; UNKNOWN for a code that is not known here, None for a call that
    has nothing to do with labels."""
    if operation not in LABEL_CALLS:
        return None
    table = _table()
    found = table.get((operation, code)) or table.get((ANY, code))
    return found or OF_KIND.get(kind, Rejection.UNKNOWN)


@cache
def _table() -> dict[tuple[str, str], Rejection]:
    """Every row by (operation, code). Raises ValueError when two rows say something of the same."""
    table: dict[tuple[str, str], Rejection] = {}
    for operations, codes, group in ROWS:
        for operation in operations.split():
            for code in codes.split():
                if (operation, code) in table:
                    raise ValueError(f"two groups of {code} for {operation}")
                table[operation, code] = group
    return table
