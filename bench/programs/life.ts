/**
 * A merchant who creates a payment, pays it by the control API, waits for the webhook and refunds it. Prints the number
 * of completed lives and the duration in milliseconds.
 */
import { once } from "node:events";
import { Agent, createServer, request } from "node:http";

interface Order {
  readonly url: string;
  /** The port of the endpoint for webhooks. */
  readonly webhookPort: number;
  readonly parallel: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** The body of a create. */
  readonly payment: object;
}

const order = JSON.parse(process.argv[2] ?? "") as Order;
const agent = new Agent({ keepAlive: true });
/** By the id of a payment, the function that continues its life. */
const paid = new Map<string, () => void>();

const endpoint = createServer(async (message, response) => {
  const { type, payload } = JSON.parse(await textOf(message)) as { type: string; payload: { id: string } };
  response.writeHead(204).end();
  if (type === "payment") paid.get(payload.id)?.();
});
endpoint.listen(order.webhookPort, "127.0.0.1");
await once(endpoint, "listening");

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function post(path: string, body: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body);
    const headers = { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) };
    const sent = request(order.url + path, { method: "POST", agent, headers }, async (response) => {
      const answer = await textOf(response);
      if ((response.statusCode ?? 500) < 300) resolve(answer);
      else reject(new Error(`${path} was answered ${response.statusCode}: ${answer}`));
    });
    sent.on("error", reject).end(text);
  });
}

async function live(): Promise<void> {
  const { id } = JSON.parse(await post("/v1/payments", order.payment)) as { id: string };
  const webhook = new Promise<void>((resolve) => paid.set(id, resolve));
  await post(`/_sandbox/payments/${id}/actions`, { action: "pay" });
  await webhook;
  paid.delete(id);
  await post(`/v1/payments/${id}/refunds`, { merchantReference: "refund" });
}

async function liveFor(seconds: number): Promise<{ readonly lives: number; readonly ms: number }> {
  const began = performance.now();
  let lives = 0;
  const goOn = async () => {
    while (performance.now() - began < seconds * 1000) {
      await live();
      lives += 1;
    }
  };
  await Promise.all(Array.from({ length: order.parallel }, goOn));
  return { lives, ms: performance.now() - began };
}

await liveFor(order.warmUpSeconds);
process.stdout.write(`${JSON.stringify(await liveFor(order.seconds))}\n`);
process.exit(0);
