"""The marketplace's error codes: what each one means, and the operations it is known from."""

from __future__ import annotations

from dataclasses import dataclass

ANY = "*"
SHIP = "ship_package,ship_packages,create_packages,mark_shipped,mark_package_shipped"
DOCUMENT = "shipping_document"
SERVICES = "shipping_services"
TRACKING = "update_order_shipping_info,update_package_shipping_info"
SPLIT = "split_order,split_attributes,combine_packages,uncombine_package,search_combinable"
CANCEL = "cancel_order,approve_cancellation,reject_cancellation"
RETURN = "approve_return,reject_return"
SLOTS = "handover_time_slots"

#: (operations, what is wrong, codes)
ROWS: tuple[tuple[str, str, str], ...] = (
    (ANY, "The access token has expired.", "105002"),
    (ANY, "The credentials, the timestamp or the cipher are not valid.", "36009004"),
    (ANY, "The signature does not match.", "106001"),
    (ANY, "The access scope has not been granted.", "105005"),
    (ANY, "The shop cipher is missing.", "106013"),
    (ANY, "The app may not be used.", "101000"),
    (ANY, "Calls from this address are not allowed.", "36009033"),
    (ANY, "Too many requests.", "36009002"),
    (ANY, "Internal error; try again later.", "36009003 36009007 11001027 11001031 21001003"),
    (ANY, "The system is busy; try again later.", "21001008 21001011 21001029 21001043 21001055"),
    (SHIP, "The logistics system is busy; try again.", "11006005 11006026 21008300 21022026"),
    (SHIP, "The request timed out inside; try again.", "21022029 21022030 21042001 21042076"),
    (ANY, "Service unavailable for now.", "10002014 10002015"),
    (DOCUMENT, "The carrier is still preparing the document.", "11034037 11034023 11034025"),
    (DOCUMENT, "The document is not ready yet.", "21023022 11006010 21023034"),
    (f"{SHIP},{DOCUMENT}", "The label is being bought.", "21030005"),
    (DOCUMENT, "The package has not been shipped yet.", "21023035 21042104 21008109"),
    (SHIP, "The package has been shipped already.", "11006021 21008099 21011006 21011020 21011040"),
    (SHIP, "The label has been bought already.", "21042056 21022025 21030006 21008042"),
    (DOCUMENT, "The package was picked up; no document any more.", "21042102 21023046 21011027"),
    (DOCUMENT, "The package is cancelled.", "21023059"),
    (f"{SHIP},{SERVICES}", "The buyer's address is not valid.", "11021010 11021012 11021013"),
    (f"{SHIP},{SERVICES}", "The buyer's address cannot be served.", "11021023 11021024 21014009"),
    (f"{SHIP},{DOCUMENT}", "Undeliverable, or an after-sale case is open.", "21021010"),
    (f"{SHIP},{SERVICES}", "The warehouse address is not valid.", "11021025 11034009 11005004"),
    (f"{SHIP},{SERVICES}", "No service takes this parcel.", "11021009 21011037 21004008 11003011"),
    (
        f"{SHIP},{SERVICES}",
        "The weight, the size or the contents are out of range.",
        "11021011 11021014 11021015 11021016 11021017 11021018 11021019 11021020 11021021 11021022",
    ),
    (f"{SHIP},{SPLIT}", "The order must be split first.", "11006013 11006014 21011048"),
    (f"{SHIP},{SPLIT}", "The order may not be split.", "21011035 21011033 21011046 21011036"),
    (f"{SHIP},{SPLIT}", "An after-sale case is open.", "21008044 21011007"),
    (SHIP, "The order is cancelled.", "21011041 21011042"),
    (SHIP, "The order is on hold.", "21011044"),
    (CANCEL, "The order is cancelled already.", "25001010 25001011"),
    (f"{SHIP},{TRACKING}", "The shipping provider is not known.", "11028006 21004015"),
    (f"{SHIP},{TRACKING}", "The tracking number is not valid.", "21004012 21004016 21011022"),
    (f"{SHIP},{TRACKING}", "The tracking number is used.", "21011025 21011026 21034012"),
    (TRACKING, "The tracking number can no longer be changed.", "21011049 21011050 21011051"),
    (TRACKING, "The package cannot be changed.", "21011052 21011043 21011030 10007002"),
    (f"{SHIP},{DOCUMENT}", "Not for orders that the platform fulfils.", "21008025 21008043"),
    (DOCUMENT, "No document for what the seller ships.", "11034002 21008017"),
    (SHIP, "Not for this way of shipping or region.", "21011004 21008106 21004010"),
    ("shipping_providers", "The platform ships; there is no provider to choose.", "21008117"),
    (f"{SHIP},{SLOTS}", "The pickup slot is not available.", "21011053 21011054 21004017"),
    (SHIP, "The carrier refused the parcel.", "21042067 21022032 21034006 21004024 21011003"),
    (SHIP, "The package is not in a state to ship.", "21011008 21011012 21011013 21042057"),
    (SHIP, "The label could not be bought.", "21032001 21022028"),
    (ANY, "The request has a parameter that is not valid.", "11001002 11050001 21001001"),
    (SHIP, "The package does not exist.", "21011005 21011029 21011031"),
    (ANY, "No such path.", "36009009"),
    (ANY, "A parameter is not valid.", "36009010"),
    (ANY, "A parameter is missing.", "36009022"),
    (ANY, "A parameter is out of range.", "36009023"),
    (ANY, "This version is not supported.", "36009014"),
    (SHIP, "The invoice must be uploaded first.", "21004006 21004019 21004020"),
    (ANY, "The shop does not have this right.", "10006402 21008111 21011028 25020005"),
    (CANCEL, "The cancellation is not possible.", "25001001 25001003"),
    (f"{CANCEL},{RETURN}", "The reason does not fit.", "25001014 25001020 25001021"),
    (f"{CANCEL},{RETURN}", "The case is being changed; try again.", "25001028"),
    (CANCEL, "The case is not open.", "25001044 25001045"),
    (f"{CANCEL},{RETURN}", "The case is with the platform.", "25011010"),
    (RETURN, "The return cannot be decided so.", "25020003 25020004 25020009 25020010"),
    (RETURN, "The return is not open.", "25020011 25020012 25011032 25005010 25005011"),
)


@dataclass(frozen=True)
class Error:
    code: int
    words: str
    operations: tuple[str, ...]

    def fits(self, operation: str) -> bool:
        return ANY in self.operations or operation in self.operations


ERRORS: dict[int, Error] = {
    int(code): Error(int(code), words, tuple(operations.split(",")))
    for operations, words, codes in ROWS
    for code in codes.split()
}


def words(code: int) -> str:
    """What a code means, in a sentence."""
    return ERRORS[code].words if code in ERRORS else "The request was refused."


def codes_of(operation: str) -> list[int]:
    """Every code that an operation is known to answer."""
    return [error.code for error in ERRORS.values() if error.fits(operation)]
