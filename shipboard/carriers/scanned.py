"""What a barcode reader or the clipboard gives, made a tracking number: what stands around it on
the label is taken off, the number itself is left as it is, leading zeros and all.
"""

from __future__ import annotations

import re
import unicodedata

from shipboard.carriers.digits import library, seven
from shipboard.carriers.fitting import readings

#: What readers set before a code to say which kind it is, such as ]C1 (AIM symbology identifiers).
_SYMBOLOGY = re.compile(r"(?:\][A-Za-z][0-9A-Za-z])+")
#: The ZIP code before the number on labels of the USPS and who delivers through it: 420, five or
#: nine digits; the number behind it begins with 91 to 95 (USPS Publication 199).
_USPS = re.compile(r"9[1-5]\d{18}(?:\d{2}|\d{6})?")
#: The barcode of Japanese labels with its start and stop signs, which some readers send along.
_CODABAR = re.compile(r"[A-D](\d{12})[A-D]", re.ASCII)
#: FedEx's long barcodes: of 22 digits the last 15 are the number; of 34 the last 12, when two zeros
#: stand before them (FedEx Ground label layout and barcode guides).
_GROUND_96, _LONG = re.compile(r"96\d{20}"), re.compile(r"\d{20}00\d{12}")
#: Full-width signs, as Japanese keyboards give them.
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def clean(scanned: str) -> str:
    """The tracking number in what was scanned, typed or pasted. Never raises; what is clean stays
    as it is.

    Blanks, control signs (GS, FNC1) and invisible ones go, symbology identifiers, the USPS's 420
    and ZIP code, Codabar's start and stop signs; of FedEx's long barcodes the tracking number
    stays. Letters become capitals and hyphens go when the number then fits a carrier's format.
    """
    bare = "".join(sign for sign in scanned.translate(_NARROW) if not _is_unseen(sign))
    read = _SYMBOLOGY.match(bare)
    bare = bare[read.end() :] if read else bare
    # Hyphens and small letters are how it was written, when a carrier's number remains without.
    plain = bare.replace("-", "").upper()
    coded = _CODABAR.fullmatch(plain)
    if coded and seven(coded.group(1)):
        return coded.group(1)
    number = plain if any(reading.is_right for reading in readings(plain)) else bare
    return _inner(number) if number.isascii() and number.isdigit() else number


def _is_unseen(sign: str) -> bool:
    """Blanks and line ends, control and format characters."""
    return sign.isspace() or unicodedata.category(sign) in ("Cc", "Cf", "Zs")


def _inner(barcode: str) -> str:
    """The tracking number inside a label's barcode of digits; what is none stays as it is."""
    if barcode.startswith("420"):
        return _behind_zip(barcode)
    if _GROUND_96.fullmatch(barcode) and library("FedEx Ground 96 (22)")(barcode):
        return barcode[-15:]
    if _LONG.fullmatch(barcode) and library("FedEx Express (12)")(barcode[-12:]):
        return barcode[-12:]
    return barcode


def _behind_zip(barcode: str) -> str:
    """Where both lengths of a ZIP code leave a number, the one whose check digit fits."""
    rests = [rest for rest in (barcode[12:], barcode[8:]) if _USPS.fullmatch(rest)]
    checked = [rest for rest in rests if library("USPS 91")(rest)]
    return next(iter((*checked, *rests)), barcode)
