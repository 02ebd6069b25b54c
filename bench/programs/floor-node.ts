/** The floor of everything that runs on Node: `node:http`, `JSON.parse`, a Map. Argument: the port. */
import { randomUUID } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import { type PresentedPayment, presentPayment } from "../floors/present.ts";

const payments = new Map<string, PresentedPayment>();

const server = createServer((request, response) => {
  if (request.method === "GET") {
    const payment = payments.get(request.url?.slice("/v1/payments/".length) ?? "");
    answer(response, payment === undefined ? 404 : 200, payment ?? { reason: { code: "not_found" } });
    return;
  }
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const { merchantReference } = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    const payment = presentPayment(randomUUID(), merchantReference);
    payments.set(payment.id, payment);
    answer(response, 201, payment);
  });
});

function answer(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) });
  response.end(text);
}

server.listen(Number(process.argv[2]), "127.0.0.1");
