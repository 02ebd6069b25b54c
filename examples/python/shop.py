"""Orders that are paid with Alipay HK, in memory."""
import re
import threading
import traceback

from order import FAILED, PAID, Order
from provider import Provider


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
            if order.paid_attempt or order.is_cancelled:
                return 409, order.view()
            attempt = order.attempt_for({"value": value, "currency": "hkd"})
        if attempt.payment is None:
            status, content = self.start(order, attempt)
            if status != 201:
                return status, content
        url = attempt.payment["nextStep"]["redirect"]["url"]
        return 201, {"reference": reference, "status": order.status, "paymentUrl": url}

    def start(self, order, attempt):
        """Creates the payment of an attempt, or gets it again: a repeated key makes no second payment."""
        alipay_hk = {"flowType": "qr_link", "returnUrl": f"{self.url}/return?reference={order.reference}"}
        status, payment = self.provider.call("POST", f"/v1/payments?idempotencyKey={attempt.key}", {
            "processingAccountId": self.provider.account, "merchantReference": order.reference,
            "amount": attempt.amount, "paymentMethod": {"type": "alipay_hk", "alipayHk": alipay_hk}})
        if status == 201 and payment["merchantReference"] != order.reference:
            raise RuntimeError(f"The response to {attempt.key} is about another order.")
        with self.lock:
            if status == 201 and attempt.payment is None:
                attempt.payment = payment
            if status == 400 and attempt in order.attempts:  # A refused body does not use its key.
                order.attempts.remove(attempt)
        return status, payment

    def cancel(self, order):
        """Cancels an order without money. Money that comes later is for a person."""
        self.track(order)
        with self.lock:
            order.is_cancelled = order.paid_attempt is None
            return 200 if order.is_cancelled else 409, order.view()

    def refund(self, order, content):
        """Returns status and content of the provider's response."""
        attempt = order.paid_attempt or (order.attempts[-1] if order.attempts else None)
        if attempt is None or attempt.payment is None:
            return 409, order.view()
        key = f"refund-{order.reference}-{len(order.refunds) + 1}"
        amount = {"amount": {"value": content["amount"], "currency": "hkd"}} if "amount" in content else {}
        target = f"/v1/payments/{attempt.payment['id']}/refunds?idempotencyKey={key}"
        status, refund = self.provider.call("POST", target, {"merchantReference": key, **amount})
        if status == 201:
            with self.lock:  # The webhook may have been faster.
                order.refunds.setdefault(refund["id"], (refund["status"], content.get("amount", order.paid_amount)))
        return status, refund

    def track_all(self):
        """Tracks all orders, as neither the webhook nor the payer may come."""
        for order in list(self.orders.values()):
            try:
                self.track(order)
            except Exception:  # It ends only the work on this order.
                traceback.print_exc()

    def track(self, order):
        """Asks the provider for the open payments of an order."""
        for attempt in list(order.attempts):
            if attempt.payment is None:  # Its response was lost.
                self.start(order, attempt)
            if attempt.payment is not None and attempt.is_open:
                current = self.provider.read(attempt.payment)
                with self.lock:
                    self.move(order, attempt, current["status"])

    def move(self, order, attempt, status):
        """Requires the lock. Paid stays paid, and a status without a meaning changes nothing."""
        if attempt.has(PAID) or status not in PAID | FAILED:
            return
        if status in PAID:
            if order.is_cancelled or order.paid_attempt:
                order.check(attempt.payment["id"], "the order is cancelled, or was already paid")
            else:
                if status != "refunded":
                    self.fulfil(order)
                order.paid_attempt = attempt
        attempt.payment["status"] = status

    def receive(self, notification):
        """Handles a verified notification once. If it raises, nothing is marked, and the provider sends it again."""
        if notification["id"] in self.handled:
            return
        if notification["type"] == "payment":
            self.receive_payment(notification["payload"])
        elif notification["type"] == "refund":
            self.receive_refund(notification["payload"])
        self.handled.add(notification["id"])

    def receive_payment(self, payload):
        """The reference proves nothing, as any payment can have it: the payment must be one that this shop started."""
        named, payment_id = self.orders.get(payload.get("merchantReference")), payload["id"]
        latest = named.attempts[-1] if named and named.attempts else None
        if latest and latest.payment is None and self.is_expected(latest, payload):
            if self.start(named, latest)[0] != 201:
                raise RuntimeError("The response that names this payment is still missing.")
        with self.lock:
            order = self.order_with(payment_id)
            attempt = order.attempt_of(payment_id) if order else None
            if attempt and self.is_expected(attempt, payload):
                self.move(order, attempt, payload["status"])
            elif payload["status"] in PAID and (order or named):  # Money is never ignored.
                (order or named).check(payment_id, "this shop did not ask for it, or for another amount")

    def receive_refund(self, payload):
        """A refund can fail after it was done, so its current status counts, and not that of the notification."""
        payment_id = payload["paymentId"]
        with self.lock:
            order = self.order_with(payment_id)
        if order is None:
            return
        refund = self.provider.read(payload)
        payment = self.provider.read({"id": payment_id, "trackingUrl": f"/v1/payments/{payment_id}"})
        with self.lock:
            if attempt := order.attempt_of(payment_id):
                self.move(order, attempt, payment["status"])
                if attempt is order.paid_attempt:
                    order.refunds[payload["id"]] = (refund["status"], payload["amount"]["value"])
            if payment["status"] == "refunded":
                order.to_check.discard(payment_id)

    def order_with(self, payment_id):
        """Requires the lock. The order that started a payment, or that has it to check."""
        orders = self.orders.values()
        return next((each for each in orders if each.attempt_of(payment_id) or payment_id in each.to_check), None)

    def is_expected(self, attempt, payload):
        amount, account = payload.get("amount", {}), payload.get("processingAccountId", self.provider.account)
        is_amount = all(amount.get(name) == attempt.amount[name] for name in ("value", "currency"))
        return is_amount and account == self.provider.account
