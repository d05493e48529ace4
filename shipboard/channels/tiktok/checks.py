"""What can be tested of an app and a seller's grant, each with a sentence of its own: host, clock,
key, secret, redirect, domain and scopes. Asks the marketplace; changes nothing there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

from shipboard.channels import calls, http
from shipboard.channels.contract import ChannelFailure, FailureKind
from shipboard.channels.models import App, Grant
from shipboard.channels.tiktok import answers, hooking, scopes, token_calls
from shipboard.channels.tiktok.asking import asked
from shipboard.channels.tiktok.hosts import api_host
from shipboard.channels.tiktok.versions import OPERATIONS, version_of

SECONDS = 8.0
ANSWER_MOST = 1024 * 1024
#: Neither was ever given by anybody: what is refused about them tells of the app.
NO_CODE = NO_TOKEN = "shipboard-checks-the-app"  # noqa: S105
#: Refusals of the code itself: key and secret had been accepted by then.
CODE_REFUSED = frozenset({"36004001", "36004004", "36004005"})
APP_REFUSED = "36004003"
WRONG_SIGNATURE = "106001"
PROBE = "authorized_shops"
TELLS = "Authorising will tell."


class Level(StrEnum):
    GOOD = "good"
    BAD = "bad"
    #: It works without.
    NOTE = "note"
    #: Cannot be told yet.
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    what: str
    level: Level
    sentence: str
    next_step: str = ""


def before(app: App, desk: str) -> tuple[Check, ...]:
    """What can be tested before a seller grants access. `desk` is the desk's public address."""
    return (
        *_host(app),
        *credentials(app),
        Check(what="Redirect", level=Level.OPEN, sentence=f"Not reached yet. {TELLS}"),
        domain(app, desk),
        Check(
            what="Scopes",
            level=Level.OPEN,
            sentence="TikTok Shop names them only with the access. They follow then.",
        ),
    )


def after(grant: Grant, desk: str) -> tuple[Check, ...]:
    """What the way back from TikTok Shop has shown."""
    app = "TikTok Shop gave access for it."
    return (
        Check(what="App key", level=Level.GOOD, sentence=app),
        Check(what="App secret", level=Level.GOOD, sentence=app),
        Check(what="Redirect", level=Level.GOOD, sentence="TikTok Shop's answer came back here."),
        domain(grant.app, desk),
        *granted(grant),
    )


def granted(grant: Grant) -> tuple[Check, ...]:
    """One check for each scope that is missing, or one for all."""
    if not grant.scopes:
        said = "TikTok Shop did not say which scopes it granted."
        return (Check(what="Scopes", level=Level.NOTE, sentence=said),)
    missing = scopes.missing(grant)
    if not missing:
        return (Check(what="Scopes", level=Level.GOOD, sentence="All that the desk uses."),)
    return tuple(
        Check(
            what="Scopes",
            level=Level.BAD,
            sentence=f"{scope} is missing: {cost}.",
            next_step="Add it to the app in the Partner Center, then authorise again.",
        )
        for scope, cost in missing.items()
    )


def domain(app: App, desk: str) -> Check:
    try:
        where = hooking.address(app, desk)
    except ValueError as problem:
        return Check(what="Domain", level=Level.NOTE, sentence=str(problem))
    return Check(what="Domain", level=Level.GOOD, sentence=f"Webhooks can be sent to {where}.")


