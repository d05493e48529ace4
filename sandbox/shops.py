"""Apps and shops in the books."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from sandbox.api import App, Shop
from sandbox.books import Books
from sandbox.kinds import Doc

SCOPES = (
    "seller.authorization.info",
    "seller.shop.info",
    "seller.order.info",
    "seller.fulfillment.basic",
    "seller.fulfillment.package.write",
    "seller.logistics",
    "seller.return_refund.basic",
    "seller.product.basic",
    "seller.delivery.status.write",
)


def app(books: Books, key: str) -> App | None:
    found = books.get("app", "", key)
    if found is None:
        return None
    return App(key, found["secret"], found["redirect"], tuple(found["scopes"]))


def app_of_service(books: Books, service_id: str) -> App | None:
    """An app by the id of its service in authorise links, which may also be its key."""
    found = books.find("app", "", service_id=service_id)
    return app(books, found[0]["key"] if found else service_id)


def add_app(
    books: Books,
    key: str,
    secret: str,
    redirect: str,
    scopes: Sequence[str] = SCOPES,
    service_id: str = "",
) -> None:
    """Adds or replaces an app."""
    books.put(
        "app",
        "",
        {
            "key": key,
            "secret": secret,
            "redirect": redirect,
            "scopes": list(scopes),
            "service_id": service_id or key,
        },
    )


def add_shop(books: Books, given: Doc) -> Shop:
    """Adds or replaces a shop: `{id, name, region, seller_type, code, seller, warehouses}`."""
    doc = {
        "seller_type": "LOCAL",
        "code": f"SB{given['region']}{given['id'][-6:]}",
        "seller": given["id"],
        "warehouses": [],
    } | given
    doc["cipher"] = _cipher(given["id"])
    books.put("shop", "", doc)
    return _shop(doc)


def shop(books: Books, id: str) -> Shop:
    """Raises LookupError."""
    found = books.get("shop", "", id)
    if found is None:
        raise LookupError(f"There is no shop {id}.")
    return _shop(found)


def by_cipher(books: Books, cipher: str) -> Shop | None:
    id = base64.urlsafe_b64decode(cipher[4:].split(".")[0] + "==") if _looks_right(cipher) else b""
    found = books.get("shop", "", id.decode("utf-8", "replace"))
    return _shop(found) if found and found["cipher"] == cipher else None


def everyone(books: Books) -> list[Shop]:
    return [_shop(doc) for doc in books.find("shop", "")]


def _shop(doc: Doc) -> Shop:
    return Shop(
        id=doc["id"],
        name=doc["name"],
        region=doc["region"],
        seller_type=doc["seller_type"],
        code=doc["code"],
        cipher=doc["cipher"],
        seller=doc["seller"],
        warehouses=tuple(doc["warehouses"]),
    )


def _cipher(id: str) -> str:
    """The same for a shop every time, and not to be guessed from its id alone."""
    mark = base64.urlsafe_b64encode(hashlib.sha256(b"cipher of " + id.encode()).digest()[:12])
    return f"ROW_{base64.urlsafe_b64encode(id.encode()).decode().rstrip('=')}.{mark.decode()}"


def _looks_right(cipher: str) -> bool:
    text = cipher[4:].split(".")[0]
    return cipher.startswith("ROW_") and text.replace("-", "a").replace("_", "a").isalnum()
