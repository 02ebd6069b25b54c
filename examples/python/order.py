"""An order with its attempts to pay it."""
from dataclasses import dataclass, field

PAID = {"captured", "partially_refunded", "refunded"}
FAILED = {"declined", "rejected", "aborted", "cancelled", "failed"}
# All other statuses leave a payment open, unknown ones too.


@dataclass
class Attempt:
    """Its idempotency key makes at most one payment."""
    key: str
    amount: dict
    payment: dict | None = None  # None while the response with the payment is missing

    def has(self, statuses):
        return self.payment is not None and self.payment["status"] in statuses

    @property
    def is_open(self):
        return not self.has(PAID | FAILED)


@dataclass
class Order:
    reference: str
    attempts: list = field(default_factory=list)  # the current one last
    paid_attempt: Attempt | None = None
    is_cancelled: bool = False
    refunds: dict = field(default_factory=dict)  # status and value by id, of the attempt that paid the order
    to_check: set = field(default_factory=set)  # ids of payments with money that a person must refund
    fulfilments: int = 0

    def attempt_for(self, amount):
        """The attempt to continue. After one that ended without money, a new one has a new key."""
        if not self.attempts or not self.attempts[-1].is_open:
            self.attempts.append(Attempt(f"order-{self.reference}-{len(self.attempts) + 1}", amount))
        return self.attempts[-1]

    def attempt_of(self, payment_id):
        return next((each for each in self.attempts if each.payment and each.payment["id"] == payment_id), None)

    def check(self, payment_id, reason):
        self.to_check.add(payment_id)
        print(f"Check payment {payment_id} of order {self.reference}: {reason}.", flush=True)

    @property
    def paid_amount(self):
        return self.paid_attempt.amount["value"] if self.paid_attempt else 0

    @property
    def refunded_amount(self):
        return round(sum(value for status, value in self.refunds.values() if status in PAID), 2)

    @property
    def status(self):
        if self.to_check:
            return "attention"
        if self.paid_attempt:
            is_whole = self.refunded_amount >= self.paid_amount
            return "refunded" if is_whole else "partially_refunded" if self.refunded_amount else "paid"
        if self.is_cancelled:
            return "cancelled"
        if not self.attempts or self.attempts[-1].is_open:
            return "unpaid"
        return "declined" if self.attempts[-1].has({"declined", "rejected"}) else "expired"

    def view(self):
        return {"reference": self.reference, "status": self.status, "paidAmount": self.paid_amount,
                "refundedAmount": self.refunded_amount, "fulfilments": self.fulfilments,
                "toCheck": sorted(self.to_check)}
