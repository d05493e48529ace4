"""The benchmarks of shipments and labels, too small to tell anything, so that it cannot rot."""

from __future__ import annotations

import json

from tests.bench.conftest import Told


def test_asking_and_sending_can_be_measured(told: Told) -> None:
    asked, sent, calls = json.loads(
        told("bench.shipments", "--json", "--rows", "60", "--latency", "20")
    )
    assert asked[0] == "Ask for 60 shipments in one run, row by row"
    assert sent[0].startswith("Send 60 shipments, 10 calls in flight, each 20 ms")
    assert calls[2] == "calls that ship: 60"


def test_labels_can_be_measured_and_each_is_bought_once(told: Told) -> None:
    asked, made = json.loads(told("bench.labels", "--json", "--rows", "20", "--latency", "20"))
    assert asked[0] == "Ask for 20 labels in one run, row by row"
    assert made[0].startswith("Buy 20 labels and fetch their files, 10 calls in flight")
