"""Pictures that back an answer: decoded whole and drawn anew, without where and by what they were
taken, before they are handed to the marketplace. Only the marketplace's ids of them are kept here.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Mapping, Sequence

from django.core import signing
from django.core.files import File
from PIL import Image, ImageOps

from shipboard.channels import registry
from shipboard.channels.case_contract import Picture
from shipboard.channels.models import Shop
from shipboard.fulfilment.answering import MOST_PICTURES
from shipboard.fulfilment.refusals import BadAnswer

MOST_BYTES = 5 * 1024 * 1024
#: Phones write JPEG files of several pictures (MPO); the first one counts.
MEDIA_TYPES: Mapping[str, str] = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
}
#: Three bytes each while it is drawn anew; more is made to fill the memory.
MOST_DOTS = 50_000_000
SHORTEST, LONGEST = 100, 20_000
#: How well a JPEG is drawn anew: as well as fits.
QUALITIES = (92, 80, 65)
#: What Pillow's readers say of bytes that are not what they claim.
BROKEN = (
    ArithmeticError, AttributeError, EOFError, LookupError, OSError, SyntaxError, TypeError,
    ValueError, struct.error, zlib.error,
)  # fmt: skip
#: What was handed over goes along in a form that comes back, signed; so long, in seconds.
SALT, LAST = "case-pictures", 3_600


def pictures_of(files: Sequence[File[bytes]], already: int = 0) -> list[Picture]:
    """What was chosen, `already` many being at the marketplace. Raises BadAnswer."""
    given = [each for each in files if each.size]
    if len(given) + already > MOST_PICTURES:
        raise BadAnswer("pictures", f"At most {MOST_PICTURES} pictures can go with an answer.")
    return [_picture(each, place) for place, each in enumerate(given, 1)]


def _picture(file: File[bytes], place: int) -> Picture:
    if (file.size or 0) > MOST_BYTES:
        raise BadAnswer("pictures", f"Picture {place} is larger than 5 MB; make it smaller.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            found = Image.open(io.BytesIO(file.read()), formats=("JPEG", "PNG"))
            _check_size(found, place)
            media_type, plain = MEDIA_TYPES[found.format or ""], _plain(found)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise BadAnswer("pictures", _too_many(place)) from None
    except BROKEN:
        raise BadAnswer("pictures", f"Picture {place} is no whole JPEG or PNG picture.") from None
    content = _drawn(plain, media_type)
    if len(content) > MOST_BYTES:
        raise BadAnswer("pictures", f"Picture {place} is larger than 5 MB; make it smaller.")
    return Picture(content=content, media_type=media_type, width=plain.width, height=plain.height)


def _check_size(picture: Image.Image, place: int) -> None:
    """Before any of it is decoded. Raises BadAnswer."""
    if picture.width * picture.height > MOST_DOTS:
        raise BadAnswer("pictures", _too_many(place))
    if not SHORTEST <= min(picture.size) <= max(picture.size) <= LONGEST:
        raise BadAnswer(
            "pictures",
            f"Picture {place} has {picture.width:,} × {picture.height:,} dots; the marketplace "
            f"takes {SHORTEST} to {LONGEST:,} on each side.",
        )


def _too_many(place: int) -> str:
    return f"Picture {place} has too many dots; make it smaller."


def _plain(picture: Image.Image) -> Image.Image:
    """The upright dots alone. Raises one of BROKEN where they do not decode whole."""
    picture.load()
    ImageOps.exif_transpose(picture, in_place=True)
    is_clear = "A" in picture.getbands() or "transparency" in picture.info
    plain = picture.convert("RGBA" if is_clear and picture.format == "PNG" else "RGB")
    plain.info = {}
    return plain


def _drawn(plain: Image.Image, media_type: str) -> bytes:
    drawn = io.BytesIO()
    if media_type == "image/png":
        plain.save(drawn, "PNG")
        return drawn.getvalue()
    for quality in QUALITIES:
        drawn = io.BytesIO()
        plain.save(drawn, "JPEG", quality=quality)
        if len(drawn.getvalue()) <= MOST_BYTES:
            break
    return drawn.getvalue()


def hand_over(pictures: Sequence[Picture], shop: Shop) -> tuple[str, ...]:
    """The marketplace's id of each. Not inside a transaction. Raises ChannelFailure and
    NotConnected."""
    if not pictures:
        return ()
    channel = registry.open_channel(shop)
    return tuple(channel.upload_picture(each) for each in pictures)


def sealed(ids: Sequence[str], case_pk: int) -> str:
    return signing.dumps([case_pk, list(ids)], salt=SALT) if ids else ""


def unsealed(token: str, case_pk: int) -> tuple[str, ...]:
    """The ids that a form of this case brought back; none where the token is not of it, or old."""
    try:
        pk, ids = signing.loads(token, salt=SALT, max_age=LAST)
    except (signing.BadSignature, ValueError):
        return ()
    return tuple(ids) if pk == case_pk else ()
