import com.google.gson.JsonObject;
import java.math.BigDecimal;
import java.util.*;

/** What the shop knows of an order. Its status follows from its payments and refunds, so nothing can move it back. */
final class Order {
    record View(String reference, String status, BigDecimal paidAmount, BigDecimal refundedAmount, int fulfilments) { }
    record Refund(String paymentId, BigDecimal amount, String status) { }
    /** A payment that still holds money, and how much. */
    record Held(String paymentId, BigDecimal amount) { }

    /** One try to pay. Its idempotency key is the same until the provider has answered. */
    static final class Attempt {
        final String key;
        String status = "unpaid";
        String id, trackingUrl, paymentUrl; // null until the provider has answered

        Attempt(String key) { this.key = key; }
        boolean is(String status) { return this.status.equals(status); }
    }

    private static final List<String> REFUND_PROGRESS = List.of("pending", "partially_refunded", "refunded", "failed");

    final String reference;
    final List<Attempt> attempts = new ArrayList<>();     // oldest first
    final Map<String, Refund> refunds = new HashMap<>();  // by their ids
    BigDecimal amount = BigDecimal.ZERO;
    boolean isCancelled;
    int fulfilments;

    Order(String reference) { this.reference = reference; }

    /** The attempt to pay now: a new one with a new key after one that failed. */
    Attempt attempt() {
        if (attempts.isEmpty() || !last().is("unpaid")) {
            attempts.add(new Attempt("order-" + reference + "-" + (attempts.size() + 1)));
        }
        return last();
    }

    private Attempt last() { return attempts.get(attempts.size() - 1); }

    boolean isPaid() { return attempts.stream().anyMatch(attempt -> attempt.is("paid")); }
    boolean isRefunding() { return refunds.values().stream().anyMatch(refund -> refund.status.equals("pending")); }

    boolean costs(JsonObject due) {
        var isHkd = due.get("currency").getAsString().equals("hkd");
        return isHkd && due.get("value").getAsBigDecimal().compareTo(amount) == 0;
    }

    /** Notes what the provider says of a refund. It can fail after its success, but not the other way round. */
    void noteRefund(String id, Refund refund) {
        refunds.merge(id, refund, (old, latest) ->
            REFUND_PROGRESS.indexOf(latest.status) < REFUND_PROGRESS.indexOf(old.status) ? old : latest);
    }

    /** The newest payment that still holds money. */
    Optional<Held> held() {
        return attempts.stream().filter(attempt -> attempt.is("paid"))
            .map(attempt -> new Held(attempt.id, amount.subtract(refunded(attempt.id))))
            .filter(held -> held.amount.signum() > 0).reduce((older, newer) -> newer);
    }

    private BigDecimal captured() {
        return amount.multiply(BigDecimal.valueOf(attempts.stream().filter(attempt -> attempt.is("paid")).count()));
    }

    /** @param paymentId null for all payments. */
    private BigDecimal refunded(String paymentId) {
        return refunds.values().stream().filter(refund -> refund.status.endsWith("refunded"))
            .filter(refund -> paymentId == null || refund.paymentId.equals(paymentId))
            .map(Refund::amount).reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    String status() {
        BigDecimal refunded = refunded(null), held = captured().subtract(refunded);
        // A human must look: it was paid twice, or after it was cancelled.
        if (held.compareTo(amount) > 0 || (isCancelled && held.signum() > 0)) return "attention";
        if (!isPaid()) return isCancelled ? "cancelled" : attempts.isEmpty() ? "unpaid" : last().status;
        if (refunded.signum() == 0) return "paid";
        return held.signum() > 0 ? "partially_refunded" : "refunded";
    }

    View view() { return new View(reference, status(), captured(), refunded(null), fulfilments); }
}
