import com.google.gson.JsonObject;
import java.math.BigDecimal;
import java.util.*;
import java.util.concurrent.ConcurrentHashMap;

/** The orders, in memory. Each order has a lock: what concerns it happens one after the other. */
final class Shop {
    /** Sends goods. If it throws, the order stays unpaid and the provider repeats its webhook. */
    interface Warehouse { void send(String reference) throws Exception; }
    private record Placed(String reference, String status, String paymentUrl) { }

    private static final List<String> CAPTURED = List.of("captured", "partially_refunded", "refunded");
    private static final Map<String, String> FAILED = Map.of("declined", "declined", "rejected", "declined",
        "aborted", "expired", "cancelled", "expired", "failed", "expired");
    private final Map<String, Order> orders = new ConcurrentHashMap<>(), ordersByPayment = new ConcurrentHashMap<>();
    private final Provider provider;
    private final Warehouse warehouse;
    private final String url;

    Shop(Provider provider, Warehouse warehouse, String url) {
        this.provider = provider;
        this.warehouse = warehouse;
        this.url = url;
    }

    private Order find(String reference) { return Optional.ofNullable(orders.get(reference)).orElseThrow(); }

    Order.View view(String reference) {
        var order = find(reference);
        synchronized (order) { return order.view(); }
    }

    /** Starts or continues an attempt to pay an order. Returns the provider's response if it refuses. */
    Provider.Answer place(String reference, BigDecimal amount) throws Exception {
        if (!reference.matches("[\\w-]{1,40}")) throw new IllegalArgumentException(reference);
        var order = orders.computeIfAbsent(reference, Order::new);
        synchronized (order) {
            var hasOtherAmount = !order.attempts.isEmpty() && order.amount.compareTo(amount) != 0;
            if (order.isPaid() || order.isCancelled || hasOtherAmount) return Provider.Answer.of(409, order.view());
            order.amount = amount;
            var attempt = order.attempt();
            if (attempt.id == null) {
                var answer = create(order, attempt);
                if (answer.status() != 201) return answer;
            }
            return Provider.Answer.of(201, new Placed(reference, order.status(), attempt.paymentUrl));
        }
    }

    /** Sends the request of an attempt. With the same key again it makes no second payment. */
    private Provider.Answer create(Order order, Order.Attempt attempt) throws Exception {
        var returnUrl = url + "/return?reference=" + order.reference;
        var answer = provider.create(attempt.key, order.reference, order.amount, returnUrl);
        if (answer.status() != 201) {
            order.attempts.remove(attempt); // There is no payment.
            return answer;
        }
        var payment = answer.json();
        attempt.id = text(payment, "id");
        attempt.trackingUrl = text(payment, "trackingUrl");
        attempt.paymentUrl = text(payment.getAsJsonObject("nextStep").getAsJsonObject("redirect"), "url");
        ordersByPayment.put(attempt.id, order);
        return answer;
    }

    /** Cancels an order that is not paid. The provider knows whether it is. */
    Provider.Answer cancel(String reference) throws Exception {
        var order = find(reference);
        synchronized (order) {
            ask(order);
            order.isCancelled |= !order.isPaid();
            return Provider.Answer.of(order.isCancelled ? 200 : 409, order.view());
        }
    }

    /** Refunds an amount, or all that is left if it is null. Returns the provider's response. */
    Provider.Answer refund(String reference, BigDecimal amount) throws Exception {
        var order = find(reference);
        synchronized (order) {
            ask(order);
            var held = order.held();
            // The second click finds the refund of the first one.
            if (held.isEmpty() || order.isRefunding()) return Provider.Answer.of(409, order.view());
            var paymentId = held.get().paymentId();
            var number = order.refunds.size() + 1;
            var answer = provider.refund(paymentId + "-" + number, paymentId, reference + "-refund-" + number, amount);
            if (answer.status() != 201) return answer;
            // Its notification says whether it succeeds.
            var expected = amount == null ? held.get().amount() : amount;
            order.noteRefund(text(answer.json(), "id"), new Order.Refund(paymentId, expected, "pending"));
            return answer;
        }
    }

    /** Asks the provider about an order. Returns its status. */
    String check(String reference) throws Exception {
        var order = find(reference);
        synchronized (order) {
            ask(order);
            return order.status();
        }
    }

    /** For a job that runs every few minutes: some payments are never notified, and some payers never return. */
    void checkAll() {
        for (var reference : orders.keySet()) {
            try {
                check(reference);
            } catch (Exception failure) {
                System.err.println(reference + ": " + failure);
            }
        }
    }

    private void ask(Order order) throws Exception {
        findLostPayments(order);
        for (var attempt : order.attempts) {
            if (attempt.is("unpaid")) apply(order, attempt, text(provider.get(attempt.trackingUrl), "status"));
        }
    }

    /** A payment whose response was lost is in the response to the same request, with the same key. */
    private void findLostPayments(Order order) throws Exception {
        for (var attempt : List.copyOf(order.attempts)) if (attempt.id == null) create(order, attempt);
    }

    /** Handles a verified notification. If it throws, the provider sends it again. A second one changes nothing. */
    void handle(JsonObject notification) throws Exception {
        var payload = notification.getAsJsonObject("payload");
        switch (text(notification, "type")) {
            case "payment" -> handlePayment(payload);
            case "refund" -> handleRefund(payload);
            default -> { } // The provider may add types.
        }
    }

    /** The reference only says where to look: the payment must be one that the order started. */
    private void handlePayment(JsonObject payment) throws Exception {
        var paymentId = text(payment, "id");
        var order = ordersByPayment.getOrDefault(paymentId, orders.get(text(payment, "merchantReference")));
        if (order == null) return;
        synchronized (order) {
            findLostPayments(order);
            var attempt = order.attempts.stream().filter(one -> paymentId.equals(one.id)).findFirst();
            if (attempt.isEmpty() || !order.costs(payment.getAsJsonObject("amount"))) {
                System.err.println("Order " + order.reference + " did not start this payment: " + payment);
                return;
            }
            apply(order, attempt.get(), text(payment, "status"));
        }
    }

    private void handleRefund(JsonObject refund) throws Exception {
        var paymentId = text(refund, "paymentId");
        var order = ordersByPayment.get(paymentId);
        if (order == null) throw new IllegalStateException("No order has the payment " + paymentId + " yet.");
        synchronized (order) {
            ask(order); // A refund's notification can come before that of its payment.
            var status = text(provider.get(text(refund, "trackingUrl")), "status");
            var amount = refund.getAsJsonObject("amount").get("value").getAsBigDecimal();
            order.noteRefund(text(refund, "id"), new Order.Refund(paymentId, amount, status));
        }
    }

    /** Captured money stays captured. The goods are sent once, and first: if that fails, nothing is noted. */
    private void apply(Order order, Order.Attempt attempt, String status) throws Exception {
        if (attempt.is("paid")) return;
        if (!CAPTURED.contains(status)) {
            attempt.status = FAILED.getOrDefault(status, attempt.status);
            return;
        }
        // After a full refund nothing is sent any more.
        if (order.fulfilments == 0 && !order.isCancelled && !status.equals("refunded")) {
            warehouse.send(order.reference);
            order.fulfilments++;
        }
        attempt.status = "paid";
    }

    private static String text(JsonObject json, String name) { return json.get(name).getAsString(); }
}
