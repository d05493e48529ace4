"""Noisy machines are slow at times; a deadline would call that a failure."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("shipboard", deadline=None)
settings.load_profile("shipboard")
