import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.*;

import com.google.gson.*;
import com.sun.net.httpserver.HttpServer;
import java.net.*;
import java.net.http.*;
import java.time.Instant;
import java.util.*;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A merchant of the sandbox with its own clock, and the shop that belongs to it. */
final class World implements AutoCloseable {
    static final String SANDBOX = System.getenv().getOrDefault("SANDBOX_URL", "http://127.0.0.1:8852");
    static final String ORDER = "{ \"reference\": \"1001\", \"amount\": 200 }";
    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    final List<String> sent = new CopyOnWriteArrayList<>();
    final HttpServer server;
    final JsonObject credentials;
    final String path, shop;
    final AtomicInteger failures = new AtomicInteger();

    World() throws Exception {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        shop = "http://127.0.0.1:" + server.getAddress().getPort();
        credentials = call("POST", SANDBOX + "/_sandbox/worlds", """
            { "clock": "2026-01-05T09:00:00Z", "settings": { "webhookUrl": "%s/webhooks" } }""".formatted(shop));
        path = SANDBOX + "/_sandbox/worlds/" + text("processingAccountId");
        new Merchant(server, settings(text("hmacKey")), this::send);
    }

    Map<String, String> settings(String hmacKey) {
        return Map.of("NOMUPAY_BASE_URL", SANDBOX, "NOMUPAY_PROCESSING_ACCOUNT_ID", text("processingAccountId"),
            "NOMUPAY_KID", text("kid"), "NOMUPAY_PRIVATE_KEY", text("privateKey").replace("\n", "\\n"),
            "NOMUPAY_HMAC_KEY", hmacKey);
    }

    /** Takes as long as a request, so that another thread could send the same goods meanwhile. */
    private void send(String reference) throws Exception {
        call("GET", SANDBOX + "/_sandbox/health", "");
        if (failures.getAndDecrement() > 0) throw new IllegalStateException("The warehouse is closed.");
        sent.add(reference);
    }

    String text(String name) { return credentials.get(name).getAsString(); }
    JsonObject control(String route, String body) throws Exception { return call("POST", path + route, body); }
    JsonArray list(String route) throws Exception { return call("GET", path + route, "").getAsJsonArray("data"); }
    void scenario(String name) throws Exception { control("/scenarios/next", "{ \"scenario\": \"" + name + "\" }"); }
    void settle() throws Exception { control("/settle", "{}"); }
    void advance(String duration) throws Exception { control("/clock/advance", "{ \"by\": \"" + duration + "\" }"); }

    JsonObject order() throws Exception { return call("POST", shop + "/orders", ORDER); }

    /** The id of the newest payment. */
    String payment() throws Exception { return list("/payments").get(0).getAsJsonObject().get("id").getAsString(); }

    /** Does what the payer does. Then each webhook has its response. */
    String act(String action) throws Exception {
        var id = payment();
        control("/payments/" + id + "/actions", "{ \"action\": \"" + action + "\" }");
        settle();
        return id;
    }

    void assertOrder(String status, int paid, int refunded, int fulfilments) throws Exception {
        assertEquals(JsonParser.parseString("""
            { "reference": "1001", "status": "%s", "paidAmount": %d, "refundedAmount": %d, "fulfilments": %d }
            """.formatted(status, paid, refunded, fulfilments)), call("GET", shop + "/orders/1001", ""));
        assertEquals(Collections.nCopies(fulfilments, "1001"), sent);
    }

    /** The statuses with which the shop has answered the newest notification. */
    List<Integer> answers() throws Exception {
        var attempts = list("/notifications").get(0).getAsJsonObject().getAsJsonArray("attempts");
        return attempts.asList().stream().map(attempt -> attempt.getAsJsonObject()).map(attempt ->
            attempt.getAsJsonObject("answer").get("status").getAsInt()).toList();
    }

    /** Sends a notification of a captured payment to the shop, signed with a secret. */
    int deliver(String payment, String value, String currency, String secret) throws Exception {
        var body = """
            { "id": "n-%1$s-%2$s", "type": "payment", "live": false, "createTime": "2026-01-05T09:00:00Z", "payload": {
              "id": "%1$s", "merchantReference": "1001", "status": "captured", "trackingUrl": "/v1/tracks/payments/x",
              "amount": { "value": %2$s, "currency": "%3$s" } } }""".formatted(payment, value, currency);
        var header = base64url("{\"alg\":\"HS256\",\"kid\":\"test\",\"aud\":\"%s/webhooks\",\"exp\":%d}".formatted(
            shop, Instant.now().getEpochSecond() + 60).getBytes(UTF_8));
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
        var signature = base64url(mac.doFinal((header + "." + base64url(body.getBytes(UTF_8))).getBytes(UTF_8)));
        return send("POST", shop + "/webhooks", body, "X-Signature", header + ".." + signature).statusCode();
    }

    private static String base64url(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    @Override public void close() throws Exception {
        call("DELETE", path, "");
        server.stop(0);
    }

    static HttpResponse<String> send(String method, String url, String body, String... headers) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(url)).method(method, HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) request.headers(headers);
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    static JsonObject call(String method, String url, String body) throws Exception {
        var response = send(method, url, body);
        assertTrue(response.statusCode() < 300, () -> method + " " + url + ": " + response.body());
        return response.body().isEmpty() ? null : JsonParser.parseString(response.body()).getAsJsonObject();
    }
}
