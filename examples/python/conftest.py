"""A fixture with a world of the sandbox, and a shop that uses it."""
import json
import os
import shutil
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

# The tests leave no files: pytest has already compiled this one.
sys.dont_write_bytecode = True
shutil.rmtree(Path(__file__).parent / "__pycache__", ignore_errors=True)

import pytest  # noqa: E402

from merchant import Handler, Server  # noqa: E402
from provider import Provider  # noqa: E402
from shop import Shop  # noqa: E402

Handler.log_request = lambda *_: None
SANDBOX = os.environ.get("SANDBOX_URL", "http://127.0.0.1:8852")


def http(method, url, content=None, headers=None):
    """Returns the status and the JSON of a response, or its text."""
    data = json.dumps(content).encode() if isinstance(content, (dict, list)) else content
    try:
        response = urlopen(Request(url, data, headers or {}, method=method), timeout=60)
    except HTTPError as error:
        response = error
    with response:
        text = response.read().decode()
        is_json = response.headers.get_content_type() == "application/json" and text != ""
        return response.status, json.loads(text) if is_json else text


class World:
    """One world of the sandbox with its shop."""

    def __init__(self, account, shop):
        self.path = f"{SANDBOX}/_sandbox/worlds/{account}"
        self.shop = shop

    def control(self, method, path, content=None):
        status, answer = http(method, self.path + path, content)
        assert status < 400, f"{status} for {method} {path}: {answer}"
        return answer

    def request(self, method, path, content=None, headers=None):
        """Calls the shop."""
        return http(method, self.shop.url + path, content, headers)

    def order(self, amount=200, reference="1001"):
        status, order = self.request("POST", "/orders", {"reference": reference, "amount": amount})
        assert status == 201, order
        assert (order["reference"], order["status"]) == (reference, "unpaid")
        return order

    def state(self, reference="1001"):
        """Status, paid amount, refunded amount and fulfilments of an order."""
        status, order = self.request("GET", f"/orders/{reference}")
        assert (status, order["reference"]) == (200, reference)
        return tuple(order[name] for name in ("status", "paidAmount", "refundedAmount", "fulfilments"))

    def payments(self):
        return self.control("GET", "/payments")["data"]

    def act(self, action):
        """What the payer does with the newest payment. Returns when the webhooks have their responses."""
        self.control("POST", f"/payments/{self.payments()[0]['id']}/actions", {"action": action})
        self.settle()

    def refund_at_provider(self, payment_id):
        """A person refunds a payment, past the shop."""
        target = f"/v1/payments/{payment_id}/refunds"
        assert self.shop.provider.call("POST", target, {"merchantReference": "by-hand"})[0] == 201
        self.advance("PT2S")

    def settle(self):
        self.control("POST", "/settle", {})

    def advance(self, duration):
        self.control("POST", "/clock/advance", {"by": duration})

    def next(self, scenario):
        self.control("POST", "/scenarios/next", {"scenario": scenario})

    def attempts(self):
        """The status of the response to each attempt of each webhook, oldest first."""
        notifications = self.control("GET", "/notifications")["data"]
        return [[attempt["answer"]["status"] for attempt in each["attempts"]] for each in reversed(notifications)]


@contextmanager
def open_world():
    with Server(0) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        content = {"clock": "2026-01-05T09:00:00Z", "settings": {"webhookUrl": f"{url}/webhooks"}}
        status, world = http("POST", f"{SANDBOX}/_sandbox/worlds", content)
        assert status == 201, world
        account = world["processingAccountId"]
        server.shop = Shop(Provider(SANDBOX, account, world["kid"], world["privateKey"], world["hmacKey"]), url)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield World(account, server.shop)
        finally:
            http("DELETE", f"{SANDBOX}/_sandbox/worlds/{account}")
            server.shutdown()


@pytest.fixture
def world():
    with open_world() as opened:
        yield opened
