"""The HTTP server of a shop that is paid with Alipay HK. To start it: python3 merchant.py"""
import json
import os
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from provider import Provider
from shop import Shop


class InvalidBody(Exception):
    pass


class Server(ThreadingHTTPServer):
    """Serves one shop. Port 0 is any free port."""
    request_queue_size = 128  # After an outage many webhooks come at once.

    def __init__(self, port, shop=None):
        super().__init__(("127.0.0.1", port), Handler)
        self.shop = shop


class Handler(BaseHTTPRequestHandler):
    def respond(self):
        try:
            status, content = self.route()
        except InvalidBody as error:
            status, content = 400, {"error": str(error)}
        except Exception:  # The provider sends a webhook again after a 500.
            traceback.print_exc()
            status, content = 500, {"error": "internal error"}
        is_text = isinstance(content, str)
        body = b"" if content is None else (content if is_text else json.dumps(content)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8" if is_text else "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = respond

    def route(self):
        shop, url = self.server.shop, urlsplit(self.path)
        body = self.body()
        match self.command, url.path.split("/")[1:]:
            case "POST", ["webhooks"]:
                if not shop.provider.has_sent(self.headers, body, f"{shop.url}/webhooks"):
                    return 401, {"error": "The signature is not valid."}
                shop.receive(json.loads(body))
                return 204, None
            case "GET" | "POST", ["return"]:
                reference = parse_qs(url.query).get("reference", [""])[0]
                if reference in shop.orders:
                    shop.track(shop.orders[reference])  # The URL proves nothing.
                    return 200, f"Order {reference}: {shop.orders[reference].status}\n"
            case "POST", ["orders"]:
                content = parse(body)
                return shop.create(content.get("reference"), content.get("amount"))
            case "GET", ["orders"]:
                query = f"&{url.query}" if url.query else ""
                return shop.provider.call("GET", f"/v1/payments?processingAccountId={shop.provider.account}{query}")
            case "GET", ["orders", reference] if reference in shop.orders:
                return 200, shop.orders[reference].view()
            case "POST", ["orders", reference, "refunds"] if reference in shop.orders:
                return shop.refund(shop.orders[reference], parse(body))
            case "POST", ["orders", reference, "cancel"] if reference in shop.orders:
                return shop.cancel(shop.orders[reference])
            case "POST", ["jobs"]:
                shop.track_all()
                return 204, None
        return 404, {"error": "There is nothing here."}

    def body(self):
        """The server of Python leaves a body in chunks to us: a proxy may send a webhook like that."""
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # trailers
        return body


def parse(body):
    try:
        content = json.loads(body or b"{}")
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise InvalidBody("The body must be a JSON object.")
    return content


def main():
    names = ("BASE_URL", "PROCESSING_ACCOUNT_ID", "KID", "PRIVATE_KEY", "HMAC_KEY")
    port = int(os.environ.get("PORT", 3000))
    url = os.environ.get("SHOP_URL", f"http://127.0.0.1:{port}").rstrip("/")
    shop = Shop(Provider(*(os.environ[f"NOMUPAY_{name}"] for name in names)), url)
    print(f"The shop is at {url}, its endpoint for webhooks at {url}/webhooks", flush=True)
    Server(port, shop).serve_forever()


if __name__ == "__main__":
    main()
