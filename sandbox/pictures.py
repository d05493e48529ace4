"""Pictures that sellers upload: kept by their name, size and sides, never by their content. Which
upload serves after-sales is not documented; this is that of product pictures.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import flask

from sandbox.api import Call, Refusal, operation
from sandbox.facts import Trust, fact
from sandbox.kinds import Doc

KIND = "picture"
HOST = "https://pictures.sandbox.example"
MOST_BYTES = 10 * 1024 * 1024
SIDES = range(100, 20_001)
USES = (
    "MAIN_IMAGE",
    "ATTRIBUTE_IMAGE",
    "DESCRIPTION_IMAGE",
    "CERTIFICATION_IMAGE",
    "SIZE_CHART_IMAGE",
    "CUSTOMIZATION_IMAGE",
)
#: Frames of a JPEG that tell its sides.
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}

fact(
    "case_pictures_are_product_pictures",
    "A picture of a rejection is named by the uri that the upload of product pictures gave.",
    Trust.INFERRED,
    True,
)


@operation(
    "upload_image",
    "POST",
    "/product/{version}/images/upload",
    scope="seller.product.basic",
    cipher=False,
)
def upload_image(call: Call) -> Doc:
    given = flask.request.files.get("data")
    content = given.read() if given else b""
    if not content:
        raise Refusal(36009022, "data is missing.")
    use = flask.request.form.get("use_case") or USES[0]
    width, height = _sides(content)
    if use not in USES or len(content) > MOST_BYTES or not {width, height} <= set(SIDES):
        raise Refusal(36009010, "The picture's format, size or sides are not taken.")
    uri = f"tos-sandbox/{call.market.books.number(KIND):032x}"
    doc: Doc = {"id": uri, "width": width, "height": height, "create_time": call.now}
    call.market.books.put(KIND, "", doc)
    told = {"uri": uri, "url": f"{HOST}/{uri}.jpg", "use_case": use}
    return told | {"width": width, "height": height}


def shown(call: Call) -> list[Doc]:
    """The pictures that the body of a rejection names, as a record shows them. Raises Refusal."""
    found = []
    for image in call.body.get("images") or ():
        uri = str(image.get("image_id") or "")
        doc = call.market.books.get(KIND, "", uri)
        if doc is None or not call.on("case_pictures_are_product_pictures"):
            raise Refusal(36009010, "An image_id is not known.")
        sides = {"width": doc["width"], "height": doc["height"]}
        found.append({"url": f"{HOST}/{uri}.jpg"} | sides)
    return found


def _sides(content: bytes) -> tuple[int, int]:
    """Of a PNG or JPEG; none of what is neither."""
    try:
        if content.startswith(b"\x89PNG\r\n\x1a\n"):
            width, height = struct.unpack(">II", content[16:24])
            return width, height
        if content.startswith(b"\xff\xd8"):
            return next(_frames(content), (0, 0))
    except (struct.error, IndexError):
        pass
    return 0, 0


def _frames(content: bytes) -> Iterator[tuple[int, int]]:
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        if content[at + 1] in FRAMES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            yield width, height
            return
        at += 2 + struct.unpack(">H", content[at + 2 : at + 4])[0]
