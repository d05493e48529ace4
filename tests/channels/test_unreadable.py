"""Files of which nothing can be taken: each is refused with one sentence that says what it is."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from bench.order_files import write_xlsx
from shipboard.channels.file import UnreadableFile, limits

from .files import HEADER, PAYLOADS, csv_file, csv_text, edited_workbook, raw_file, read

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
SEA = PAYLOADS / "orders-sea.xlsx"
SHEET = "xl/worksheets/sheet1.xml"


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (OLE, "old Excel format"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "protected with a password"),
        (b"%PDF-1.7 ...", "PDF"),
        (gzip.compress(b"Order ID", mtime=0), "gzip"),
        (b"<html><table>", "web page"),
        (b"\xef\xbb\xbf  <?xml version='1.0'?>", "web page"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (zipped(orders_dot_csv=b"Order ID"), "ZIP archive"),
        (zipped(xl__workbook_dot_bin=b"."), "xlsb"),
        (zipped(content_dot_xml=b"."), "OpenDocument"),
        (zipped(word__document_dot_xml=b"."), "text document"),
        (zipped(xl__workbook_dot_xml=b"<workbook/>"), "damaged"),
        (b"PK\x03\x04 and no more", "damaged"),
        (csv_text([{}]).encode("utf-16"), "UTF-16"),
        (csv_text([{}]).encode("utf-16-le"), "NUL"),
        (
            csv_text([{}, {"Recipient": "José"}]).encode("latin-1"),
            "Line 3 of the file is not UTF-8",
        ),
        (csv_text([{"Recipient": "王小明"}]).encode("gb18030"), "not UTF-8"),
        (csv_text([{}]).encode() + "é".encode()[:1], "not UTF-8"),
        (csv_text([{}]).replace("Raincoat", "Rain\0coat").encode(), "NUL"),
        (csv_text([{}]).replace("Raincoat", '"Raincoat').encode(), "quotation mark"),
        (csv_text([{}]).replace("Raincoat", '"Rain"coat').encode(), "quotation mark"),
        (csv_text([{}]).replace("Raincoat", "x" * 110_000).encode(), "100,000 characters"),
        (csv_text([{}]).replace("Raincoat", "x" * 140_000).encode(), "100,000 characters"),
        (csv_text([{}]).encode() + b"x" * 1_100_000, "1,000,000 characters"),
        (csv_text([{}]).encode() + b"," * 2_000, "1,000 can be read"),
    ],
)
def test_what_is_no_order_export(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(UnreadableFile, match=says) as refusal:
        read(raw_file(tmp_path, content))
    assert str(refusal.value).endswith(".")


def test_the_name_of_a_file_does_not_matter(tmp_path: Path) -> None:
    csv_file(tmp_path, {}).rename(tmp_path / "orders.xlsx")
    assert len(read(tmp_path / "orders.xlsx").accepted) == 1


@pytest.mark.parametrize("kept", [0.3, 0.9, 0.99])
def test_a_workbook_cut_short(tmp_path: Path, kept: float) -> None:
    content = SEA.read_bytes()
    with pytest.raises(UnreadableFile, match="damaged or was cut short"):
        read(raw_file(tmp_path, content[: int(len(content) * kept)]))


def test_an_encoding_error_far_down_is_found_before_any_order(tmp_path: Path) -> None:
    rows = [{"Order ID": f"5768564038457{number:05d}"} for number in range(6_000)]
    content = csv_text(rows).encode() + b"\xff\r\n"
    with pytest.raises(UnreadableFile, match="Line 6,002"):
        read(raw_file(tmp_path, content))


def test_limits_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = csv_file(tmp_path, {}, {})
    monkeypatch.setattr("shipboard.channels.file.reader.MAX_ROWS", 1)
    with pytest.raises(UnreadableFile, match="more than 1 rows"):
        read(path)
    monkeypatch.setattr("shipboard.channels.file.kinds.MAX_FILE_BYTES", 100)
    with pytest.raises(UnreadableFile, match=r"at most 1 MB can be read"):
        read(path)
    assert (limits.MAX_ROWS, limits.MAX_FILE_BYTES) == (1_000_000, 200 * 1024**2)


def workbook_with(folder: Path, sheet: bytes) -> Path:
    """The sample with another sheet, packed as tightly as can be."""
    target = folder / "bomb.xlsx"
    with zipfile.ZipFile(SEA) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name in source.namelist():
            out.writestr(name, sheet if name == SHEET else source.read(name), compresslevel=9)
    return target


def test_a_bomb_by_ratio(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="packed more than 200 to 1"):
        read(workbook_with(tmp_path, b"<row/>" * 2_000_000))


def test_a_bomb_by_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shipboard.channels.file.xlsx_archive.MAX_UNCOMPRESSED_BYTES", 100_000)
    with pytest.raises(UnreadableFile, match="unpacks to"):
        read(SEA)


def test_a_bomb_by_number_of_entries(tmp_path: Path) -> None:
    path = raw_file(tmp_path, b"PK\x03\x04" + b"PK\x01\x02" * 5_001)
    with pytest.raises(UnreadableFile, match="more than 5,000 files"):
        read(path)


ENTITIES = (
    b'<!DOCTYPE worksheet [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    b"<worksheet><sheetData><row><c><v>&b;</v></c></row></sheetData></worksheet>"
)


@pytest.mark.parametrize(
    ("sheet", "says"),
    [
        (ENTITIES, "document type"),
        (ENTITIES.decode().encode("utf-16"), "document type"),
        (b'<!DOCTYPE w SYSTEM "file:///etc/passwd"><worksheet/>', "document type"),
        (b"<worksheet><sheetData><row></sheetData></worksheet>", "damaged"),
        (b'<?xml version="1.0" encoding="nonsense"?><worksheet/>', "damaged"),
        (b"", "damaged"),
        (b'<worksheet><row><c r="?1"><v>1</v></c></row></worksheet>', "damaged"),
        (b'<worksheet><row><c r="ZZZ1"><v>1</v></c></row></worksheet>', "beyond column 1,000"),
        (b'<worksheet><row r="1048577"><c><v>1</v></c></row></worksheet>', "beyond 1,048,576"),
        (b'<worksheet><row><c t="s"><v>77</v></c></row></worksheet>', "damaged"),
        (b"<worksheet/>", "None of the first 10 rows"),
        (
            b'<worksheet><row><c t="str"><v>'
            + bytes(range(65, 91)) * 5_000
            + b"</v></c></row></worksheet>",
            "100,000 characters",
        ),
    ],
)
def test_sheets_that_are_damaged_or_meant_to_harm(tmp_path: Path, sheet: bytes, says: str) -> None:
    with pytest.raises(UnreadableFile, match=says):
        read(workbook_with(tmp_path, sheet))


def test_a_tag_without_end_is_not_gathered_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shipboard.channels.file.xlsx_xml.MAX_MARKUP_BYTES", 200_000)
    sheet = b'<worksheet a="' + bytes(range(65, 91)) * 20_000 + b'"/>'
    with pytest.raises(UnreadableFile, match="damaged"):
        read(workbook_with(tmp_path, sheet))


def test_deep_markup_and_many_empty_rows_take_no_memory(tmp_path: Path) -> None:
    sheet = b"<worksheet>" + b"<x>" * 200_000 + b"</x>" * 200_000 + b"</worksheet>"
    with pytest.raises(UnreadableFile, match="None of the first 10 rows"):
        read(workbook_with(tmp_path, sheet))


def test_a_locked_archive(tmp_path: Path) -> None:
    content = bytearray(SEA.read_bytes())
    at = content.find(b"PK\x01\x02")
    content[at + 8] |= 1
    with pytest.raises(UnreadableFile, match="password"):
        read(raw_file(tmp_path, bytes(content)))


def test_too_much_shared_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shipboard.channels.file.xlsx_book.MAX_SHARED_TEXT_BYTES", 100)
    with pytest.raises(UnreadableFile, match="of text"):
        read(shared_workbook(tmp_path))


def shared_workbook(folder: Path) -> Path:
    write_xlsx(folder / "shared.xlsx", 20, seed=4, layout="us", shared=True)
    return folder / "shared.xlsx"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (b"<si><t", b"<si><r><t", "damaged"),
        (b"</sst>", b"", "damaged"),
        (b"<sst", b'<!DOCTYPE x [<!ENTITY a "b">]><sst', "document type"),
        (b"Order Status", b"x" * 500_000, "100,000 characters"),
    ],
)
def test_damaged_shared_text(tmp_path: Path, old: bytes, new: bytes, says: str) -> None:
    path = edited_workbook(tmp_path, "xl/sharedStrings.xml", old, new, shared_workbook(tmp_path))
    with pytest.raises(UnreadableFile, match=says):
        read(path)


def test_prefixed_markup_is_read_like_any_other(tmp_path: Path) -> None:
    sheet = (
        b'<x:worksheet xmlns:x="m"><x:sheetData><x:row>'
        + b"".join(b'<x:c t="str"><x:v>%s</x:v></x:c>' % name.encode() for name in HEADER)
        + b"</x:row></x:sheetData></x:worksheet>"
    )
    with pytest.raises(UnreadableFile, match="no orders"):  # so the header was understood
        read(workbook_with(tmp_path, sheet))


def test_a_sheet_that_the_workbook_only_names(tmp_path: Path) -> None:
    path = edited_workbook(
        tmp_path, "xl/_rels/workbook.xml.rels", b"/xl/worksheets/sheet1.xml", b"/xl/gone.xml", SEA
    )
    with pytest.raises(UnreadableFile, match="no sheet with cells"):
        read(path)
