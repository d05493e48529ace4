"""The label in the language of thermal printers, at 203 dots an inch."""

from __future__ import annotations

from sandbox.labels.label import NOT_REAL
from sandbox.labels.parcel import Parcel


def zpl(parcel: Parcel) -> bytes:
    """A6 in UTF-8 (^CI28)."""
    rows = [
        "^XA^CI28^PW840^LL1184",
        f"^FO40,40^A0N,60,60^FD{_safe(parcel.carrier)}^FS",
        f"^FO560,40^A0N,80,80^FD{_safe(parcel.sort_code)}^FS",
        f"^FO60,150^BY3^BCN,180,Y,N,N^FD{_safe(parcel.tracking_number)}^FS",
        f"^FO40,600^A0N,44,44^FD{_safe(parcel.recipient.name)}^FS",
    ]
    for place, line in enumerate(parcel.recipient.lines[:5]):
        rows.append(f"^FO40,{660 + place * 44}^A0N,34,34^FD{_safe(line)}^FS")
    rows.append(f"^FO560,900^BQN,2,8^FDMA,{_safe(parcel.package_id)}^FS")
    rows.append(f"^FO40,1120^A0N,26,26^FD{NOT_REAL}^FS^XZ")
    return "\n".join(rows).encode()


def _safe(text: str) -> str:
    """Without the signs that begin a command."""
    return text.replace("^", " ").replace("~", " ")
