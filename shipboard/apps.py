"""Shipboard is one Django app: one migration history, and tables may move between packages."""

from django.apps import AppConfig


class ShipboardConfig(AppConfig):
    name = "shipboard"
    label = "shipboard"

    def ready(self) -> None:
        from shipboard.accounts import watch

        watch.begin()
