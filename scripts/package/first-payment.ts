import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { environment } from "./programs.ts";

const demoId = "2HdN2jq6XWmlkhqRC2gDTNYCvNH";

/** Starts the program in a folder, creates and pays a payment, opens its pages, and ends the program with SIGTERM. */
export async function serveFirstPayment(
  folder: string,
  node: string,
  script: string,
  ...args: string[]
): Promise<void> {
  const serve = ["--port", "0", "--log", "silent", ...args];
  const child = spawn(node, [script, ...serve], { cwd: folder, env: environment, stdio: ["ignore", "pipe", "pipe"] });
  const ended = once(child, "close");
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (text) => {
      output += text;
      const [, ready] = /^Alipay HK sandbox ready at (\S+)\n/.exec(output) ?? [];
      if (ready !== undefined) resolve(ready);
    });
    ended.then(([code]) => reject(new Error(`${script} ended with ${code}: ${output}`)));
  });
  try {
    await payAt(url);
  } finally {
    child.kill("SIGTERM");
  }
  const [code] = await ended;
  if (code !== 0) throw new Error(`${script} ended with ${code} after SIGTERM: ${output}`);
}

async function payAt(url: string): Promise<void> {
  const created = await post(`${url}/v1/payments`, 201, {
    processingAccountId: demoId,
    merchantReference: "1001",
    amount: { value: 200, currency: "hkd" },
    paymentMethod: { type: "alipay_hk", alipayHk: { returnUrl: "https://shop.example/", flowType: "qr_link" } },
  });
  const { id, nextStep } = created as { readonly id: string; readonly nextStep: { redirect: { url: string } } };
  for (const page of [nextStep.redirect.url, `${url}/`, `${url}/docs`]) {
    const { status } = await fetch(page);
    if (status !== 200) throw new Error(`${page} answers ${status}`);
  }
  const { status } = (await post(`${url}/_sandbox/payments/${id}/actions`, 200, { action: "pay" })) as {
    status: string;
  };
  if (status !== "captured") throw new Error(`The payment is ${status}`);
}

async function post(url: string, status: number, body: object): Promise<object> {
  const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
  const text = await response.text();
  if (response.status !== status) throw new Error(`${url} answers ${response.status}: ${text}`);
  return JSON.parse(text) as object;
}

/** Size and number of the files in a folder, as text. */
export function sizeOf(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const bytes = files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
  return `${(bytes / 1e6).toFixed(1)} MB in ${files.length} ${files.length === 1 ? "file" : "files"}`;
}
