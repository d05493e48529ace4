"""A label that comes as a picture, as one page of its own: every dot as it is, without loss."""

from __future__ import annotations

import io
import warnings

from PIL import Image

from shipboard.printing.pdf_file import PdfFile
from shipboard.printing.records import Damaged, Pages

#: A 4 x 6 in label at 600 dots an inch has nine million.
_MOST_DOTS = 40_000_000
_SPACES = {"1": ("DeviceGray", 1), "L": ("DeviceGray", 8), "RGB": ("DeviceRGB", 8)}


def picture_pdf(part: Pages) -> bytes:
    """As large as the picture says, else as wide as its paper. Raises Damaged."""
    given = _read(part)
    wide, high = _points(given, part)
    picture = _plain(given)
    space, bits = _SPACES[picture.mode]
    file = PdfFile()
    entries = (
        f"/Type/XObject/Subtype/Image/Width {picture.width}/Height {picture.height}"
        f"/ColorSpace/{space}/BitsPerComponent {bits}"
    )
    shown = file.add_stream(picture.tobytes(), entries)
    file.add_page((wide, high), b"q %.3f 0 0 %.3f 0 0 cm /P Do Q" % (wide, high), picture=shown)
    return file.written()


def _read(part: Pages) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(part.content))
            if picture.width * picture.height > _MOST_DOTS:
                raise Damaged(part.name, "its picture is too large")
            picture.load()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise Damaged(part.name, "its picture is too large") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise Damaged(part.name, "its file is not a whole picture") from error
    return picture


def _plain(picture: Image.Image) -> Image.Image:
    """Black and white, gray or coloured; what is transparent becomes white."""
    if picture.mode in _SPACES:
        return picture
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda dots: dots / 256).convert("L")
    if picture.has_transparency_data:
        whole = picture.convert("RGBA")
        white = Image.new("RGBA", whole.size, "white")
        return Image.alpha_composite(white, whole).convert("RGB")
    return picture.convert("RGB")


def _points(picture: Image.Image, part: Pages) -> tuple[float, float]:
    dots = picture.info.get("dpi")
    across, down = dots if isinstance(dots, tuple) else (0, 0)
    if across >= 72 and down >= 72:
        return 72 * picture.width / across, 72 * picture.height / down
    wide = part.paper.points[0]
    return wide, wide * picture.height / picture.width
