"""What may be done to the market from outside: set its clock, facts and faults, send its webhooks,
make the world act. Each act takes plain fields and gives plain facts, for forms and JSON alike.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox import verbs
from sandbox.facts import TABLE
from sandbox.faults import ALL
from sandbox.kinds import Doc

if TYPE_CHECKING:
    from sandbox.market import Market


class Wrong(ValueError):
    """It cannot be done; the message says why."""


def clock(market: Market, given: Doc) -> Doc:
    """`setting` as SHIPBOARD_NOW (blank: true time), or `advance` by seconds."""
    if "advance" in given:
        market.clock.advance(int(given["advance"]))
    else:
        market.clock.follow(str(given.get("setting", "")))
    market.tick()
    return {"now": market.clock.now(), "setting": market.clock.setting()}


def fact(market: Market, given: Doc) -> Doc:
    """`key` and `value`, or `reset`."""
    if given.get("reset"):
        market.facts.reset()
        return {}
    key = str(given.get("key", ""))
    market.facts.set(key, _one_of(key, given.get("value")))
    return {key: market.facts.value(key)}


def _one_of(key: str, value: Any) -> Any:
    """A form gives text: the value of the fact that reads so."""
    row = TABLE.get(key)
    values = (row.value, *row.others) if row else ()
    return next((one for one in values if str(one) == str(value)), value)


def fault(market: Market, given: Doc) -> Doc:
    """`fault` with `rate`, or with `times` for the next calls, of `operation`; `seed`; `clear`."""
    if given.get("clear"):
        market.faults.clear()
    if "seed" in given:
        market.faults.seed(int(given["seed"]))
    if "fault" not in given:
        return {}
    name, operation = str(given["fault"]), str(given.get("operation") or ALL)
    if "times" in given:
        market.faults.one_shot(operation, name, int(given["times"]))
    else:
        market.faults.switch(name, float(given.get("rate", 0)), operation)
    return {"fault": name, "operation": operation}


def latency(market: Market, given: Doc) -> Doc:
    """`milliseconds` that every call of the API takes at least."""
    market.latency.set(int(given["milliseconds"]))
    return {"milliseconds": market.latency.milliseconds}


def deliver(market: Market, given: Doc) -> Doc:
    """Sends the webhooks that are due; with `ahead`, also those of so many seconds from now."""
    at = market.clock.real() + float(given.get("ahead", 0))
    return {"answered": market.hooks.deliver_due(at)}


def pace(market: Market, given: Doc) -> Doc:
    """`pace` shortens every wait between two tries of a webhook."""
    market.hooks.pace = float(given["pace"])
    return {"pace": market.hooks.pace}


def do(market: Market, given: Doc) -> Doc:
    """`verb` for `shop`, with the verb's own fields."""
    return verbs.do(market, str(given.get("verb", "")), str(given.get("shop", "")), given)


def act(market: Market, name: str, given: Doc) -> Doc:
    """One of ACTS. Raises Wrong for a field that is missing, or that has no such value."""
    try:
        return ACTS[name](market, given)
    except (ValueError, LookupError) as error:
        raise Wrong(f"That cannot be done: {error}") from error


ACTS: dict[str, Callable[[Market, Doc], Doc]] = {
    "clock": clock,
    "fact": fact,
    "fault": fault,
    "latency": latency,
    "deliver": deliver,
    "pace": pace,
    "do": do,
}
