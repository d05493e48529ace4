"""Webhooks as TikTok Shop sends them, signed with a secret of our own."""

from __future__ import annotations

import json
from typing import Any

from shipboard.channels import sealed
from shipboard.channels.models import App
from shipboard.channels.tiktok.signing import sign_hook

SECRET = "a secret of the app"
URL = "/hooks/tiktok/"


def keep_secret(secret: str = SECRET) -> App:
    app = App.objects.get()
    sealed.set_app_secret(app, secret)
    app.save()
    return app


def body(
    *order_ids: str, shop: str = "7495Northwind", number: int = 1, id: str = "", **data: Any
) -> bytes:
    if len(order_ids) == 1:
        data["order_id"] = order_ids[0]
    elif order_ids:
        data["package_list"] = [{"package_id": "1", "order_id_list": list(order_ids)}]
    message = {"type": number, "shop_id": shop, "timestamp": 1795348800, "data": data}
    return json.dumps(message | ({"tts_notification_id": id} if id else {})).encode()


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"authorization": sign_hook("key", secret, body)}
