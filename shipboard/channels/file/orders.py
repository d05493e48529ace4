"""The rows of one order to one OrderFact. One bad row rejects the order: half an order on the desk
would be shipped as if it were whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from ..contract import OrderFact, OrderType, Shipping
from .cases import cases_of
from .columns import CHARGES, RECIPIENT
from .errors import Rejection, quoted
from .extra import line_extra, order_extra
from .lines import line_fact, lines_of, parcels_of
from .rows import OrderRows, Reading, Row
from .stages import stage_of
from .times import all_arranged, order_times
from .vocabulary import canceler, is_cash_on_delivery, order_type, shipping


def order_fact(order_id: str, rows: Sequence[Row], reading: Reading) -> OrderFact:
    """The order that `rows` describe, in the stage that the file says (the desk's clock decides
    later what time alone changes). Raises Rejection."""
    order = OrderRows(rows, reading)
    status, substatus = order.agreed("status"), order.agreed("substatus")
    created_at, times = order_times(order)
    total = _not_negative(order, "total")
    refund = _not_negative(order, "refund")
    charges = {key: amount for key in CHARGES if (amount := order.money(key)) is not None}
    lines = lines_of(order)
    stage, source = stage_of(
        status,
        substatus,
        times,
        all_arranged=all_arranged(order),
        remarks=reading.remarks,
        row=order.rows[0].number,
    )
    reason = order.first("cancel_reason")
    payment_method = order.first("payment_method")
    extra = order_extra(order, lines)
    cases, strange_case = cases_of(order, stage, refund, reason)
    if strange_case:
        extra[order.layout.title("case_type")] = strange_case
    shipping_type, is_platform_fulfilled = _shipping(order, extra)
    return OrderFact(
        order_id=order_id,
        as_of=reading.as_of,
        stage=stage,
        stage_source=source,
        status_words=" / ".join(word for word in (status, substatus) if word),
        order_type=_order_type(order, total, extra),
        shipping=shipping_type,
        is_platform_fulfilled=is_platform_fulfilled,
        is_cod=is_cash_on_delivery(payment_method),
        currency=_currency(order),
        total=total,
        charges=charges,
        created_at=created_at,
        paid_at=times["paid_at"],
        arranged_at=times["arranged_at"],
        collected_at=times["collected_at"],
        delivered_at=times["delivered_at"],
        canceled_at=times["canceled_at"],
        canceled_by=_canceled_by(order),
        cancel_reason=reason,
        warehouse=order.any("warehouse"),
        delivery_option=order.first("delivery_option"),
        delivery_option_type=order.first("delivery_option_type"),
        carrier=order.any("carrier"),
        payment_method=payment_method,
        buyer_username=order.first("buyer_username"),
        buyer_message=order.first("buyer_message"),
        seller_note=order.first("seller_note"),
        recipient=_recipient(order, extra),
        lines=tuple(line_fact(line, line_extra(line, order, extra), order) for line in lines),
        parcels=parcels_of(lines, order),
        cases=cases,
        names_all_cases="case_type" in order.layout.at and not strange_case,
        extra=extra,
    )


def _canceled_by(order: OrderRows) -> str:
    word = order.first("canceled_by")
    return canceler(word) if word else ""


def _not_negative(order: OrderRows, key: str) -> Decimal | None:
    amount = order.money(key)
    if amount is not None and amount < 0:
        raise Rejection(
            order.rows[0].number,
            f"{order.layout.title(key)} is negative ({amount}). Put it right, or export the "
            "orders again.",
        )
    return amount


def _currency(order: OrderRows) -> str:
    """The shop's currency, or the one that the order's amounts name."""
    named = order.currencies
    own = order.reading.shop.currency
    if not named:
        return own
    if len(named) > 1:
        raise Rejection(
            max(named.values()),
            f"The order's amounts are in several currencies ({', '.join(sorted(named))}). Export "
            "the orders again.",
        )
    ((code, row),) = named.items()
    order.reading.remarks.add(
        f"Amounts are in {code} and the shop's currency is {own}; the file's was taken", row
    )
    return code


def _order_type(order: OrderRows, total: Decimal | None, extra: dict[str, str]) -> OrderType:
    """A blank type with nothing to pay is a sample: Seller Center leaves the type out there."""
    word = order.first("order_type")
    if not word:
        is_sample = "order_type" in order.layout.at and total == 0
        return OrderType.SAMPLE if is_sample else OrderType.NORMAL
    known = order_type(word)
    if known is None:
        _keep_strange(order, "order_type", word, extra)
    return known or OrderType.NORMAL


def _shipping(order: OrderRows, extra: dict[str, str]) -> tuple[Shipping, bool]:
    word = order.first("fulfillment_type")
    known = shipping(word) if word else (Shipping.UNSAID, False)
    if known is None:
        _keep_strange(order, "fulfillment_type", word, extra)
    return known or (Shipping.UNSAID, False)


def _keep_strange(order: OrderRows, key: str, word: str, extra: dict[str, str]) -> None:
    title = order.layout.title(key)
    extra[title] = word
    order.reading.remarks.add(
        f"The {title} {quoted(word)} is not known; it was kept as text", order.rows[0].number
    )


def _recipient(order: OrderRows, extra: dict[str, str]) -> dict[str, str]:
    """The recipient; where a file has both a region and a province, the province is the state."""
    recipient = {key: value for key in RECIPIENT if (value := order.first(key))}
    region = order.first("region")
    if region and "state" in recipient:
        extra[order.layout.title("region")] = region
    elif region:
        recipient["state"] = region
    return recipient
