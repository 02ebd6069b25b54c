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
    private static final List<String> FINAL = List.of("declined", "aborted", "failed", "rejected", "cancelled");
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

    /** Creates the payment of an order. Returns the provider's response if it refuses. */
    Provider.Answer place(String reference, BigDecimal amount) throws Exception {
        if (!reference.matches("[\\w-]{1,40}")) throw new IllegalArgumentException(reference);
        var order = orders.computeIfAbsent(reference, Order::new);
        synchronized (order) {
            var hasOtherAmount = !order.payments.isEmpty() && order.amount.compareTo(amount) != 0;
            if (order.isPaid() || hasOtherAmount) return Provider.Answer.of(409, order.view());
            if (!order.unpaid.equals("unpaid")) {
                order.attempt++;
                order.unpaid = "unpaid";
                order.paymentId = null;
            }
            if (order.paymentId == null) {
                order.amount = amount;
                // Each attempt has its own key. A repeated request with the same key makes no second payment.
                var key = "order-" + reference + "-" + order.attempt;
                var answer = provider.create(key, reference, amount, url + "/return?reference=" + reference);
                if (answer.status() != 201) return answer;
                var payment = answer.json();
                order.paymentUrl = text(payment.getAsJsonObject("nextStep").getAsJsonObject("redirect"), "url");
                order.paymentId = text(payment, "id");
                order.payments.put(order.paymentId, text(payment, "trackingUrl"));
                ordersByPayment.put(order.paymentId, order);
            }
            return Provider.Answer.of(201, new Placed(reference, order.status(), order.paymentUrl));
        }
    }

    /** Refunds an amount, or all if it is null. Returns the provider's response. */
    Provider.Answer refund(String reference, BigDecimal amount) throws Exception {
        var order = find(reference);
        synchronized (order) {
            if (order.paymentId == null) return Provider.Answer.of(409, order.view());
            var refund = reference + "-refund-" + order.refundAttempt;
            var answer = provider.refund(order.paymentId + "-" + order.refundAttempt, order.paymentId, refund, amount);
            if (answer.status() == 201) order.refundAttempt++;
            return answer;
        }
    }

    /** Asks the provider for the payment of an order. */
    String check(String reference) throws Exception {
        var order = find(reference);
        synchronized (order) {
            if (order.paymentId == null) return order.status();
            var status = text(provider.get(order.payments.get(order.paymentId)), "status");
            if (!status.equals("pending")) apply(order, provider.get("/v1/payments/" + order.paymentId));
            return order.status();
        }
    }

    /** Handles a verified notification once. It is marked after the work, so that a failure marks nothing. */
    void handle(JsonObject notification) throws Exception {
        var isRefund = text(notification, "type").equals("refund");
        if (!isRefund && !text(notification, "type").equals("payment")) return;
        var payload = notification.getAsJsonObject("payload");
        var paymentId = text(payload, isRefund ? "paymentId" : "id");
        var order = ordersByPayment.getOrDefault(paymentId, orders.get(text(payload, "merchantReference")));
        if (order == null) return;
        synchronized (order) {
            if (!order.payments.containsKey(paymentId)) {
                // While the response to the shop's request is missing, the payment can be that of the order.
                if (order.paymentId == null) throw new IllegalStateException(order.reference + " has no payment yet");
                return;
            }
            if (order.notifications.contains(text(notification, "id"))) return;
            // A refund's notification can come before that of its payment.
            apply(order, isRefund ? provider.get("/v1/payments/" + paymentId) : payload);
            if (isRefund && text(provider.get(text(payload, "trackingUrl")), "status").endsWith("refunded")) {
                var amount = payload.getAsJsonObject("amount");
                order.refunds.put(text(payload, "id"), amount.get("value").getAsBigDecimal());
            }
            order.notifications.add(text(notification, "id"));
        }
    }

    private void apply(Order order, JsonObject payment) throws Exception {
        var status = text(payment, "status");
        if (order.isPaid()) return;
        if (CAPTURED.contains(status)) {
            if (!order.costs(payment.getAsJsonObject("amount"))) {
                System.err.println("Order " + order.reference + " has another amount than " + payment);
                return;
            }
            if (!status.equals("refunded")) {
                warehouse.send(order.reference);
                order.fulfilments++;
            }
            order.paid = order.amount;
            order.paymentId = text(payment, "id");
        } else if (FINAL.contains(status) && text(payment, "id").equals(order.paymentId)) {
            order.unpaid = status.equals("declined") ? "declined" : "expired";
        }
    }

    private static String text(JsonObject json, String name) { return json.get(name).getAsString(); }
}
