"""What the marketplace is asked when somebody is about to decide: how a case may be answered now,
what was said in it, and what may be canceled of an order. Calls; never inside a transaction.
"""

from __future__ import annotations

from shipboard.channels import registry
from shipboard.channels.case_contract import CancelOptions, CaseRecord, DecisionFact
from shipboard.fulfilment.answer_wishes import target_of
from shipboard.orders.models import Case, Order


def decisions_now(case: Case) -> tuple[DecisionFact, ...]:
    """How the case may be decided now, with the reasons that each decision takes. `case` comes with
    its order and shop. Raises ChannelFailure and NotConnected."""
    return registry.open_channel(case.order.shop).decisions(target_of(case, case.order))


def records_of(case: Case) -> tuple[CaseRecord, ...]:
    """What happened in the case and what people wrote, oldest first: personal data, not to be kept.
    Raises ChannelFailure and NotConnected."""
    return registry.open_channel(case.order.shop).case_records(target_of(case, case.order))


def cancel_options_of(order: Order) -> CancelOptions:
    """What the seller may cancel of the order now, and why. `order` comes with its shop. Raises
    ChannelFailure and NotConnected."""
    return registry.open_channel(order.shop).cancel_options(order.order_id)
