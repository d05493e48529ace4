"""A marketplace with a shop in the US, one in Thailand and one in the UK, and a signed caller for
each. When a test ends, every exchange it made is held against the description of the API.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from sandbox import shops
from sandbox.market import Market
from sandbox.testing import Caller, authorised
from tests.sandbox.described import differences

US = "7495000000000000001"
TH = "7495000000000000002"
GB = "7495000000000000003"
SHOPS = ((US, "Harbor Goods", "US"), (TH, "Baan Craft", "TH"), (GB, "Fen & Co", "GB"))


@pytest.fixture
def market() -> Iterator[Market]:
    market = Market()
    for id, name, region in SHOPS:
        place = {"id": f"9{id[1:]}", "name": f"{name} store", "region": region}
        shops.add_shop(
            market.books, {"id": id, "name": name, "region": region, "warehouses": [place]}
        )
    yield market
    wrong = [words for one in market.record.exchanges() if (words := differences(one))]
    market.close()
    assert not wrong, "\n".join(wrong)


@pytest.fixture
def us(market: Market) -> Caller:
    return authorised(market, US)


@pytest.fixture
def th(market: Market) -> Caller:
    return authorised(market, TH)


@pytest.fixture
def gb(market: Market) -> Caller:
    return authorised(market, GB)


@pytest.fixture
def listening() -> Iterator[Callable[[int], str]]:
    """Gives the address of a server on this machine that answers any post with a status."""
    servers: list[HTTPServer] = []

    def start(status: int) -> str:
        class Answer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(status)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Answer)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
