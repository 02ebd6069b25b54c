import { createPublicKey } from "node:crypto";
import { productProgram, root } from "../paths.ts";
import { run } from "../processes.ts";
import { readPayment, seedCreate } from "./payment.ts";
import type { Target } from "./target.ts";

/** The built program with the options that `serve` has by default, and these flags. */
export function sandbox(flags: readonly string[] = [], title = "this sandbox"): Target {
  return {
    name: "sandbox",
    title,
    kind: "sandbox",
    command: (port) => [process.execPath, productProgram, "serve", "--port", String(port), ...flags],
    creates: [seedCreate],
    read: readPayment,
    packages: [],
  };
}

/** Keys of the demo merchant, which are the same at every start. */
export interface DemoKeys {
  readonly kid: string;
  readonly privateKey: string;
  readonly publicKey: string;
}

export async function demoKeys(): Promise<DemoKeys> {
  const output = await run([process.execPath, productProgram, "env", "--format", "json"], root);
  const variables = JSON.parse(output) as Record<string, string>;
  const privateKey = variables.NOMUPAY_PRIVATE_KEY ?? "";
  const publicKey = createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString();
  return { kid: variables.NOMUPAY_KID ?? "", privateKey, publicKey };
}
