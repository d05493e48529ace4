"""A call before it is sent: its path, query and body as TikTok Shop takes them, checked, and the
signed address of each try.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from shipboard.channels import sealed
from shipboard.channels.contract import ChannelFailure, FailureKind
from shipboard.channels.models import App
from shipboard.channels.tiktok.hosts import api_host
from shipboard.channels.tiktok.pictures import Form
from shipboard.channels.tiktok.signing import sign
from shipboard.channels.tiktok.versions import OPERATIONS, Operation, version_of

JSON = "application/json"
ID = re.compile(r"[\w-]{1,100}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asked:
    """`body` is the very bytes that are sent, and signed unless they are a form; `shown`: query and
    body for the log."""

    operation: Operation
    path: str
    query: Mapping[str, str]
    body: bytes
    shown: Mapping[str, object]
    content_type: str = JSON

    def address(self, app: App, cipher: str) -> str:
        """Signed anew for each try, as the time is part of what is signed."""
        query = {**self.query, "app_key": app.key, "timestamp": str(int(time.time()))}
        if self.operation.cipher:
            query["shop_cipher"] = cipher
        signed = self.body if self.content_type == JSON else b""
        query["sign"] = sign(sealed.app_secret(app), self.path, query, signed)
        return f"{api_host(app)}{self.path}?{urlencode(query, safe=',', quote_via=quote)}"


def asked(
    app: App,
    operation: str,
    ids: Mapping[str, str],
    query: Mapping[str, object],
    body: Mapping[str, object] | None,
    version: str = "",
    form: Form | None = None,
) -> Asked:
    """`ids` fill the operation's path. Sequences of the query are joined by commas (repeated names
    would be signed by their first value only), None is left out, flags are `true` and `false`.
    `version`: blank for the one that is chosen. `form`: instead of a body.
    Raises ChannelFailure FINAL for what cannot be an id."""
    for name, value in ids.items():
        if not ID.fullmatch(value):
            raise ChannelFailure(
                FailureKind.FINAL,
                operation=operation,
                sentence=f"{value[:40]!r} is no {name.replace('_', ' ')} of TikTok Shop.",
            )
    found = OPERATIONS[operation]
    text = "" if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    path = found.path.format(v=version or version_of(operation, app.versions), **ids)
    query_text = {name: _text(value) for name, value in query.items() if value is not None}
    if form is not None:
        return Asked(
            found, path, query_text, form.body, {**query, "form": form.shown}, form.content_type
        )
    return Asked(
        found, path, query_text, text.encode("utf-8", "replace"), {**query, **(body or {})}
    )


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join(map(str, value))
    return str(value)