def credentials(app: App) -> tuple[Check, Check]:
    """Key and secret, by asking for tokens with a code that nobody gave: whoever refuses the code
    has accepted both. The seller's own tokens are not touched."""
    try:
        answer = token_calls.exchange(app, NO_CODE)
        calls.record(answer.call)
        outcome = answer.outcome
        if not isinstance(outcome, ChannelFailure):
            return _both(Level.OPEN, f"TikTok Shop gave an answer that tells nothing. {TELLS}")
        if outcome.code in CODE_REFUSED:
            return _both(Level.GOOD, "TikTok Shop knows it.")
        if outcome.kind is not FailureKind.AUTH:
            said = f"{outcome.sentence} It could not be tested."
            return _both(Level.OPEN, said, outcome.next_step)
        return _which(app, outcome)
    except ChannelFailure as failure:
        # The stored secret cannot be opened with the desk's present key.
        step = "Enter the app secret again."
        return (
            Check(what="App key", level=Level.OPEN, sentence="It could not be tested."),
            Check(what="App secret", level=Level.BAD, sentence=failure.sentence, next_step=step),
        )


def _which(app: App, refused: ChannelFailure) -> tuple[Check, Check]:
    """Key or secret: a signed call is refused for its signature where only the secret is wrong."""
    if _signed_code(app) == WRONG_SIGNATURE:
        return (
            Check(what="App key", level=Level.GOOD, sentence="TikTok Shop knows it."),
            Check(
                what="App secret",
                level=Level.BAD,
                sentence="It is not the secret of this app key.",
                next_step="Copy it again from the app's page in the Partner Center.",
            ),
        )
    if refused.code == APP_REFUSED:
        return (
            Check(
                what="App key",
                level=Level.BAD,
                sentence="TikTok Shop does not know this key with this secret.",
                next_step="Copy both again from the app's page in the Partner Center.",
            ),
            Check(
                what="App secret",
                level=Level.OPEN,
                sentence="It can be tested once the key is right.",
            ),
        )
    said = f"TikTok Shop's answer (code {refused.code or 'none'}) does not tell. {TELLS}"
    return _both(Level.OPEN, said)


def _both(level: Level, sentence: str, next_step: str = "") -> tuple[Check, Check]:
    key, secret = (
        Check(what=what, level=level, sentence=sentence, next_step=next_step)
        for what in ("App key", "App secret")
    )
    return key, secret


def _host(app: App) -> tuple[Check, Check]:
    """The API's host, by a call without key or signature, and this machine's clock by its answer.
    Of what the host answers only the status is shown."""
    url = api_host(app)
    path = OPERATIONS[PROBE].path.format(v=version_of(PROBE, app.versions))
    late = Check(what="Clock", level=Level.OPEN, sentence="It could not be compared.")
    step = "Check the address of the API under the app's hosts, and this machine's network."
    try:
        reply = http.send("GET", f"{url}{path}", most=ANSWER_MOST, read_seconds=SECONDS)
    except http.CallFailed as error:
        found = Check(what="Host", level=Level.BAD, sentence=str(error), next_step=step)
        return found, late
    if not _is_envelope(reply.body):
        said = f"{url} answers (HTTP {reply.status}), but not as TikTok Shop's API does."
        return Check(what="Host", level=Level.BAD, sentence=said, next_step=step), late
    good = Check(what="Host", level=Level.GOOD, sentence=f"{url} answers.")
    if "date" not in reply.headers:
        return good, late
    if problem := answers.clock_problem(reply.headers["date"]):
        step = "Set this machine's clock by a time server."
        return good, Check(what="Clock", level=Level.BAD, sentence=problem, next_step=step)
    return good, Check(what="Clock", level=Level.GOOD, sentence="It agrees with TikTok Shop's.")


def _is_envelope(body: bytes) -> bool:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(message, dict) and "code" in message


def _signed_code(app: App) -> str:
    """The code with which a signed call with a made-up token is refused; blank for no answer."""
    call = asked(app, PROBE, {}, {}, None)
    headers = {"content-type": "application/json", "x-tts-access-token": NO_TOKEN}
    try:
        reply = http.send(
            "GET", call.address(app, ""), headers=headers, most=ANSWER_MOST, read_seconds=SECONDS
        )
    except http.CallFailed:
        return ""
    said = answers.read(call.operation, reply)
    return said.failure.code if isinstance(said, answers.Refusal) else ""
