"""A picture that backs a decision, handed over as a form. Which upload serves after-sales pictures
is not documented: it is that of product pictures, whose answer names the picture by its `uri`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from shipboard.channels.case_contract import Picture
from shipboard.channels.tiktok.values import Odd, Payload, text

NAMES = {"image/jpeg": "picture.jpg", "image/png": "picture.png"}
URI_MOST = 400


@dataclass(frozen=True, slots=True)
class Form:
    """The bytes of a multipart form, which are not signed. `shown`: what the log says of it."""

    content_type: str
    body: bytes
    shown: str


def form(picture: Picture) -> Form:
    boundary = f"shipboard-{secrets.token_hex(16)}"
    name = NAMES.get(picture.media_type, "picture")
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="data"; filename="{name}"\r\n'
        f"Content-Type: {picture.media_type}\r\n\r\n"
    )
    body = head.encode() + picture.content + f"\r\n--{boundary}--\r\n".encode()
    shown = f"{picture.media_type}, {picture.width} by {picture.height}, {len(picture.content)} B"
    return Form(f"multipart/form-data; boundary={boundary}", body, shown)


def read_uploaded(data: Payload) -> str:
    """Raises Odd."""
    if uri := text(data, "uri", URI_MOST):
        return uri
    raise Odd("uri is missing.")
