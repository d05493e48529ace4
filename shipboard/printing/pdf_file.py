"""The PDF itself, written object by object: pages of any size over one set of fonts, of which each
file carries the signs that it shows. Nothing in it tells when or where it was made.
"""

from __future__ import annotations

import zlib
from functools import cache

from shipboard.printing import faces
from shipboard.printing.faces import SHAPED

#: Content that is packed a little is packed fast: harder saves 4 % and costs three times as much.
_PACKING = 1


class PdfFile:
    """Add pages, then `written()` once."""

    def __init__(self) -> None:
        #: The catalog, the pages and what every page uses are written last.
        self._objects: list[bytes] = [b"", b"", b""]
        self._pages: list[int] = []
        self._glyphs: dict[str, set[int]] = {}

    def __len__(self) -> int:
        return len(self._pages)

    def use(self, font: str, glyphs: frozenset[int]) -> None:
        """A page shows these glyphs of a font; of a one-byte font none need be named."""
        self._glyphs.setdefault(font, set()).update(glyphs)

    def add(self, body: bytes) -> int:
        """An object; gives its number."""
        self._objects.append(body)
        return len(self._objects)

    def add_stream(self, data: bytes, entries: str = "", is_packed: bool = False) -> int:
        """`is_packed`: deflated already."""
        packed = data if is_packed else zlib.compress(data, _PACKING)
        head = f"<</Length {len(packed)}/Filter/FlateDecode{entries}>>stream\n".encode()
        return self.add(head + packed + b"\nendstream")

    def add_page(self, size: tuple[float, float], content: bytes, picture: int = 0) -> None:
        """`size` in points; a picture is called P in `content`."""
        stream = self.add_stream(content)
        resources = f"<</XObject<</P {picture} 0 R>>>>" if picture else "3 0 R"
        self._pages.append(
            self.add(
                f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {size[0]:.3f} {size[1]:.3f}]"
                f"/Contents {stream} 0 R/Resources {resources}>>".encode()
            )
        )

    def written(self) -> bytes:
        fonts = [f"/{key} {self._font(key)} 0 R" for key in sorted(self._glyphs)]
        kids = " ".join(f"{page} 0 R" for page in self._pages)
        # Printed at its size: a viewer that fits pages to paper shrinks bars.
        self._objects[0] = b"<</Type/Catalog/Pages 2 0 R/ViewerPreferences<</PrintScaling/None>>>>"
        self._objects[1] = f"<</Type/Pages/Count {len(self)}/Kids[{kids}]>>".encode()
        self._objects[2] = f"<</Font<<{''.join(fonts)}>>>>".encode()
        return _file(self._objects)

    def _font(self, key: str) -> int:
        return self._simple_font(key) if key in SHAPED else self._cut_font(key)

    def _simple_font(self, key: str) -> int:
        packed, length, entries = _simple(key)
        file = self.add_stream(packed, f"/Length1 {length}", is_packed=True)
        described = self._descriptor(key, file, 32)
        return self.add(f"<<{entries}/FontDescriptor {described} 0 R>>".encode())

    def _cut_font(self, key: str) -> int:
        face, glyphs = faces.face(key), sorted(self._glyphs[key])
        packed, new_ids = face.subset(glyphs)
        file = self.add_stream(packed, is_packed=True)
        told = self.add_stream(_to_unicode({id: face.texts.get(id, "") for id in glyphs}))
        ids = self.add_stream(_id_map(new_ids))
        described = self._descriptor(key, file, 4)
        widths = "".join(f"{id}[{face.width(id):g}]" for id in glyphs)
        name = _tagged(key)
        child = self.add(
            f"<</Type/Font/Subtype/CIDFontType2/BaseFont/{name}/CIDSystemInfo<</Registry(Adobe)"
            f"/Ordering(Identity)/Supplement 0>>/DW 1000/W[{widths}]/CIDToGIDMap {ids} 0 R"
            f"/FontDescriptor {described} 0 R>>".encode()
        )
        return self.add(
            f"<</Type/Font/Subtype/Type0/BaseFont/{name}/Encoding/Identity-H"
            f"/DescendantFonts[{child} 0 R]/ToUnicode {told} 0 R>>".encode()
        )

    def _descriptor(self, key: str, file: int, flags: int) -> int:
        face = faces.face(key)
        top, bottom = face.box
        return self.add(
            f"<</Type/FontDescriptor/FontName/{_tagged(key)}/Flags {flags}"
            f"/FontBBox[-200 {bottom} 1200 {top}]/ItalicAngle 0/Ascent {top}/Descent {bottom}"
            f"/CapHeight 700/StemV 90/FontFile2 {file} 0 R>>".encode()
        )


@cache
def _simple(key: str) -> tuple[bytes, int, str]:
    """A one-byte font, the same in every file: its bytes packed, their length, its entries."""
    widths = {faces.WINDOWS[sign]: width for sign, width in faces.widths(key).items()}
    data = faces.face(key).subset_of_signs(faces.widths(key))
    listed = " ".join(f"{widths.get(byte, 0):g}" for byte in range(32, 256))
    entries = (
        f"/Type/Font/Subtype/TrueType/BaseFont/{_tagged(key)}/Encoding/WinAnsiEncoding"
        f"/FirstChar 32/LastChar 255/Widths[{listed}]"
    )
    return zlib.compress(data, 9), len(data), entries


def _tagged(key: str) -> str:
    """A part of a font says so with six capitals."""
    return f"SHIPB{key.upper()}+{faces.face(key).name}"


def _id_map(new_ids: dict[int, int]) -> bytes:
    """Codes are ids in the whole font, so that shaped text fits every file."""
    table = bytearray(2 * (max(new_ids) + 1))
    for old, new in new_ids.items():
        table[2 * old : 2 * old + 2] = new.to_bytes(2, "big")
    return bytes(table)


def _to_unicode(texts: dict[int, str]) -> bytes:
    pairs = [f"<{id:04X}><{text.encode('utf-16-be').hex()}>" for id, text in texts.items() if text]
    blocks = "".join(
        f"{len(some)} beginbfchar\n{chr(10).join(some)}\nendbfchar\n"
        for some in (pairs[start : start + 100] for start in range(0, len(pairs), 100))
    )
    return (
        "/CIDInit/ProcSet findresource begin 12 dict begin begincmap/CMapName/S def\n"
        f"/CMapType 2 def 1 begincodespacerange<0000><FFFF>endcodespacerange\n{blocks}"
        "endcmap CMapName currentdict/CMap defineresource pop end end"
    ).encode()


def _file(objects: list[bytes]) -> bytes:
    parts, offsets, at = [b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"], [], 0
    at = len(parts[0])
    for number, body in enumerate(objects, 1):
        offsets.append(at)
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, body))
        at += len(parts[-1])
    parts.append(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    parts.extend(b"%010d 00000 n \n" % offset for offset in offsets)
    parts.append(
        b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, at)
    )
    return b"".join(parts)
