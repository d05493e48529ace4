"""Exports in tests: what is wanted, the file as bytes, its cells, and files of the marketplace."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from shipboard.accounts.access import COMMAND_LINE, Access
from shipboard.channels.models import Shop
from shipboard.exports.write import Wanted, Written, write
from shipboard.fulfilment.selection import Selection
from shipboard.ingest.imports import open_import, run_import
from shipboard.ingest.models import OrderImport
from shipboard.orders.filters import parse
from tests import make

ALL = Selection(0, filter=parse(""))


def wanted(query: str = "", **given: Any) -> Wanted:
    return Wanted(selection=Selection(0, filter=parse(query)), **given)


def exported(what: Wanted, access: Access = COMMAND_LINE) -> tuple[bytes, Written]:
    out = io.BytesIO()
    written = write(what, access, make.NOW, out, lambda rows: None, lambda: False)
    return out.getvalue(), written


def csv_cells(what: Wanted, access: Access = COMMAND_LINE) -> list[list[str]]:
    """Header and rows."""
    content, _ = exported(what, access)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


def table(what: Wanted, access: Access = COMMAND_LINE) -> list[dict[str, str]]:
    header, *rows = csv_cells(what, access)
    return [dict(zip(header, row, strict=True)) for row in rows]


def imported(shop: Shop, path: Path) -> OrderImport:
    """`path` read into `shop`, every order taken."""
    of = run_import(open_import(shop, path, file_name=path.name, by="tests", complete_list=None).pk)
    assert of.state == OrderImport.State.DONE, of.problem
    assert not of.orders_rejected, list(of.rejected_rows.values_list("row", "reason"))
    return of
