"""A workbook, streamed: one sheet whose rows are put together from what PostgreSQL sends and packed
as they come, so memory does not grow. Why our own: docs/decisions/0011-own-spreadsheet-writer.md.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from typing import BinaryIO
from xml.sax.saxutils import escape, unescape

from shipboard.exports.columns import Column, Kind
from shipboard.exports.csv_file import cleaned

MOST_ROWS = 1_048_576
#: Of a cell, as Excel counts: units of UTF-16.
MOST_CHARACTERS = 32_767
GATHERED = 200
#: A cell of an export takes so many bytes of XML at most, all of a file taken together.
CELL_BYTES = 100
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEETML = "application/vnd.openxmlformats-officedocument.spreadsheetml"
#: Number formats and, below, which cell style has which; bold, text, money, time, plain number.
FORMATS = {164: "#,##0.00##", 165: "yyyy-mm-dd hh:mm:ss"}
STYLES = ((0, 0), (0, 1), (49, 0), (164, 0), (165, 0), (0, 0))
BOLD, TEXT, MONEY, TIME, NUMBER = 1, 2, 3, 4, 5
STYLE = {Kind.ID: TEXT, Kind.MONEY: MONEY, Kind.INSTANT: TIME, Kind.NUMBER: NUMBER}
#: How COPY writes what would look like its own signs.
ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
WRITTEN = {b"n": b"\n", b"t": b"\t", b"r": b"&#13;", b"\\": b"\\"}
#: The same of controls that no cell may hold.
NOTHING = (b"\\\x1f", b"\\b", b"\\f", b"\\v")
#: What Excel would read as an escape of its own.
LOOKS_ESCAPED = re.compile(rb"_(?=x[0-9A-Fa-f]{4}_)")
_UNESCAPED = re.compile("_x005F_(?=x[0-9A-Fa-f]{4}_)")
_RETURN = {"\r": "&#13;"}
#: A text that begins or ends with what programs drop where they are not told to keep it.
_BLANK = rb"(?:[ \t\n]|&#13;)"
EDGED = re.compile(rb"<t>(?=%b|[^<]*%b</t>)" % (_BLANK, _BLANK))


class XlsxFile:
    """Rows as source.py has them for a workbook into `out`, which is never closed. `shortened`:
    cells that held more than a cell can; `warning` says so of them, blank for none."""

    def __init__(self, out: BinaryIO, columns: Sequence[Column], rows: int) -> None:
        """`rows`: how many are to come, about."""
        self._columns = columns
        self._archive = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        for name, text in _small_parts().items():
            self._put(name, text)
        is_huge = rows * len(columns) * CELL_BYTES > zipfile.ZIP64_LIMIT
        info = _info("xl/worksheets/sheet1.xml")
        self._sheet = self._archive.open(info, "w", force_zip64=is_huge)
        self._typed, self._stated = _template(columns), _template(columns, amounts=TEXT)
        self._gathered: list[bytes | memoryview] = []
        self._number = 0
        self.shortened, self._first_shortened = 0, ""
        self._sheet.write(_sheet_start(columns).encode())
        self.explain([column.header for column in columns], style=BOLD)

    def explain(self, cells: Sequence[str], style: int = 0) -> None:
        """A row of our own words."""
        self._number += 1
        made = "".join(
            f'<c s="{style}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>' for cell in cells
        )
        self._sheet.write(f'<row r="{self._number}">{made}</row>'.encode())

    def add(self, row: bytes | memoryview) -> None:
        self._gathered.append(row)
        if len(self._gathered) >= GATHERED:
            self._flush()

    @property
    def warning(self) -> str:
        if not self.shortened:
            return ""
        cells = "1 cell was" if self.shortened == 1 else f"{self.shortened:,} cells were"
        return (
            f"{cells} shortened to the {MOST_CHARACTERS:,} characters that Excel takes; the first "
            f"is {self._first_shortened}. A CSV file has them whole."
        )

    def end(self) -> None:
        self._flush()
        area = f"A1:{_letters(len(self._columns))}{self._number}"
        self._sheet.write(f'</sheetData><autoFilter ref="{area}"/></worksheet>'.encode())
        self._sheet.close()
        self._put("xl/workbook.xml", _workbook(area))
        self._archive.close()

    def _flush(self) -> None:
        if not self._gathered:
            return
        block = _marked_up(b"".join(self._gathered))
        self._gathered.clear()
        has_edges = any(edge in block for edge in (b"\x1f ", b" \x1f", b" \n"))
        made: list[bytes] = []
        for row in block.split(b"\n")[:-1]:
            self._number += 1
            stated, *cells = row.split(b"\x1f")
            if has_escapes := b"\\" in row:
                cells = [ESCAPED.sub(_written, cell) for cell in cells]
            if len(row) > MOST_CHARACTERS:
                cells = self._fitting(cells)
            template = self._stated if stated else self._typed
            filled = template % (self._number, *cells)
            if has_edges or has_escapes:
                filled = EDGED.sub(b'<t xml:space="preserve">', filled)
            made.append(filled)
        self._sheet.write(_without_blanks(b"".join(made)))

    def _fitting(self, cells: list[bytes]) -> list[bytes]:
        """The row's cells, each no longer than a cell can be."""
        fitting = [_cut(cell) for cell in cells]
        for column, given, kept in zip(self._columns, cells, fitting, strict=True):
            if kept != given:
                self.shortened += 1
                self._first_shortened = self._first_shortened or self._place(column, cells)
        return fitting

    def _place(self, column: Column, cells: list[bytes]) -> str:
        """Where in the sheet the row at hand has `column`, in words."""
        keys = [each.key for each in self._columns]
        of = f" of order {_text(cells[keys.index('order_id')])}" if "order_id" in keys else ""
        return f"“{column.header}”{of} in row {self._number:,}"

    def _put(self, name: str, text: str) -> None:
        self._archive.writestr(_info(name), text)


