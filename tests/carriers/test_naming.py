"""Which carrier a name means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipboard.carriers import CARRIERS, carrier_named

MEANT = {
    "ups": ("UPS", "ups ground", "U.P.S.", "United Parcel Service", "UPS® Next Day Air"),
    "usps": ("USPS", "usps priority mail", "U.S. Postal Service", "USPS Ground Advantage"),
    "fedex": ("FedEx", "FEDEX Home Delivery", "Federal Express"),
    "dhl-express": ("DHL express", "DHL Express Worldwide"),
    "dhl-ecommerce": ("DHL eCommerce", "DHL eCommerce UK"),
    "dhl": ("DHL", "DHL Freight"),
    "j-and-t": (
        "J&T Express",
        "J&T Express TH",
        "j & t express (Malaysia)",
        "JNT",
        "J and T Express",
    ),
    "evri": ("Evri", "Hermes/Evri", "Hermes", "evri (hermes)"),
    "royal-mail": ("Royal Mail", "Royal Mail Tracked 24", "ROYAL-MAIL tracked 48"),
    "amazon": ("Amazon shipping + Amazon MCF", "Amazon Logistics"),
    "gls-us": ("GLS US",),
    "gls": ("GLS", "GLS Spain"),
    "speedx": ("Speedx",),
    "city-link": ("City-Link Express", "Citylink"),
    "correos-express": ("Correos Express",),
    "correos": ("Correos", "Correos de Espana"),
    "ghtk": ("Giao Hang Tiet Kiem", "GHTK"),
    "thailand-post": ("Thailand Post - EMS", "ไปรษณีย์ไทย"),
    "yamato": ("ヤマト運輸", "Yamato"),
    "kex": ("Kerry Express", "KEX"),
    "la-poste": ("Colissimo", "La Poste / Colissimo"),
    "dpd": ("DPD", "DPD Local"),
}


@pytest.mark.parametrize(
    ("name", "key"), [(name, key) for key, names in MEANT.items() for name in names]
)
def test_a_name_means_its_carrier(name: str, key: str) -> None:
    found = carrier_named(name)
    assert found is not None
    assert found.key == key


@pytest.mark.parametrize(
    "name", ["", "  ", "Gull Express", "Express", "Post", "Upsala Freight", "&"]
)
def test_another_name_means_none(name: str) -> None:
    assert carrier_named(name) is None


def test_every_name_in_the_table_means_its_own_carrier() -> None:
    for key, carrier in CARRIERS.items():
        assert carrier.key == key
        assert all(carrier_named(name) is carrier for name in carrier.names), key
        assert set(carrier.kin) <= set(CARRIERS)


@given(st.text(max_size=40))
def test_no_name_makes_it_fail(name: str) -> None:
    found = carrier_named(name)
    assert found is None or found.key in CARRIERS
