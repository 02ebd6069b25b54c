import static org.junit.jupiter.api.Assertions.*;

import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.util.*;
import java.util.concurrent.*;
import org.junit.jupiter.api.*;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each test has its own world of a running sandbox and its own shop, so that all can run at once. */
class MerchantTest {
    @Test void paid() throws Exception {
        try (var world = new World()) {
            var placed = world.order();
            assertEquals("unpaid", placed.get("status").getAsString());
            assertEquals(placed, world.order());
            world.assertOrder("unpaid", 0, 0, 0);
            world.act("pay");
            world.assertOrder("paid", 200, 0, 1);
            assertEquals(409, World.send("POST", world.shop + "/orders", World.ORDER).statusCode());
            assertEquals("Order 1001: paid\n", World.send("GET", world.shop + "/return?reference=1001", "").body());
            var listed = World.call("GET", world.shop + "/orders", "").getAsJsonArray("data");
            assertEquals(1, listed.size());
            assertEquals("captured", listed.get(0).getAsJsonObject().get("status").getAsString());
        }
    }

    @Test void declinedThenPaid() throws Exception {
        try (var world = new World()) {
            var first = world.order().get("paymentUrl");
            world.act("decline");
            world.assertOrder("declined", 0, 0, 0);
            assertNotEquals(first, world.order().get("paymentUrl"));
            world.act("pay");
            world.assertOrder("paid", 200, 0, 1);
        }
    }

    @Test void expired() throws Exception {
        try (var world = new World()) {
            world.order();
            world.advance("PT30M");
            world.assertOrder("expired", 0, 0, 0);
        }
    }

    @Test void retriedAfterTwoFailures() throws Exception {
        try (var world = new World()) {
            world.failures.set(2);
            world.order();
            world.act("pay");
            world.assertOrder("unpaid", 0, 0, 0);
            world.advance("PT2M");
            world.assertOrder("unpaid", 0, 0, 0);
            world.advance("PT5M");
            world.assertOrder("paid", 200, 0, 1);
            assertEquals(List.of(500, 500, 204), world.answers());
        }
    }

    @Test void sameWebhookTwice() throws Exception {
        try (var world = new World()) {
            world.scenario("webhook_twice");
            world.order();
            world.act("pay");
            world.assertOrder("paid", 200, 0, 1);
            assertEquals(List.of(204, 204), world.answers());
        }
    }

    @Test void lostResponse() throws Exception {
        try (var world = new World()) {
            world.scenario("response_lost");
            world.order();
            world.control("/requests/verify", """
                { "match": { "method": "POST", "path": "/v1/payments" }, "exactly": 2 }""");
            assertEquals(1, world.list("/payments").size());
            world.act("pay");
            world.assertOrder("paid", 200, 0, 1);
        }
    }

    @Test void onePartialRefund() throws Exception {
        try (var world = new World()) {
            world.order();
            world.act("pay");
            World.call("POST", world.shop + "/orders/1001/refunds", "{ \"amount\": 50 }");
            world.assertOrder("paid", 200, 0, 1);
            world.advance("PT2S");
            world.assertOrder("partially_refunded", 200, 50, 1);
            var notification = world.list("/notifications").get(0).getAsJsonObject().get("id").getAsString();
            world.control("/notifications/" + notification + "/resend", "{}");
            world.settle();
            assertEquals(List.of(204, 204), world.answers());
            world.assertOrder("partially_refunded", 200, 50, 1);
            var refused = World.send("POST", world.shop + "/orders/1001/refunds", "{ \"amount\": 50 }");
            assertEquals(400, refused.statusCode());
            assertTrue(refused.body().contains("partial_refund_limit_reached"), refused.body());
            world.assertOrder("partially_refunded", 200, 50, 1);
        }
    }

    @Test void oldNewsAfterRefund() throws Exception {
        try (var world = new World()) {
            world.order();
            var payment = world.act("pay");
            World.call("POST", world.shop + "/orders/1001/refunds", "");
            world.advance("PT2S");
            world.assertOrder("refunded", 200, 200, 1);
            assertEquals(204, world.deliver(payment, "200", "hkd", world.text("hmacKey")));
            world.assertOrder("refunded", 200, 200, 1);
        }
    }

    /** The money of an expired attempt arrives after the second one was paid. */
    @Test void paidTwice() throws Exception {
        try (var world = new World()) {
            world.scenario("paid_late");
            world.order();
            world.advance("PT2S");
            world.assertOrder("expired", 0, 0, 0);
            world.order();
            world.act("pay");
            world.assertOrder("paid", 200, 0, 1);
            world.advance("PT10M");
            world.assertOrder("attention", 400, 0, 1);
            World.call("POST", world.shop + "/orders/1001/refunds", "");
            world.advance("PT2S");
            world.assertOrder("partially_refunded", 400, 200, 1);
        }
    }

    @Test void refundThatFailsAfterItsSuccess() throws Exception {
        try (var world = new World()) {
            world.order();
            world.act("pay");
            world.control("/scenarios/next", """
                { "scenario": { "on": "refund", "failsLate": "PT10M" } }""");
            World.call("POST", world.shop + "/orders/1001/refunds", "");
            assertEquals(409, World.send("POST", world.shop + "/orders/1001/refunds", "").statusCode());
            world.advance("PT2S");
            world.assertOrder("refunded", 200, 200, 1);
            world.advance("PT10M");
            world.assertOrder("paid", 200, 0, 1);
        }
    }

