import com.google.gson.JsonObject;
import java.math.BigDecimal;
import java.util.*;

/** What the shop knows of an order. Its status follows from the money, so old news cannot move it back. */
final class Order {
    record View(String reference, String status, BigDecimal paidAmount, BigDecimal refundedAmount, int fulfilments) { }

    final String reference;
    final Map<String, String> payments = new HashMap<>();    // tracking URLs by payment id
    final Map<String, BigDecimal> refunds = new HashMap<>(); // amounts by refund id
    final Set<String> notifications = new HashSet<>();       // ids of the handled ones
    BigDecimal amount, paid = BigDecimal.ZERO;
    String unpaid = "unpaid";     // or declined, or expired
    String paymentId, paymentUrl; // null until the provider has answered
    int attempt = 1, refundAttempt = 1, fulfilments;

    Order(String reference) { this.reference = reference; }

    boolean isPaid() { return paid.signum() > 0; }
    BigDecimal refunded() { return refunds.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add); }

    boolean costs(JsonObject due) {
        var isHkd = due.get("currency").getAsString().equals("hkd");
        return isHkd && due.get("value").getAsBigDecimal().compareTo(amount) == 0;
    }

    String status() {
        if (!isPaid()) return unpaid;
        if (refunded().signum() == 0) return "paid";
        return refunded().compareTo(paid) < 0 ? "partially_refunded" : "refunded";
    }

    View view() { return new View(reference, status(), paid, refunded(), fulfilments); }
}
