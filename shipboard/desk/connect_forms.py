"""What connecting asks for: the app, the address a person was sent back to, and each shop's name,
zone and rules.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.text import slugify

from shipboard.channels.connecting import AppGiven
from shipboard.channels.models import Shop
from shipboard.channels.regions import REGIONS
from shipboard.channels.tiktok.oauth import RemoteShop
from shipboard.desk.shops import NO_RULE, ShopForm

#: Where the seller's app was made; each group of markets has a page of its own to authorise on.
MARKETS = {"US": "United States", "row": "Rest of the world"}


class AppForm(forms.Form):
    """The seller's own app."""

    market = forms.ChoiceField(
        label="Where do you sell?",
        choices=list(MARKETS.items()),
        initial="row",
        help_text="It picks the page on which you authorise the app.",
    )
    key = forms.CharField(
        label="App key", max_length=200, widget=forms.TextInput({"autocomplete": "off"})
    )
    secret = forms.CharField(
        label="App secret",
        max_length=200,
        widget=forms.PasswordInput({"autocomplete": "off"}),
        help_text="Kept encrypted, never shown again and never written to a log.",
    )
    service_id = forms.CharField(
        required=False,
        label="Service ID",
        max_length=300,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text="The number after service_id= in the app's authorisation link; the whole link "
        "does as well. Without it the app is named by its key.",
    )
    name = forms.CharField(
        required=False,
        label="What you call this app",
        max_length=120,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    api_host = forms.CharField(required=False, label="API host", max_length=300)
    auth_host = forms.CharField(required=False, label="Host that gives tokens", max_length=300)
    authorize_url = forms.CharField(required=False, label="Page to authorise on", max_length=300)

    HOSTS = ("api_host", "auth_host", "authorize_url")

    def clean_service_id(self) -> str:
        said = str(self.cleaned_data["service_id"]).strip()
        given = said.partition("service_id=")[2].partition("&")[0] if "=" in said else said
        if said and not (given.isascii() and given.isalnum()):
            raise forms.ValidationError("That holds no service ID; enter the number alone.")
        return given

    def given(self) -> AppGiven:
        said = self.cleaned_data
        return AppGiven(**{name: said[name] for name in AppGiven.__dataclass_fields__})


class PastedForm(forms.Form):
    """For desks that the marketplace cannot send a browser back to."""

    address = forms.CharField(
        label="The address you were sent to",
        max_length=2000,
        widget=forms.TextInput({"autocomplete": "off"}),
    )


class RemoteShopForm(ShopForm):
    """A shop that can be connected. Its region is what the marketplace says, where it says one."""

    connect = forms.BooleanField(required=False, initial=True)

    def __init__(self, data: Mapping[str, Any] | None, remote: RemoteShop) -> None:
        self.remote = remote
        known = REGIONS.get(remote.region)
        initial = {"name": free_name(remote.name), "region": remote.region or "US", "sla": NO_RULE}
        initial["timezone"] = known.timezone if known else "UTC"
        # Ids of the marketplace are not ours to put into a page's names.
        prefix = "s" + hashlib.sha256(remote.remote_id.encode()).hexdigest()[:12]
        super().__init__(data, initial=initial, prefix=prefix)
        self.fields["connect"].label = f"Connect {remote.name}"
        self.fields["timezone"].help_text = "Times of this shop are shown in it."
        self.fields["dispatch_hours"].initial = None
        if remote.region:
            region = self.fields["region"]
            assert isinstance(region, forms.ChoiceField)  # noqa: S101
            region.choices = [(remote.region, known.name if known else remote.region)]
            region.help_text = "As TikTok Shop has it; how parcels are shipped hangs on it."
            region.disabled = True

    @property
    def is_wanted(self) -> bool:
        return bool(self["connect"].value())


class KnownShopForm(forms.Form):
    """A shop of the desk whose line is off, or hangs on another access."""

    connect = forms.BooleanField(required=False, initial=True)

    def __init__(self, data: Mapping[str, Any] | None, shop: Shop) -> None:
        self.shop = shop
        super().__init__(data, prefix=f"k{shop.pk}")
        self.fields["connect"].label = f"Connect {shop.name} again"


def free_name(name: str) -> str:
    """A name whose slug is not taken yet."""
    taken = Shop.objects.filter(slug=slugify(name)[:60].strip("-")).exists()
    return f"{name[:100]} (TikTok Shop)" if taken else name[:120]
