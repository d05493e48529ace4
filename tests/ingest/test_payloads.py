"""ingest/payloads: what was stored once can be read for ever."""

from __future__ import annotations

import zlib

from hypothesis import given
from hypothesis import strategies as st

from shipboard.ingest.payload_words import WORDS
from shipboard.ingest.payloads import folded, unfolded


@given(st.text(st.characters()))
def test_a_payload_comes_back_as_it_was(payload: str) -> None:
    assert unfolded(folded(payload)) == payload


def test_the_words_are_those_that_stored_payloads_need() -> None:
    """Other words could read none of the payloads that are stored."""
    assert (len(WORDS), zlib.adler32(WORDS)) == (3036, 2162686356)


def test_a_payload_from_before_there_were_words_is_read() -> None:
    assert unfolded(zlib.compress(b'{"id":"1"}', 1)) == '{"id":"1"}'
