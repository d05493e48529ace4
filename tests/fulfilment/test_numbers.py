"""The carrier that a number itself chooses, among those of a whole market."""

from __future__ import annotations

import pytest

from shipboard import carriers
from shipboard.carriers.fitting import has_formats
from shipboard.channels.providers import offered
from shipboard.fulfilment.numbers import checked
from shipboard.fulfilment.refusals import BadShipment
from shipboard.orders.models import Order
from tests import make

pytestmark = pytest.mark.django_db


def order(region: str) -> Order:
    made = make.row(make.shop(region=region), "1", shipping="seller")
    made.save()
    return made


@pytest.mark.parametrize(
    ("number", "carrier"), [("1Z999AA10123456784", "UPS"), ("64306292373282720907", "USPS")]
)
def test_carriers_of_unknown_format_do_not_stand_in_its_way(number: str, carrier: str) -> None:
    of = order("US")
    known = [carriers.carrier_named(each.name) for each in offered(of.shop, "")]
    assert any(each and not has_formats(each, "US") for each in known)
    assert checked(of, number, "", "", make.NOW).carrier == carrier


def test_a_number_of_no_known_format_chooses_nothing() -> None:
    with pytest.raises(BadShipment, match="does not say which it is") as refused:
        checked(order("US"), "QQ12", "", "", make.NOW)
    assert refused.value.field == "carrier"


def test_a_number_of_several_names_them() -> None:
    with pytest.raises(BadShipment, match=r"it could be Royal Mail Tracked 24 or .* 48"):
        checked(order("GB"), "RA473124829GB", "", "", make.NOW)


def test_a_name_that_is_not_offered_has_the_nearest_named_first() -> None:
    with pytest.raises(BadShipment, match=r"they are: USPS, .*, .* and \d+ more\.$"):
        checked(order("US"), "1Z999AA10123456784", "USSP", "", make.NOW)
