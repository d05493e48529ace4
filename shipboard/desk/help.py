"""What the keyboard does: a page, or a dialog over the list."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

#: (title, ((keys, what they do), ...)), as static/keys.js has them; keys that do the same are
#: apart by a space.
KEYS = (
    (
        "Find",
        (
            ("/", "Search"),
            ("f", "Filter"),
            ("1…6", "First to sixth tab"),
            ("[", "Previous page"),
            ("]", "Next page"),
        ),
    ),
    (
        "Move and open",
        (
            ("j ↓", "Next order"),
            ("k ↑", "Previous order"),
            ("o Enter", "Open the order here"),
            ("p", "Open the order's page"),
            ("Esc", "Close, or clear the selection"),
        ),
    ),
    (
        "Select",
        (
            ("x Space", "Select the order"),
            ("Shift+j Shift+↓", "Extend the selection down"),
            ("Shift+k Shift+↑", "Extend the selection up"),
            ("Shift+click", "Select a range"),
            ("a", "Select the page"),
        ),
    ),
    (
        "Do (selection, else the order here)",
        (
            ("n", "Note"),
            ("g", "Flag"),
            ("h", "Hold"),
            ("r", "Release"),
            ("s", "Add Shipment Information"),
            ("l", "Create shipping label"),
        ),
    ),
    (
        "Cancellations & returns",
        (
            ("j ↓", "Next case"),
            ("k ↑", "Previous case"),
            ("a", "Answer the case here"),
            ("o Enter", "Open the case here"),
            ("p", "Open the case's page"),
            ("x Space", "Choose the case"),
        ),
    ),
    (
        "Look",
        (
            ("c", "Columns"),
            ("v", "List or cards"),
            ("t", "Light or dark"),
            ("?", "This help"),
        ),
    ),
)


def keys(request: HttpRequest) -> HttpResponse:
    in_dialog = request.headers.get("HX-Target") == "panel-body"
    return render(request, "keys.html", {"groups": KEYS, "in_dialog": in_dialog})
