import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.*;
import java.security.*;
import java.time.Instant;
import java.util.*;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Detached JWS over the exact bytes of a body. Several signatures are joined by ", ": one must be valid. */
record Signatures(String kid, PrivateKey privateKey, String hmacKey) {
    private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

    /** Signs with ES256. The target is the path with its query, exactly as sent. */
    String signRequest(String method, String target, byte[] body, Instant now) throws GeneralSecurityException {
        var exp = now.getEpochSecond() + 180;
        var claims = new Gson().toJson(Map.of("alg", "ES256", "kid", kid, "aud", method + " " + target, "exp", exp));
        var header = BASE64URL.encodeToString(claims.getBytes(UTF_8));
        var signer = Signature.getInstance("SHA256withECDSAinP1363Format");
        signer.initSign(privateKey);
        signer.update((header + "." + BASE64URL.encodeToString(body)).getBytes(UTF_8));
        return header + ".." + BASE64URL.encodeToString(signer.sign());
    }
    boolean verifyResponse(String jws, byte[] body, Instant now) { return verify(jws, body, null, now); }
    boolean verifyWebhook(String jws, byte[] body, String url, Instant now) { return verify(jws, body, url, now); }
    private boolean verify(String joined, byte[] body, String aud, Instant now) {
        for (var jws : Objects.toString(joined, "").split(", ")) {
            try {
                var header = jws.split("\\.")[0];
                var json = new String(Base64.getUrlDecoder().decode(header), UTF_8);
                var claims = new Gson().getAdapter(JsonObject.class).fromJson(json); // Gson.fromJson is lenient
                if (!claims.get("alg").equals(new JsonPrimitive("HS256")) || claims.has("crit")) continue;
                if (!Objects.equals(claims.get("aud"), aud == null ? null : new JsonPrimitive(aud))) continue;
                var exp = claims.getAsJsonPrimitive("exp");
                if (!exp.isNumber() || exp.getAsDouble() <= now.toEpochMilli() / 1000.0) continue;
                var mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(hmacKey.getBytes(UTF_8), "HmacSHA256"));
                mac.update((header + "." + BASE64URL.encodeToString(body)).getBytes(UTF_8));
                var right = header + ".." + BASE64URL.encodeToString(mac.doFinal());
                if (MessageDigest.isEqual(right.getBytes(UTF_8), jws.getBytes(UTF_8))) return true;
            } catch (Exception malformed) { } // the next one may be valid
        }
        return false;
    }
}
