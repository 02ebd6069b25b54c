import static org.junit.jupiter.api.Assertions.*;

import com.google.gson.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.security.*;
import java.security.spec.*;
import java.time.Instant;
import java.util.*;
import java.util.stream.Stream;
import org.junit.jupiter.api.*;

/** Each vector has the right verdict. A failure names the vector. */
class VectorsTest {
    interface Verifier {
        boolean accepts(JsonObject vector, String signature, byte[] body, Instant now) throws Exception;
    }

    @TestFactory Stream<DynamicTest> responses() throws Exception {
        return each("responses.json", (vector, jws, body, now) -> receiver(vector).verifyResponse(jws, body, now));
    }

    @TestFactory Stream<DynamicTest> webhooks() throws Exception {
        return each("webhooks.json", (vector, jws, body, now) ->
            receiver(vector).verifyWebhook(jws, body, text(vector, "url"), now));
    }

    /** A merchant does not verify requests. This test does, and so it can verify what the merchant signs. */
    @TestFactory Stream<DynamicTest> requests() throws Exception {
        var keys = new HashMap<String, JsonObject>();
        for (var key : read("requests.json").getAsJsonArray("keys")) {
            keys.put(text(key.getAsJsonObject(), "kid"), key.getAsJsonObject());
        }
        var kid = keys.keySet().iterator().next();
        var signatures = new Signatures(kid, privateKey(text(keys.get(kid), "privateKey")), null);
        return each("requests.json", (vector, jws, body, now) -> {
            var signed = signatures.signRequest(text(vector, "method"), text(vector, "target"), body, now);
            assertTrue(isRequest(keys, vector, signed, body, now), "signed by the merchant: " + signed);
            return isRequest(keys, vector, jws, body, now);
        });
    }

    private static Stream<DynamicTest> each(String file, Verifier verifier) throws Exception {
        var content = read(file);
        var now = Instant.ofEpochSecond(content.get("now").getAsLong());
        assertFalse(content.getAsJsonArray("vectors").isEmpty());
        return content.getAsJsonArray("vectors").asList().stream().map(JsonElement::getAsJsonObject).map(vector ->
            DynamicTest.dynamicTest(file + ": " + text(vector, "name"), () -> {
                var name = text(vector, "name");
                var body = Base64.getDecoder().decode(text(vector, "payload"));
                var isAccepted = verifier.accepts(vector, text(vector, "signature"), body, now);
                assertEquals(text(vector, "verdict"), isAccepted ? "accepted" : "refused", name);
                if (!vector.has("rightSignature")) return;
                assertTrue(verifier.accepts(vector, text(vector, "rightSignature"), body, now), name);
            }));
    }

    private static JsonObject read(String file) throws Exception {
        var folder = System.getenv().getOrDefault("VECTORS", "../../fixtures/vectors");
        return JsonParser.parseString(Files.readString(Path.of(folder, file))).getAsJsonObject();
    }

    private static String text(JsonObject object, String name) {
        return object.get(name).isJsonNull() ? null : object.get(name).getAsString();
    }

    private static Signatures receiver(JsonObject vector) { return new Signatures(null, null, text(vector, "key")); }

    private static byte[] der(String pem) {
        return Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
    }

    private static PrivateKey privateKey(String pem) throws Exception {
        return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der(pem)));
    }

    private static boolean isRequest(
            Map<String, JsonObject> keys, JsonObject vector, String jws, byte[] body, Instant now) {
        try {
            if (!jws.matches("[\\w-]+\\.\\.[\\w-]+")) return false;
            var parts = jws.split("\\.\\.");
            var json = new String(Base64.getUrlDecoder().decode(parts[0]), StandardCharsets.UTF_8);
            var claims = new Gson().getAdapter(JsonObject.class).fromJson(json);
            if (!claims.get("alg").equals(new JsonPrimitive("ES256")) || claims.has("crit")) return false;
            if (!claims.getAsJsonPrimitive("exp").isNumber()) return false;
            var aud = new JsonPrimitive(text(vector, "method") + " " + text(vector, "target"));
            var ahead = claims.get("exp").getAsDouble() - now.getEpochSecond();
            if (!aud.equals(claims.get("aud")) || ahead <= 0 || ahead > 300) return false;
            var key = new X509EncodedKeySpec(der(text(keys.get(text(claims, "kid")), "publicKey")));
            var verifier = Signature.getInstance("SHA256withECDSAinP1363Format");
            verifier.initVerify(KeyFactory.getInstance("EC").generatePublic(key));
            var input = parts[0] + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(body);
            verifier.update(input.getBytes(StandardCharsets.UTF_8));
            return verifier.verify(Base64.getUrlDecoder().decode(parts[1]));
        } catch (Exception malformed) {
            return false;
        }
    }
}
