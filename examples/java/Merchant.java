import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.*;
import com.sun.net.httpserver.*;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.*;
import java.util.concurrent.Executors;

/** The HTTP server of a shop that is paid by Alipay HK. */
final class Merchant {
    private final Provider provider;
    private final Shop shop;
    private final String url;

    /** Serves the shop. The settings are the variables of the environment, or those of a test. */
    Merchant(HttpServer server, Map<String, String> settings, Shop.Warehouse warehouse) throws Exception {
        url = settings.getOrDefault("SHOP_URL", "http://127.0.0.1:" + server.getAddress().getPort());
        provider = new Provider(settings);
        shop = new Shop(provider, warehouse, url);
        server.createContext("/", this::serve);
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
    }

    public static void main(String[] arguments) throws Exception {
        var port = Integer.parseInt(System.getenv().getOrDefault("PORT", "3000"));
        var server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        new Merchant(server, System.getenv(), reference -> System.out.println("sent: the goods of " + reference));
    }

    private void serve(HttpExchange exchange) throws IOException {
        Provider.Answer answer;
        try {
            answer = route(exchange, exchange.getRequestBody().readNBytes(65536));
        } catch (NoSuchElementException missing) {
            answer = Provider.Answer.of(404, Map.of());
        } catch (JsonParseException | IllegalArgumentException malformed) {
            answer = Provider.Answer.of(400, Map.of());
        } catch (Exception failure) {
            System.err.println(exchange.getRequestURI() + ": " + failure);
            answer = Provider.Answer.of(500, Map.of());
        }
        var bytes = answer.body().getBytes(UTF_8);
        var type = answer.body().startsWith("{") ? "application/json" : "text/plain";
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private Provider.Answer route(HttpExchange exchange, byte[] body) throws Exception {
        var path = exchange.getRequestURI().getPath();
        var reference = path.matches("/orders/.+") ? path.split("/")[2] : "";
        var route = path.replaceFirst("(?<=^/orders/)[^/]+", "{reference}");
        return switch (exchange.getRequestMethod() + " " + route) {
            case "POST /orders" -> place(json(body));
            case "GET /orders" -> provider.list();
            case "GET /orders/{reference}" -> Provider.Answer.of(200, shop.view(reference));
            case "POST /orders/{reference}/refunds" -> refund(reference, json(body));
            case "POST /orders/{reference}/cancel" -> shop.cancel(reference);
            case "POST /jobs" -> jobs();
            case "GET /return", "POST /return" -> back(exchange.getRequestURI().getQuery());
            case "POST /webhooks" -> notified(exchange.getRequestHeaders().get("X-Signature"), body);
            default -> throw new NoSuchElementException(path);
        };
    }

    private Provider.Answer place(JsonObject order) throws Exception {
        if (!order.has("reference") || !order.has("amount")) throw new IllegalArgumentException("incomplete order");
        return shop.place(order.get("reference").getAsString(), order.get("amount").getAsBigDecimal());
    }

    private Provider.Answer refund(String reference, JsonObject refund) throws Exception {
        return shop.refund(reference, refund.has("amount") ? refund.get("amount").getAsBigDecimal() : null);
    }

    /** A scheduler calls this. A server that the internet reaches must protect it. */
    private Provider.Answer jobs() {
        shop.checkAll();
        return new Provider.Answer(204, "");
    }

    /** Shows the payer what the provider says. The query proves nothing. */
    private Provider.Answer back(String query) throws Exception {
        var reference = String.valueOf(query).replaceFirst("^(?:.*&)?reference=([^&]*).*$", "$1");
        return new Provider.Answer(200, "Order " + reference + ": " + shop.check(reference) + "\n");
    }

    private Provider.Answer notified(List<String> signatures, byte[] body) throws Exception {
        var jws = signatures == null ? "" : String.join(", ", signatures);
        if (!provider.signatures.verifyWebhook(jws, body, url + "/webhooks", Instant.now())) {
            return new Provider.Answer(401, "");
        }
        shop.handle(json(body));
        return new Provider.Answer(204, "");
    }

    private static JsonObject json(byte[] body) {
        var object = new Gson().fromJson(new String(body, UTF_8), JsonObject.class);
        return object == null ? new JsonObject() : object;
    }
}
