// The HTTP server of a small merchant without npm packages. It imports its orders, its signed calls and its signatures
// from the folder node: copy both. Start the sandbox with --webhook-url http://127.0.0.1:3000/webhooks and copy its NOMUPAY_* lines into
// .env. Then run:
//   node --env-file=.env examples/merchant.mjs
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { Provider } from "./node/provider.mjs";
import { Shop } from "./node/shop.mjs";

const { env } = process;
const provider = new Provider({
  baseUrl: env.NOMUPAY_BASE_URL,
  account: env.NOMUPAY_PROCESSING_ACCOUNT_ID,
  kid: env.NOMUPAY_KID,
  privateKey: env.NOMUPAY_PRIVATE_KEY,
  hmacKey: env.NOMUPAY_HMAC_KEY,
});

const nothingHere = { status: 404, content: { error: "There is nothing here." } };

/** @returns status and content of the response: JSON, a text, or nothing. */
async function respond(shop, request, body) {
  const { pathname, search, searchParams } = new URL(request.url, shop.url);
  const [, folder, reference, action] = /^\/(\w+)(?:\/([\w-]+)(?:\/(\w+))?)?$/.exec(pathname) ?? [];
  const order = shop.order(reference ?? searchParams.get("reference"));
  const path = [folder, ...(reference === undefined ? [] : ["{reference}"]), ...(action === undefined ? [] : [action])];
  switch (`${request.method} /${path.join("/")}`) {
    case "POST /webhooks": {
      const signatures = request.headers["x-signature"];
      const isSent = provider.hasSent({ signatures, body, url: `${shop.url}/webhooks` });
      if (!isSent) return { status: 401, content: { error: "The signature is not valid." } };
      // The response comes after the work: after any other status the provider sends the webhook again.
      await shop.receive(JSON.parse(body));
      return { status: 204 };
    }
    case "POST /orders":
      return shop.create(parse(body));
    case "GET /orders":
      return provider.call("GET", `/v1/payments?processingAccountId=${provider.account}${search.replace("?", "&")}`);
    case "GET /orders/{reference}":
      return order === undefined ? nothingHere : { status: 200, content: order.view() };
    case "POST /orders/{reference}/refunds":
      return order === undefined ? nothingHere : shop.refund(order, parse(body));
    case "POST /orders/{reference}/cancel":
      return order === undefined ? nothingHere : shop.cancel(order);
    case "POST /jobs":
      await shop.trackAll();
      return { status: 204 };
    case "GET /return":
    case "POST /return":
      if (order === undefined) return nothingHere;
      // The URL proves nothing: the provider knows the state.
      await shop.track(order);
      return { status: 200, content: `Order ${order.reference}: ${order.status}\n` };
    default:
      return nothingHere;
  }
}

/** The object of a JSON body. An empty body is an empty object. */
function parse(body) {
  try {
    const content = body.length === 0 ? {} : JSON.parse(body);
    if (typeof content === "object" && content !== null && !Array.isArray(content)) return content;
  } catch {}
  throw Object.assign(new Error("The body must be a JSON object."), { status: 400 });
}

const server = createServer(async (request, response) => {
  const { status, content } = await buffer(request)
    .then((body) => respond(shop, request, body))
    .catch((error) => {
      if (error.status !== 400) console.error(error);
      return {
        status: error.status ?? 500,
        content: { error: error.status === 400 ? error.message : "internal error" },
      };
    });
  const isText = typeof content === "string";
  response.writeHead(status, content && { "Content-Type": isText ? "text/plain; charset=utf-8" : "application/json" });
  response.end(isText ? content : content && JSON.stringify(content));
});

let shop;
server.listen(Number(env.PORT ?? 3000), "127.0.0.1", () => {
  const url = env.SHOP_URL?.replace(/\/$/, "") ?? `http://127.0.0.1:${server.address().port}`;
  shop = new Shop(provider, url);
  console.log(`The shop is at ${url}, its endpoint for webhooks at ${url}/webhooks`);
});
