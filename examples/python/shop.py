"""Orders that are paid with Alipay HK, in memory."""
import re
import threading
from dataclasses import dataclass, field

from provider import Provider

OPEN = {"pending", "approved", "partially_captured", "unknown"}
PAID = {"captured", "partially_refunded", "refunded"}


@dataclass
class Order:
    reference: str
    payments: dict = field(default_factory=dict)  # by id: one for each attempt, the current one last
    is_creating: bool = False  # The provider may have a payment that the shop does not know yet.
    refunds: set = field(default_factory=set)  # ids of the accepted ones
    refunded: dict = field(default_factory=dict)  # value by id, only completed refunds
    fulfilments: int = 0

    @property
    def payment(self):
        return next(reversed(self.payments.values()), None)

    @property
    def is_pending(self):
        return self.payment is not None and self.payment["status"] in OPEN

    @property
    def is_paid(self):
        return self.payment is not None and self.payment["status"] in PAID

    @property
    def status(self):
        if self.is_paid:
            left = self.payment["amount"]["value"] - self.refunded_amount
            return "refunded" if left <= 0 else "partially_refunded" if self.refunded_amount else "paid"
        if self.payment is None or self.is_pending:
            return "unpaid"
        return "declined" if self.payment["status"] in {"declined", "rejected"} else "expired"

    @property
    def refunded_amount(self):
        return round(sum(self.refunded.values()), 2)

    def view(self):
        paid = self.payment["amount"]["value"] if self.is_paid else 0
        return {"reference": self.reference, "status": self.status, "paidAmount": paid,
                "refundedAmount": self.refunded_amount, "fulfilments": self.fulfilments}


class Shop:
    def __init__(self, provider: Provider, url):
        self.provider, self.url = provider, url
        self.orders, self.handled, self.lock = {}, set(), threading.Lock()

    def fulfil(self, order):
        """Sends the goods. If it raises, the order stays unpaid, and the next webhook or return tries again."""
        order.fulfilments += 1

    def create(self, reference, value):
        """Returns status and content of the response to the customer."""
        if not isinstance(reference, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,30}", reference):
            return 400, {"error": "The reference must be 1 to 30 letters, digits, hyphens or underscores."}
        with self.lock:
            order = self.orders.setdefault(reference, Order(reference))
        self.track(order)
        with self.lock:
            if order.is_paid:
                return 409, order.view()
            is_new, number = not order.is_pending, len(order.payments) + 1
            order.is_creating = is_new
        if is_new:
            status, content = self.start_payment(order, number, {"value": value, "currency": "hkd"})
            if status != 201:
                return status, content
        url = order.payment["nextStep"]["redirect"]["url"]
        return 201, {"reference": reference, "status": order.status, "paymentUrl": url}

    def start_payment(self, order, number, amount):
        """Creates a payment. A repeat has the same key and makes no second payment; a new attempt needs a new key."""
        alipay_hk = {"flowType": "qr_link", "returnUrl": f"{self.url}/return?reference={order.reference}"}
        target = f"/v1/payments?idempotencyKey=order-{order.reference}-{number}"
        status, payment = self.provider.call("POST", target, {
            "processingAccountId": self.provider.account, "merchantReference": order.reference, "amount": amount,
            "paymentMethod": {"type": "alipay_hk", "alipayHk": alipay_hk}})
        if status == 201:
            with self.lock:
                order.payments.setdefault(payment["id"], {**payment, "amount": amount})
                order.is_creating = False
        return status, payment

    def refund(self, order, content):
        """Returns status and content of the provider's response."""
        if not order.payments:
            return 409, order.view()
        key = f"refund-{order.reference}-{len(order.refunds) + 1}"
        amount = {"amount": {"value": content["amount"], "currency": "hkd"}} if "amount" in content else {}
        target = f"/v1/payments/{order.payment['id']}/refunds?idempotencyKey={key}"
        status, refund = self.provider.call("POST", target, {"merchantReference": key, **amount})
        if status == 201:
            with self.lock:
                order.refunds.add(refund["id"])
        return status, refund

    def track(self, order):
        """Asks the provider for the state of the current payment."""
        if payment := order.payment:
            current = self.provider.read(payment["trackingUrl"])
            with self.lock:
                self.move(order, payment, current["status"])

    def move(self, order, payment, status):
        """Requires the lock. Only an open payment moves: old news changes nothing."""
        if payment["status"] in OPEN and status not in OPEN:
            if status in PAID:
                self.fulfil(order)
            payment["status"] = status

    def receive(self, notification):
        """Handles a verified notification once. If it raises, nothing is marked, and the provider sends it again."""
        payload, is_refund = notification["payload"], notification["type"] == "refund"
        payment_id = payload.get("paymentId" if is_refund else "id")
        with self.lock:
            if notification["id"] in self.handled:
                return
            order = next((each for each in self.orders.values() if payment_id in each.payments), None)
            named = self.orders.get(payload.get("merchantReference"))
        if order is None:
            if named and named.is_creating:
                raise RuntimeError("The response that names this payment has not arrived yet.")
            return
        payment = order.payments[payment_id]
        current = self.provider.read(f"/v1/payments/{payment_id}") if is_refund else payload
        with self.lock:
            if notification["id"] in self.handled:  # by another thread
                return
            if current["amount"] != payment["amount"]:  # A retry would say the same.
                print(f"Ignored: the amount of {notification} is not that of order {order.reference}.")
                return
            self.move(order, payment, current["status"])
            if is_refund and payload["status"] in PAID:
                order.refunded[payload["id"]] = payload["amount"]["value"]
            self.handled.add(notification["id"])
