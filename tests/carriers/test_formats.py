"""The table of formats: every line has a source and an example of itself, and check digits are
right for numbers that others say are right, and wrong for those they say are wrong.
"""

from __future__ import annotations

import re
import sys
from subprocess import run

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipboard.carriers import CARRIERS, digits, fits
from shipboard.carriers.formats import Format
from shipboard.carriers.table import FORMATS
from tests.carriers.numbers import CHECKED

RIGHT = [(key, number) for key, (right, _) in CHECKED.items() for number in right]
WRONG = [(key, number) for key, (_, wrong) in CHECKED.items() for number in wrong]


@pytest.mark.parametrize("format", FORMATS, ids=lambda one: f"{one.carrier} {one.shape}")
def test_a_format_fits_its_example_and_names_its_source(format: Format) -> None:
    assert format.carrier in CARRIERS
    assert format.source
    assert re.fullmatch(format.shape, format.example)
    assert format.check is None or format.check(format.example)
    region = next(iter(format.regions), "")
    assert format.carrier in [fit.carrier_key for fit in fits(format.example, region)]


@pytest.mark.parametrize(("key", "number"), RIGHT)
def test_a_right_check_digit_fits(key: str, number: str) -> None:
    found = {fit.carrier_key: fit.is_checked for fit in fits(number)}
    assert found[key] is True


@pytest.mark.parametrize(("key", "number"), WRONG)
def test_a_wrong_check_digit_does_not(key: str, number: str) -> None:
    assert key not in [fit.carrier_key for fit in fits(number) if fit.is_checked]


def test_every_check_of_the_table_is_tried() -> None:
    tried = [number for _, number in RIGHT]
    for format in FORMATS:
        if format.check and format.carrier in CHECKED:
            shaped = [one for one in [*tried, format.example] if re.fullmatch(format.shape, one)]
            assert any(format.check(number) for number in shaped), format


@given(st.integers(min_value=0, max_value=10**11 - 1))
def test_one_digit_in_ten_fits_gs1s_and_gls_check(serial: int) -> None:
    numbers = [f"{serial:011}{digit}" for digit in range(10)]
    assert sum(map(digits.gs1, numbers)) == 1
    assert sum(map(digits.gls, numbers)) == 1


@given(st.integers(min_value=0, max_value=10**14 - 1))
def test_one_sign_of_36_fits_the_check_of_dpd(serial: int) -> None:
    numbers = [f"{serial:014}{sign}" for sign in digits.SIGNS]
    assert sum(map(digits.dpd, numbers)) == 1


def test_the_library_is_loaded_with_the_first_question_only() -> None:
    code = "import sys, shipboard.carriers; sys.exit('tracking_numbers' in sys.modules)"
    assert run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_package_knows_no_django() -> None:
    code = "import sys, shipboard.carriers; sys.exit('django' in sys.modules)"
    assert run([sys.executable, "-c", code], check=False).returncode == 0
