"""Text from outside as it may be stored: without what PostgreSQL cannot keep or no screen can show,
whichever channel it came by.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

# Controls but newline and tab, surrogates and the two non-characters that end the plane.
UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def clean(value: str) -> str:
    """`value` without surrounding whitespace and unwanted characters; newlines are `\\n`."""
    value = value.strip()
    if "\r" in value:
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    return UNWANTED.sub("", value).strip() if UNWANTED.search(value) else value


def is_web_address(value: str) -> bool:
    """Whether a browser may be sent there: whole, by https and nothing else."""
    try:
        split = urlsplit(value)
        return split.scheme == "https" and bool(split.hostname) and (split.port or 443) > 0
    except ValueError:
        return False