    @Test void paidAfterItWasCancelled() throws Exception {
        try (var world = new World()) {
            world.scenario("webhook_never");
            world.order();
            World.call("POST", world.shop + "/orders/1001/cancel", "");
            world.assertOrder("cancelled", 0, 0, 0);
            world.act("pay");
            assertEquals(204, World.send("POST", world.shop + "/jobs", "").statusCode());
            world.assertOrder("attention", 200, 0, 0);
        }
    }

    @Test void onlyTheWebhookOfTheRefund() throws Exception {
        try (var world = new World()) {
            world.scenario("webhook_never");
            world.order();
            world.act("pay");
            world.assertOrder("unpaid", 0, 0, 0);
            World.call("POST", world.shop + "/orders/1001/refunds", "{ \"amount\": 50 }");
            world.advance("PT2S");
            world.assertOrder("partially_refunded", 200, 50, 1);
        }
    }

    @Test void webhookBeforeResponse() throws Exception {
        try (var world = new World()) {
            world.scenario("webhook_before_response");
            world.order();
            world.settle();
            world.assertOrder("paid", 200, 0, 1);
        }
    }

    @Test void forgedWebhook() throws Exception {
        try (var world = new World()) {
            world.order();
            assertEquals(401, world.deliver(world.payment(), "200", "hkd", "another secret"));
            assertEquals(401, World.send("POST", world.shop + "/webhooks", "{}").statusCode());
            assertEquals(401, World.send("POST", world.shop + "/webhooks", "{}", "X-Signature", "a..b").statusCode());
            world.assertOrder("unpaid", 0, 0, 0);
        }
    }

    /** The shop repeats a failed request twice. A payment of somebody else makes it look for its own. */
    @Test void paymentWhoseResponseIsMissing() throws Exception {
        try (var world = new World()) {
            world.control("/scenarios/next", "{ \"scenario\": \"server_error_before\", \"times\": 3 }");
            assertEquals(500, World.send("POST", world.shop + "/orders", World.ORDER).statusCode());
            assertEquals(204, world.deliver("3MTuLy8OJKKwWbxN0oD7oYtBMsz", "200", "hkd", world.text("hmacKey")));
            world.assertOrder("unpaid", 0, 0, 0);
            assertEquals(1, world.list("/payments").size());
            world.act("pay");
            world.assertOrder("paid", 200, 0, 1);
        }
    }

    @Test void wrongSignatureThenRight() throws Exception {
        try (var world = new World()) {
            world.scenario("webhook_bad_signature");
            world.order();
            world.act("pay");
            world.assertOrder("unpaid", 0, 0, 0);
            world.advance("PT2M");
            world.assertOrder("paid", 200, 0, 1);
            assertEquals(List.of(401, 204), world.answers());
        }
    }

    /** A response that the shop cannot verify is not used. */
    @Test void responseOfAnother() throws Exception {
        try (var world = new World()) {
            var server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
            new Merchant(server, world.settings("another secret"), reference -> { });
            var orders = "http://127.0.0.1:" + server.getAddress().getPort() + "/orders";
            assertEquals(500, World.send("POST", orders, World.ORDER).statusCode());
            server.stop(0);
        }
    }

    @ParameterizedTest
    @CsvSource({ "199, hkd", "200, usd" })
    void anotherAmount(String value, String currency) throws Exception {
        try (var world = new World()) {
            world.order();
            assertEquals(204, world.deliver(world.payment(), value, currency, world.text("hmacKey")));
            world.assertOrder("unpaid", 0, 0, 0);
        }
    }

    @Test void anotherPaymentWithTheReference() throws Exception {
        try (var world = new World()) {
            world.order();
            assertEquals(204, world.deliver("3MTuLy8OJKKwWbxN0oD7oYtBMsz", "200", "hkd", world.text("hmacKey")));
            world.assertOrder("unpaid", 0, 0, 0);
        }
    }

    @Test void rotatedKeys() throws Exception {
        try (var world = new World()) {
            world.control("/keys/rotate", "{ \"overlap\": \"PT1H\" }");
            world.order();
            world.act("pay");
            world.assertOrder("paid", 200, 0, 1);
        }
    }

    /** The payer returns, and the same webhook comes several times, all at once. */
    @Test void allAtOnce() throws Exception {
        try (var world = new World()) {
            world.failures.set(1);
            world.order();
            var payment = world.act("pay");
            var threads = Executors.newFixedThreadPool(12);
            var calls = new ArrayList<Callable<Integer>>();
            for (var call = 0; call < 6; call++) {
                calls.add(() -> world.deliver(payment, "200", "hkd", world.text("hmacKey")));
                calls.add(() -> World.send("GET", world.shop + "/return?reference=1001", "").statusCode());
            }
            for (var answer : threads.invokeAll(calls)) assertTrue(List.of(200, 204).contains(answer.get()));
            threads.shutdown();
            world.assertOrder("paid", 200, 0, 1);
        }
    }

    @RepeatedTest(8) void manyWorlds() throws Exception {
        try (var world = new World()) {
            world.order();
            world.assertOrder("unpaid", 0, 0, 0);
            world.act("pay");
            world.assertOrder("paid", 200, 0, 1);
        }
    }
}