def _marked_up(block: bytes) -> bytes:
    """Rows with what XML and Excel would take for their own signs written out."""
    if any(sign in block for sign in NOTHING):
        block = ESCAPED.sub(lambda found: found[0] if found[1] in WRITTEN else b"", block)
    block = cleaned(block, spared=b"\x1f")
    block = block.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")
    return _marked(block)


def _marked(block: bytes) -> bytes:
    """`block` so that Excel reads it as it stands."""
    return LOOKS_ESCAPED.sub(b"_x005F_", block) if b"_x" in block else block


def _written(found: re.Match[bytes]) -> bytes:
    return WRITTEN.get(found[1], b"")


def _cut(cell: bytes) -> bytes:
    """`cell`, or as much of its text as a cell can hold, its last character whole."""
    units = _text(cell).encode("utf-16-le") if len(cell) > MOST_CHARACTERS else b""
    if len(units) <= 2 * MOST_CHARACTERS:
        return cell
    kept = units[: 2 * MOST_CHARACTERS].decode("utf-16-le", "ignore")
    return _marked(escape(kept, _RETURN).encode())


def _text(cell: bytes) -> str:
    """What Excel reads in a cell of ours."""
    plain = unescape(cell.decode(), {sign: of for of, sign in _RETURN.items()})
    return _UNESCAPED.sub("_", plain)


_TEXT_CELL = b'<c%s t="inlineStr"><is><t>%s</t></is></c>'
_NUMBER_CELL = b"<c%s><v>%s</v></c>"


def _template(columns: Sequence[Column], amounts: int = MONEY) -> bytes:
    """A row, to be filled with its number and cells."""
    made = [b'<row r="%d">']
    for column in columns:
        style = amounts if column.kind == Kind.MONEY else STYLE.get(column.kind, 0)
        shape = _NUMBER_CELL if style > TEXT else _TEXT_CELL
        made.append(shape % (f' s="{style}"'.encode() if style else b"", b"%s"))
    return b"".join(made) + b"</row>"


_BLANKS = [
    (_TEXT_CELL % (b"", b""), b"<c/>"),
    *(
        (shape % (b' s="%d"' % style, b""), b'<c s="%d"/>' % style)
        for shape, styles in ((_TEXT_CELL, (TEXT,)), (_NUMBER_CELL, (MONEY, TIME, NUMBER)))
        for style in styles
    ),
]


def _without_blanks(made: bytes) -> bytes:
    for cell, blank in _BLANKS:
        made = made.replace(cell, blank)
    return made


def _letters(column: int) -> str:
    """The name of column number `column`, from 1."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def _info(name: str) -> zipfile.ZipInfo:
    """An entry of no date, so that the same rows are the same file."""
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    info._compresslevel = 1  # type: ignore[attr-defined]
    return info


def _sheet_start(columns: Sequence[Column]) -> str:
    widths = "".join(
        f'<col min="{at}" max="{at}" width="{max(column.width, len(column.header) + 4)}" '
        'customWidth="1"/>'
        for at, column in enumerate(columns, 1)
    )
    return (
        f'{HEAD}<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        f"</sheetView></sheetViews><cols>{widths}</cols><sheetData>"
    )


def _workbook(area: str) -> str:
    fixed = re.sub(r"([A-Z]+)(\d+)", r"$\1$\2", area)
    return (
        f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="OrderSKUList" sheetId="1" r:id="rId1"/></sheets><definedNames>'
        '<definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">'
        f"OrderSKUList!{fixed}</definedName></definedNames></workbook>"
    )


def _small_parts() -> dict[str, str]:
    types = "".join(
        f'<Override PartName="/xl/{name}.xml" ContentType="{SHEETML}.{kind}+xml"/>'
        for name, kind in (
            ("workbook", "sheet.main"),
            ("worksheets/sheet1", "worksheet"),
            ("styles", "styles"),
        )
    )
    relations = f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
    return {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{types}</Types>',
        "_rels/.rels": f'{relations}<Relationship Id="rId1" Type="{OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f'{relations}<Relationship Id="rId1" '
        f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" '
        f'Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": _styles(),
    }


def _styles() -> str:
    formats = "".join(
        f'<numFmt numFmtId="{number}" formatCode="{escape(code)}"/>'
        for number, code in FORMATS.items()
    )
    cells = "".join(
        f'<xf numFmtId="{number}" fontId="{font}" fillId="0" borderId="0" xfId="0" '
        'applyNumberFormat="1" applyFont="1"/>'
        for number, font in STYLES
    )
    plain = '<sz val="11"/><name val="Calibri"/><family val="2"/>'
    return (
        f'{HEAD}<styleSheet xmlns="{MAIN}"><numFmts count="{len(FORMATS)}">{formats}</numFmts>'
        f'<fonts count="2"><font>{plain}</font><font><b/>{plain}</font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
        f'</cellStyleXfs><cellXfs count="{len(STYLES)}">{cells}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>"
    )
