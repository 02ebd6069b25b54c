// A shop that was not written for the rehearsal: sessions, a CSRF token, a cart, and pages for people only.
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { call, isGenuine, processingAccountId, webhookUrl } from "../merchants/provider.mjs";

const port = Number(process.env.PORT);
const shopUrl = `http://127.0.0.1:${port}`;
const books = { tea: { title: "A book about tea", price: 120 }, ferries: { title: "Ferries & piers", price: 88.5 } };
const sessions = new Map();
const orders = new Map();

function sessionOf(request) {
  const id = /\bsid=(\w+)/.exec(request.headers.cookie ?? "")?.[1];
  if (sessions.has(id)) return sessions.get(id);
  const session = { id: randomBytes(12).toString("hex"), csrf: randomBytes(16).toString("hex"), cart: [], isNew: true };
  sessions.set(session.id, session);
  return session;
}

const page = (title, content) => `<!doctype html><title>${title}</title><h1>${title}</h1>${content}`;
const form = ({ csrf }, action, content) =>
  `<form method="post" action="${action}"><input type="hidden" name="_csrf" value="${csrf}">${content}</form>`;

const states = { open: "We wait for your payment", paid: "Paid, thank you", closed: "Not paid", refunded: "Refunded" };

async function pay(order) {
  const { status, body } = await call("POST", `/v1/payments?idempotencyKey=${order.id}`, {
    processingAccountId,
    merchantReference: order.id,
    amount: { value: order.total, currency: "hkd" },
    paymentMethod: {
      type: "alipay_hk",
      alipayHk: { returnUrl: `${shopUrl}/orders/${order.number}/thanks`, flowType: "qr_link" },
    },
  });
  if (status !== 201) throw new Error(JSON.stringify(body));
  order.paymentId = body.id;
  return body.nextStep.redirect.url;
}

async function update(order) {
  const { body } = await call("GET", `/v1/payments/${order.paymentId}`);
  if (body.status === "captured") order.state = "paid";
  if (["declined", "aborted", "failed"].includes(body.status)) order.state = "closed";
  if (body.status === "refunded") order.state = "refunded";
}

async function respond(request, text) {
  const session = sessionOf(request);
  const { pathname } = new URL(request.url, shopUrl);
  const fields = new URLSearchParams(text);
  const path = `${request.method} ${pathname}`;
  if (path === "POST /webhooks") {
    if (!isGenuine(request.headers["x-signature"], text, webhookUrl)) return { status: 401 };
    const { payload } = JSON.parse(text);
    const order = [...orders.values()].find(({ paymentId }) => [payload.id, payload.paymentId].includes(paymentId));
    if (order !== undefined) await update(order);
    return { status: 204 };
  }
  if (request.method === "POST" && fields.get("_csrf") !== session.csrf) return { status: 403, body: "Try again." };
  if (path === "GET /") {
    const items = Object.entries(books).map(([id, { title, price }]) =>
      form(session, "/cart", `${title}: HK$${price} <button name="book" value="${id}">Add</button>`),
    );
    return { status: 200, session, body: page("Books", items.join("")) };
  }
  if (path === "POST /cart") {
    session.cart.push(fields.get("book"));
    return { status: 303, session, location: "/cart" };
  }
  if (path === "GET /cart") {
    const titles = session.cart.map((id) => `<li>${books[id].title}`).join("");
    return {
      status: 200,
      body: page("Your cart", `<ul>${titles}</ul>${form(session, "/checkout", "<button>Pay</button>")}`),
    };
  }
  if (path === "POST /checkout") {
    const number = 7001 + orders.size;
    const total = session.cart.reduce((sum, id) => sum + books[id].price, 0);
    const order = { id: `bk-${randomBytes(5).toString("hex")}`, number, total, owner: session.id, state: "open" };
    orders.set(String(number), order);
    session.cart = [];
    return { status: 303, location: await pay(order) };
  }
  const [, number, isReturn] = /^\/orders\/(\d+)(\/thanks)?$/.exec(pathname) ?? [];
  const order = orders.get(number);
  if (order?.owner !== session.id) return { status: 303, session, location: "/" };
  if (isReturn) {
    await update(order);
    return { status: 303, location: `/orders/${number}` };
  }
  return { status: 200, body: page(`Order ${number}`, `<p>HK$${order.total}</p><p>${states[order.state]}</p>`) };
}

createServer(async (request, response) => {
  let text = "";
  for await (const part of request.setEncoding("utf8")) text += part;
  const { status, body, location, session } = await respond(request, text).catch((error) => {
    console.error(error);
    return { status: 500, body: "Something is wrong." };
  });
  response.writeHead(status, {
    "Content-Type": "text/html; charset=utf-8",
    ...(location === undefined ? {} : { Location: location }),
    ...(session?.isNew ? { "Set-Cookie": `sid=${session.id}; HttpOnly; SameSite=Lax; Path=/` } : {}),
  });
  if (session !== undefined) session.isNew = false;
  response.end(body);
}).listen(port, "127.0.0.1");
