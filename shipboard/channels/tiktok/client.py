"""Calls of TikTok Shop's Open API: signed, limited, written down, tried again where that is safe.
A thin client: what the data means is for others. Never called inside a transaction.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from shipboard.channels import calls, http, sealed
from shipboard.channels.contract import ChannelFailure, FailureKind
from shipboard.channels.models import App, Connection, Grant
from shipboard.channels.tiktok import answers, limits, tokens
from shipboard.channels.tiktok.answers import Answer, Refusal
from shipboard.channels.tiktok.asking import Asked, asked
from shipboard.channels.tiktok.hosts import api_host
from shipboard.channels.tiktok.pictures import Form
from shipboard.channels.tiktok.versions import Operation, version_of

__all__ = ["Answer", "Client"]

#: A call is made so often at most, and sleeps no longer than this in all.
TRIES = 4
PATIENCE_SECONDS = 10.0
RETRIED = frozenset({FailureKind.THROTTLED, FailureKind.TRANSIENT})

#: Tests need not wait.
sleep = time.sleep


class Client:
    """Calls for one shop (`connection`), or, without one, those of a `grant` that are about no
    shop. The access token is renewed as needed."""

    def __init__(self, connection: Connection | None, app: App, grant: Grant | None = None) -> None:
        if grant is None:
            if connection is None:
                raise ValueError("a client needs a connection or a grant")
            grant = connection.grant
        self.app, self.grant = app, grant
        self.shop_id = connection.shop_id if connection else None
        self._cipher = sealed.cipher(connection) if connection else ""

    def version(self, operation: str) -> str:
        """The version of an operation that is called; its body's shape hangs on it."""
        return version_of(operation, self.app.versions)

    def call(
        self,
        operation: str,
        *,
        ids: Mapping[str, str] | None = None,
        query: Mapping[str, object] | None = None,
        body: Mapping[str, object] | None = None,
        version: str = "",
        form: Form | None = None,
    ) -> Answer:
        """Call an operation of versions.py; see asking.asked for what it takes.

        Raises ChannelFailure; its outcome is UNKNOWN when a call that changes something may have
        been carried out. Calls that only read, and those that certainly did nothing, are tried
        again after a pause, as long as `PATIENCE_SECONDS` last.
        """
        call = asked(self.app, operation, ids or {}, query or {}, body, version, form)
        key = limits.key(self.app.pk, self.shop_id, operation)
        token, is_renewed = tokens.access_token(self.grant), False
        patience, tries = PATIENCE_SECONDS, 0
        while True:
            patience -= _turn(key, operation, patience)
            tries += 1
            answer = self._try(call, token, tries)
            if isinstance(answer, Answer):
                return answer
            if not is_renewed and (other := self._other_token(answer, token)):
                token, is_renewed = other, True
                continue
            patience -= _before_next(call.operation, answer, key, tries, patience)

    def fetch(self, url: str, *, most: int = http.DOCUMENTS_MOST) -> http.Reply:
        """A file that an answer points to, such as a label; our token is not shown to its host.

        Only this very machine, if the API is on it, may be called without https. Raises
        ChannelFailure TRANSIENT: ask for a new address and try again.
        """
        began, reply = time.monotonic(), None
        try:
            if not url.startswith("https://") and not http.is_loopback(_host(api_host(self.app))):
                raise http.NotSent("Only https addresses of files are called.")
            reply = http.send("GET", url, most=most)
            problem = "" if reply.status == 200 else f"The file's host said HTTP {reply.status}."
        except http.CallFailed as error:
            problem = str(error)
        failed = _file_failure(problem) if problem else None
        # The path and query of such an address open the file to whoever has them.
        self._record("fetch_file", "GET", f"//{_host(url)}/…", began, reply, failed)
        if reply is None or failed is not None:
            raise failed or _file_failure("The file did not come.")
        return reply

    def _try(self, call: Asked, token: str, number: int) -> Answer | Refusal:
        method, began, reply = call.operation.method, time.monotonic(), None
        answer: Answer | Refusal
        try:
            reply = http.send(
                method,
                call.address(self.app, self._cipher),
                headers={"content-type": call.content_type, "x-tts-access-token": token},
                body=call.body,
            )
            answer = answers.read(call.operation, reply)
        except http.CallFailed as error:
            answer = answers.unanswered(call.operation, error)
        said = answer if isinstance(answer, Answer) else answer.failure
        name, shown = call.operation.name, call.shown
        self._record(name, method, call.path, began, reply, said, number, shown)
        return answer

    def _other_token(self, answer: Refusal, token: str) -> str:
        """What to try again with: for a token that has ended, or that is not known any more since
        somebody else was given another, a renewed one, by whichever process; else blank."""
        code = answer.failure.code
        if code not in (answers.EXPIRED, answers.BAD_CREDENTIALS) or answer.is_clock:
            return ""
        try:
            return tokens.access_token(self.grant, refused=token)
        except ChannelFailure:
            # Where the token may not be to blame, what the call was told says more.
            if code == answers.EXPIRED or self.grant.ended_at is not None:
                raise
            return ""

    def _record(
        self,
        operation: str,
        method: str,
        path: str,
        began: float,
        reply: http.Reply | None,
        said: Answer | ChannelFailure | None,
        attempt: int = 1,
        query: Mapping[str, object] | None = None,
    ) -> None:
        failed = said if isinstance(said, ChannelFailure) else None
        calls.record(
            calls.Call(
                shop_id=self.shop_id,
                operation=operation,
                method=method,
                path=path,
                query=query or {},
                attempt=attempt,
                status=reply.status if reply else None,
                code=failed.code if failed else "",
                words=(failed.words or failed.sentence) if failed else "",
                request_id=said.request_id if said else "",
                milliseconds=round((time.monotonic() - began) * 1000),
                bytes=len(reply.body) if reply else 0,
                failure=failed.kind if failed else "",
            )
        )


def _turn(key: str, operation: str, patience: float) -> float:
    """Wait for a turn; gives the seconds it took. Raises THROTTLED when it is too far away."""
    try:
        wait = limits.take(key, patience)
    except limits.Busy as busy:
        raise ChannelFailure(
            FailureKind.THROTTLED,
            operation=operation,
            sentence="TikTok Shop is called as often as it allows; this call has to wait.",
            next_step="It goes on by itself in a moment.",
            retry_after=busy.seconds,
            allowed=("retry",),
        ) from None
    if wait > 0:
        sleep(wait)
    return wait


def _before_next(
    operation: Operation, answer: Refusal, key: str, tries: int, patience: float
) -> float:
    """Pause before the next try, as far as one is allowed; gives the seconds slept. Raises the
    failure when there is to be none. Throttled, the pause is everybody's: the next turn waits."""
    failed = answer.failure
    if answer.is_clock or failed.kind not in RETRIED:
        raise failed
    is_throttled = failed.kind is FailureKind.THROTTLED
    # Doubling, and with jitter, so that many callers do not come back together.
    wait = (1.0 if is_throttled else 0.5) * 2.0 ** (tries - 1) * random.uniform(0.5, 1)  # noqa: S311
    if is_throttled:
        limits.pause(key, wait)
    is_safe = answer.nothing_done or not operation.writes
    if not is_safe or tries >= TRIES or wait > patience:
        failed.retry_after = failed.retry_after or wait
        raise failed
    if is_throttled:
        return 0.0
    sleep(wait)
    return wait


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _file_failure(problem: str) -> ChannelFailure:
    return ChannelFailure(
        FailureKind.TRANSIENT,
        operation="fetch_file",
        sentence=problem,
        next_step="Try again.",
        allowed=("retry",),
    )
