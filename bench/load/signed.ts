import { cpus } from "node:os";
import { runProgram } from "../processes.ts";
import { seedPayment } from "../targets/payment.ts";
import type { DemoKeys } from "../targets/sandbox.ts";
import { type HttpRequest, readRequests } from "./http-request.ts";
import { newFile } from "./request-files.ts";

/** The provider takes at most 300 seconds. [docs] */
const expiresInSeconds = 295;

/** Prepares distinct signed creates, in as many processes as there are cores. They are good for five minutes. */
export async function signCreates(count: number, { kid, privateKey }: DemoKeys): Promise<HttpRequest[]> {
  const processes = cpus().length;
  const files = Array.from({ length: processes }, () => newFile("signed.jsonl"));
  const order = { count: Math.ceil(count / processes), expiresInSeconds, kid, privateKey, payment: seedPayment };
  await Promise.all(files.map((file) => runProgram("sign", [JSON.stringify({ ...order, file })])));
  return files.flatMap(readRequests).slice(0, count);
}
