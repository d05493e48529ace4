"""What follows a sale, asked and decided over the Open API: cancellations and returns, how they may
be decided, what was said in them, and cancellations by the seller. A part of TikTokChannel.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from shipboard.channels.case_contract import (
    Answer,
    CancelOptions,
    CaseRecord,
    CaseTarget,
    Decision,
    DecisionFact,
    Picture,
)
from shipboard.channels.contract import CasesPage, ChannelFailure, Stream, Unheard
from shipboard.channels.models import Shop
from shipboard.channels.tiktok import answers, canceling, decided, decisions, paging, pictures
from shipboard.channels.tiktok.cases import Told, read_cancellation, read_return
from shipboard.channels.tiktok.client import Client
from shipboard.channels.tiktok.decisions import Eligible
from shipboard.channels.tiktok.records import read_records

#: Typed as text by the API, and 10 to 50 for returns.
CASES_A_PAGE = 50
#: No such path, and no such version of it.
NOT_THERE = ("36009009", "36009014")


class CaseCalls:
    """The half of contract.Channel that is about cases."""

    def __init__(self, shop: Shop, client: Client) -> None:
        self.shop, self.client = shop, client

    def changed_cases(
        self, stream: Stream, since: datetime, until: datetime, page: str = ""
    ) -> CasesPage:
        """Stream.CANCELLATIONS or Stream.RETURNS, by the time of their last change."""
        is_return = stream is Stream.RETURNS
        answer = self.client.call(
            "search_returns" if is_return else "search_cancellations",
            query={"page_size": CASES_A_PAGE, "page_token": page or None, **paging.OLDEST_FIRST},
            body=paging.window(since, until),
        )
        return _returns_page(answer) if is_return else _cancellations_page(answer)

    def cases_of(
        self, order_ids: Sequence[str], stream: Stream = Stream.CANCELLATIONS
    ) -> CasesPage:
        """All cancellations (or returns) of these orders, whatever their state, on one page."""
        found, is_return = CasesPage(), stream is Stream.RETURNS
        operation = "search_returns" if is_return else "search_cancellations"
        for some in paging.chunks(order_ids):
            page = ""
            for _ in range(paging.MOST_PAGES):
                answer = self.client.call(
                    operation,
                    query={"page_size": CASES_A_PAGE, "page_token": page or None},
                    body={"order_ids": some},
                )
                told = _returns_page(answer) if is_return else _cancellations_page(answer)
                found = CasesPage(
                    cases=found.cases + told.cases, unheard=found.unheard + told.unheard
                )
                page = told.next_page
                if not page:
                    break
            else:
                raise paging.unreadable(operation, "its pages have no end")
        return found

    def decisions(self, case: CaseTarget) -> tuple[DecisionFact, ...]:
        """By the question of 202601; where the API does not know it, by the reasons to reject."""
        told = self._eligible(case, decisions.asked(case.is_cancellation))
        if told is not None:
            return decisions.facts(told, is_cancellation=case.is_cancellation)
        answer = self.client.call("reject_reasons", query={"return_or_cancel_id": case.case_id})
        reasons = paging.read("reject_reasons", answer, decisions.read_reasons)
        return decisions.by_reasons(reasons, is_cancellation=case.is_cancellation)

    def has_come_of(self, decision: Decision, status: str) -> bool:
        """As contract.Channel says."""
        return decided.has_come_of(decision, status)

    def case_records(self, case: CaseTarget) -> tuple[CaseRecord, ...]:
        if case.is_cancellation:
            return ()
        answer = self.client.call("return_records", ids={"return_id": case.case_id})
        return paging.read("return_records", answer, read_records)

    def upload_picture(self, picture: Picture) -> str:
        answer = self.client.call("upload_image", form=pictures.form(picture))
        return paging.read("upload_image", answer, pictures.read_uploaded)

    def answer(self, case: CaseTarget, answer: Answer, *, key: str) -> None:
        call = decisions.call_of(case, answer)
        if answer.decision is Decision.REFUND_WITHOUT_RETURN and self._refunds_directly(case):
            call = decisions.direct_refund(case)
        self.client.call(
            call.operation,
            ids=call.ids,
            query={"idempotency_key": key},
            body=call.body,
            version=call.version,
        )

    def _refunds_directly(self, case: CaseTarget) -> bool:
        """Whether a refund without return has a decision of its own here; else it is the approval
        of the return with the item kept."""
        return decisions.is_direct(self._eligible(case, decisions.WITHOUT_RETURN) or {})

    def _eligible(self, case: CaseTarget, asked: Sequence[str]) -> dict[str, Eligible] | None:
        """What is said of these decisions; None where the API does not know the question."""
        query = {"return_or_cancel_id": case.case_id, "check_decisions": asked}
        try:
            answer = self.client.call("decision_eligibility", query=query)
        except ChannelFailure as failure:
            if failure.code not in NOT_THERE:
                raise
            return None
        return paging.read("decision_eligibility", answer, decisions.read_decisions)

    def cancel_options(self, order_id: str) -> CancelOptions:
        """By the question that names reasons; where the API does not know it, by the older one and
        the reasons that its documentation names."""
        try:
            entries = self._cancelable(order_id, canceling.WITH_REASONS)
        except ChannelFailure as failure:
            if failure.code not in NOT_THERE:
                raise
            entries = self._cancelable(order_id, "")
        return canceling.options(entries, self.shop.region)

    def _cancelable(self, order_id: str, version: str) -> list[canceling.Entry]:
        answer = self.client.call(
            "aftersale_eligibility",
            ids={"order_id": order_id},
            query=canceling.ASKED,
            version=version,
        )
        return paging.read("aftersale_eligibility", answer, canceling.read_entries)

    def cancel(self, order_id: str, *, reason: str, unit_ids: Sequence[str] = ()) -> str:
        version = self.client.version("cancel_order")
        body = canceling.body(version, order_id, reason, unit_ids)
        answer = self.client.call("cancel_order", body=body)
        return canceling.read_canceled(answer.data)


def _cancellations_page(answer: answers.Answer) -> CasesPage:
    payloads = paging.rows("search_cancellations", answer, "cancellations")
    return _cases_page(answer, payloads, map(read_cancellation, payloads))


def _returns_page(answer: answers.Answer) -> CasesPage:
    payloads = paging.rows("search_returns", answer, "return_orders")
    return _cases_page(answer, payloads, map(read_return, payloads))


def _cases_page(
    answer: answers.Answer, payloads: Sequence[object], told: Iterable[Told | Unheard]
) -> CasesPage:
    entries = list(told)
    return CasesPage(
        cases=tuple(one for one in entries if not isinstance(one, Unheard)),
        unheard=tuple(one for one in entries if isinstance(one, Unheard)),
        next_page=paging.next_page(answer),
        total=paging.total(answer),
        reached=paging.reached(payloads),
    )
