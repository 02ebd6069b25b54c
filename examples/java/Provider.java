import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.*;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.*;
import java.security.KeyFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.*;
import java.util.*;

/** The provider's API for one merchant: it signs each request and verifies each response. */
final class Provider {
    record Answer(int status, String body) {
        static Answer of(int status, Object json) { return new Answer(status, new Gson().toJson(json)); }
        JsonObject json() { return JsonParser.parseString(body).getAsJsonObject(); }
    }

    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String baseUrl;
    final String account;
    final Signatures signatures;

    /** @param settings the variables of the environment, or those of a test. */
    Provider(Map<String, String> settings) throws Exception {
        var pem = required(settings, "NOMUPAY_PRIVATE_KEY").replace("\\n", "\n");
        var der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
        var key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
        signatures = new Signatures(required(settings, "NOMUPAY_KID"), key, required(settings, "NOMUPAY_HMAC_KEY"));
        account = required(settings, "NOMUPAY_PROCESSING_ACCOUNT_ID");
        baseUrl = required(settings, "NOMUPAY_BASE_URL");
    }

    private static String required(Map<String, String> settings, String name) {
        return Objects.requireNonNull(settings.get(name), name + " is not set.");
    }

    Answer create(String key, String reference, BigDecimal amount, String returnUrl) throws Exception {
        var alipayHk = Map.of("flowType", "qr_link", "returnUrl", returnUrl);
        var payment = Map.of("processingAccountId", account, "merchantReference", reference, "amount", hkd(amount),
            "paymentMethod", Map.of("type", "alipay_hk", "alipayHk", alipayHk));
        return call("POST", "/v1/payments?idempotencyKey=" + key, new Gson().toJson(payment));
    }

    /** Refunds an amount, or all that is left if the amount is null. */
    Answer refund(String key, String paymentId, String reference, BigDecimal amount) throws Exception {
        var refund = new HashMap<String, Object>(Map.of("merchantReference", reference));
        if (amount != null) refund.put("amount", hkd(amount));
        return call("POST", "/v1/payments/" + paymentId + "/refunds?idempotencyKey=" + key, new Gson().toJson(refund));
    }

    private static Map<String, Object> hkd(BigDecimal value) { return Map.of("value", value, "currency", "hkd"); }

    Answer list() throws Exception { return call("GET", "/v1/payments?processingAccountId=" + account, ""); }

    JsonObject get(String target) throws Exception {
        var answer = call("GET", target, "");
        if (answer.status() != 200) throw new IOException(target + ": " + answer);
        return answer.json();
    }

    /**
     * Repeats a request if its response is lost or 5xx. This is safe, because each POST has an idempotency key. Throws
     * after the third time: it is unknown whether the provider has carried out the request.
     */
    private Answer call(String method, String target, String body) throws Exception {
        for (var attempt = 1; ; attempt++) {
            try {
                var answer = send(method, target, body.getBytes(UTF_8));
                if (answer.status() < 500) return answer;
                throw new IOException(method + " " + target + ": " + answer);
            } catch (IOException lost) {
                if (attempt == 3) throw lost;
            }
        }
    }

    private Answer send(String method, String target, byte[] body) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(baseUrl + target)).timeout(Duration.ofSeconds(10))
            .header("Content-Type", "application/json")
            .header("X-Signature", signatures.signRequest(method, target, body, Instant.now()))
            .method(method, HttpRequest.BodyPublishers.ofByteArray(body)).build();
        var response = HTTP.send(request, HttpResponse.BodyHandlers.ofByteArray());
        var jws = String.join(", ", response.headers().allValues("X-Signature"));
        if (!signatures.verifyResponse(jws, response.body(), Instant.now())) {
            throw new SecurityException("The signature of the response to " + method + " " + target + " is not valid.");
        }
        return new Answer(response.statusCode(), new String(response.body(), UTF_8));
    }
}
