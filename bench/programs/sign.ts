/** Prepares signed creates, each with a reference of its own, and writes them as lines of JSON. */
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { signRequest } from "alipay-hk-sandbox";

interface Order {
  readonly file: string;
  readonly count: number;
  readonly expiresInSeconds: number;
  readonly kid: string;
  readonly privateKey: string;
  /** The body of a create. */
  readonly payment: object;
}

const { file, count, payment, ...signer } = JSON.parse(process.argv[2] ?? "") as Order;
const [method, path] = ["POST", "/v1/payments"];

const lines = Array.from({ length: count }, () => {
  const body = JSON.stringify({ ...payment, merchantReference: randomUUID() });
  const signature = signRequest({ method, target: path, body, ...signer });
  const headers = { "Content-Type": "application/json", "X-Signature": signature };
  return `${JSON.stringify({ method, path, headers, body })}\n`;
});
writeFileSync(file, lines.join(""));
process.stdout.write(`${count}\n`);
