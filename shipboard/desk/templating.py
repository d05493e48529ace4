"""Jinja2 for the screens: what every template may call, and what every page knows."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

import lucide
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest
from django.urls import reverse
from django_htmx.jinja import htmx_script
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from shipboard import clock
from shipboard.desk import demo, notice_bar, wording
from shipboard.desk.door import access_for

#: Icons in use; each is one <symbol> of the sprite that every page carries.
ICONS = (
    "alarm-clock",
    "arrow-down",
    "arrow-left",
    "arrow-up",
    "ban",
    "bookmark",
    "box",
    "chart-column",
    "check",
    "chevron-right",
    "circle-alert",
    "circle-x",
    "columns-3",
    "copy",
    "download",
    "eye",
    "flag",
    "inbox",
    "keyboard",
    "layout-grid",
    "link",
    "list",
    "list-checks",
    "list-filter",
    "log-out",
    "moon",
    "pause",
    "printer",
    "search",
    "send",
    "settings",
    "share-2",
    "ship",
    "sticky-note",
    "store",
    "timer",
    "trash-2",
    "truck",
    "undo-2",
    "upload",
    "user",
    "users",
    "x",
)


def environment(**options: Any) -> Environment:
    made = Environment(  # noqa: S701 - Django's backend turns autoescape on
        **options | {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    )
    made.globals.update(
        static=staticfiles_storage.url,
        url=reverse,
        htmx_script=htmx_script,
        icon=icon,
        sprite=sprite,
        wording=wording,
    )
    made.filters.update(
        money=wording.money,
        local=wording.local_instant,
        short=wording.short_instant,
        left=wording.time_left,
        ago=wording.time_ago,
        number=wording.number,
    )
    return made


@cache
def icon(name: str, size: int = 16) -> Markup:
    """A decorative icon from the page's sprite; kept, for a list draws hundreds."""
    if name not in ICONS:
        raise KeyError(name)
    return Markup(
        '<svg class="icon" width="{0}" height="{0}" aria-hidden="true"><use href="#i-{1}"/></svg>'
    ).format(size, name)


@lru_cache
def sprite() -> Markup:
    """Every icon once, as symbols; rendering one per row would cost more than the row."""
    symbols = []
    for name in ICONS:
        drawn = str(lucide._render_icon(name, 24))
        inner = drawn[drawn.index(">") + 1 : drawn.rindex("</svg>")]
        symbols.append(f'<symbol id="i-{name}" viewBox="0 0 24 24">{inner}</symbol>')
    return Markup('<svg class="sprite" aria-hidden="true">{}</svg>').format(
        Markup("".join(symbols))  # noqa: S704 - drawings of a wheel of ours
    )


def page_context(request: HttpRequest) -> dict[str, Any]:
    theme = request.COOKIES.get("theme", "")
    return {
        "now": clock.now(),
        "clock_override": clock.override(),
        "theme": theme if theme in {"light", "dark"} else "",
        "person": getattr(request, "user", None),
        "may": _rights(request),
        "demo_in_view": demo.is_in_view,
        "standing_notices": notice_bar.standing,
    }


def _rights(request: HttpRequest) -> frozenset[str]:
    """Names of the rights that the page's reader has, for templates to offer no more than that."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return frozenset()
    return frozenset(right.value for right in access_for(request).rights)
