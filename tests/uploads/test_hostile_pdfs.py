"""PDFs that are locked, damaged, too large or made to do harm: a sentence each; nobody waits."""

from __future__ import annotations

import io
import time
from pathlib import Path
from uuid import uuid4

import pypdfium2
import pytest
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from shipboard.channels.models import Shop
from shipboard.uploads import label_reading, page_process
from shipboard.uploads.label_files import MAX_BYTES, NotTaken, take
from shipboard.uploads.models import LabelFile, LabelFilePart, LabelPage
from shipboard.uploads.page_process import Read, Unreadable
from tests import make
from tests.uploads import label_pdf as pdf
from tests.uploads.conftest import MAI


def by_hand(*objects: bytes, root: bytes = b"<< /Type /Catalog /Pages 2 0 R >>") -> bytes:
    """A PDF of these objects, from the second on; the first is its root."""
    content, places = b"%PDF-1.7\n", []
    for number, each in enumerate((root, *objects), 1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(places) + 1
    return content + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer << /Root 1 0 R /Size %d >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, table, size, len(content))
    )


PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
BARE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 298 420] >>"


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), entries, content)


def scripted() -> bytes:
    root = (
        b"<< /Type /Catalog /Pages 2 0 R "
        b"/OpenAction << /S /J#61vaScript /JS (app.alert\\(1\\)) >> >>"
    )
    return by_hand(PAGES, BARE, root=root)


def attached() -> bytes:
    whole = pypdfium2.PdfDocument(pdf.written("a label"))
    whole.new_attachment("invoice.exe").set_data(b"MZ")
    return pdf._saved(whole)


def locked() -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, encrypt="secret")
    canvas.drawString(20, 20, "a label")
    canvas.save()
    return out.getvalue()


def laughing() -> bytes:
    """A page of forms that draw each other ten times each, many times over."""
    depth = 9
    forms = []
    for at in range(depth):
        entries = (
            b"/Type /XObject /Subtype /Form /BBox [0 0 298 420] "
            b"/Resources << /XObject << /F %d 0 R >> >>" % (6 + at)
        )
        forms.append(stream(b"/F Do " * 10, entries))
    entries = b"/Type /XObject /Subtype /Form /BBox [0 0 298 420]"
    forms.append(stream(b"0 0 298 420 re f " * 10, entries))
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 298 420] /Contents 4 0 R "
        b"/Resources << /XObject << /F 5 0 R >> >> >>"
    )
    return by_hand(PAGES, page, stream(b"/F Do"), *forms)


def huge() -> bytes:
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99999999 99999999] >>"
    return by_hand(PAGES, page)


def many(count: int) -> bytes:
    whole = pypdfium2.PdfDocument.new()
    for _ in range(count):
        whole.new_page(100, 100)
    return pdf._saved(whole)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "hostile.pdf"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (locked(), "locked with a password"),
        (b"%PDF-1.7\n" + b"\0garbage" * 500, "damaged"),
        (pdf.written("a label")[:400], "damaged"),
        (scripted(), "script or an attachment"),
        (attached(), "script or an attachment"),
        (many(1201), "1,201 pages; up to 1,200"),
        (by_hand(b"<< /Type /Pages /Kids [] /Count 0 >>"), "no pages|damaged"),
    ],
)
def test_a_sentence_for_each(path: Path, content: bytes, why: str) -> None:
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=why):
        list(page_process.read(path))


def test_one_that_anybody_may_open_is_read(path: Path) -> None:
    """Many programs forbid changes; a label is not changed."""
    out = io.BytesIO()
    canvas = Canvas(out, encrypt=StandardEncryption("", "owner", canModify=0))
    canvas.drawString(20, 20, pdf.order_id(1))
    canvas.save()
    path.write_bytes(out.getvalue())
    _, page = page_process.read(path)
    assert isinstance(page, Read)
    assert pdf.order_id(1) in page.text
    (content,) = page_process.cut(path, [[1]])
    assert content is not None
    assert pdf.order_id(1) in pdf.texts(content)[0]


def test_a_page_that_never_ends_is_left_and_the_rest_is_read(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_process, "SECONDS", 2)
    path.write_bytes(pdf.joined([pdf.written("one"), laughing(), pdf.written("three")]))
    begun = time.monotonic()
    count, *found = page_process.read(path)
    assert time.monotonic() - begun < 20
    assert count == 3
    assert [bool(each.digest) for each in found if isinstance(each, Read)] == [True, False, True]


def test_a_page_of_no_size_is_left(path: Path) -> None:
    path.write_bytes(huge())
    assert list(page_process.read(path)) == [1, Read(1)]


def test_a_file_that_breaks_the_program_is_given_up(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_process, "SECONDS", 0)  # no time at all
    monkeypatch.setattr(page_process, "MOST_DEATHS", 0)
    monkeypatch.setattr(page_process.sys, "executable", "/bin/false")
    path.write_bytes(pdf.written("a label"))
    with pytest.raises(Unreadable, match="breaks the program"):
        list(page_process.read(path))
    assert list(page_process.cut(path, [[1], [2]])) == [None, None]
    with pytest.raises(Unreadable, match="cannot be read"):
        page_process.picture(b"%PDF-")


def test_the_program_knows_nothing_of_the_desk(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = tmp_path / "python"
    spy.write_text(f"#!/bin/sh\nenv > {tmp_path}/seen\n")
    spy.chmod(0o700)
    monkeypatch.setenv("SHIPBOARD_SECRET_KEY", "never-to-be-told")
    monkeypatch.setattr(page_process.sys, "executable", str(spy))
    with pytest.raises(Unreadable):
        list(page_process.read(path))
    assert "SHIPBOARD" not in (tmp_path / "seen").read_text()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "size", "why"),
    [
        (b"", 0, "is empty"),
        (b"PK\3\4 a workbook", 16, "is not a PDF"),
        (b"%PDF-1.7", MAX_BYTES + 1, "has 60 MB"),
    ],
)
def test_what_is_refused_before_anything_is_opened(content: bytes, size: int, why: str) -> None:
    with pytest.raises(NotTaken, match=why):
        _take(make.shop(), content, size)
    assert not LabelFile.objects.exists()


@pytest.mark.django_db
def test_a_refused_file_leaves_nothing_and_may_be_sent_again() -> None:
    shop = make.shop()
    of = _take(shop, scripted())
    label_reading.carry_on(of.pk, lambda: make.NOW)
    of.refresh_from_db()
    assert of.state == LabelFile.State.REFUSED
    assert "script" in of.reason
    assert not LabelFilePart.objects.exists()
    assert not LabelPage.objects.exists()
    assert _take(shop, scripted()) != of


@pytest.mark.django_db
def test_a_page_that_cannot_be_read_is_listed() -> None:
    of = _take(make.shop(), huge())
    label_reading.carry_on(of.pk, lambda: make.NOW)
    page = LabelPage.objects.get(file=of)
    assert page.state == LabelPage.State.UNMATCHED
    assert "cannot be read" in page.reason


def _take(shop: Shop, content: bytes, size: int | None = None) -> LabelFile:
    of, _ = take(
        shop,
        io.BytesIO(content),
        file_name="hostile.pdf",
        size=len(content) if size is None else size,
        key=uuid4(),
        access=MAI,
        now=make.NOW,
    )
    return of
