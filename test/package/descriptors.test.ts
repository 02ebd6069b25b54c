import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { expect, onTestFinished, test } from "vitest";

const program = new URL("../../dist/cli.js", import.meta.url).pathname;
const preload = new URL("../support/exhaust-descriptors.js", import.meta.url).href;

/** Starts the built program with a limit of open files. */
async function serveWithLimit(files: number) {
  const command = `ulimit -n ${files}; exec ${process.execPath} --import ${preload} ${program} --port 0`;
  const child = spawn("sh", ["-c", command], { env: { PATH: process.env.PATH } });
  onTestFinished(() => void child.kill("SIGKILL"));
  const err = textOf(child.stderr);
  const out = textOf(child.stdout);
  await expect.poll(out).toMatch(/ready at \S+\n/);
  const [, url = ""] = /ready at (\S+)\n/.exec(out()) ?? [];
  return { child, url, err };
}

function textOf(stream: ChildProcess["stdout"]): () => string {
  let text = "";
  stream?.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
  });
  return () => text;
}

/** Sends requests on one connection that stays open. */
function oneConnection(url: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  return async (path: string): Promise<string> => {
    const outgoing = request(url + path, { agent }).end();
    const [response] = (await once(outgoing, "response")) as [IncomingMessage];
    response.resume();
    await once(response, "end");
    return `${path} ${response.statusCode}`;
  };
}

const pages = ["/", "/docs", "/openapi.json", "/_sandbox/openapi.json", "/assets/sandbox.css"];
const answered = pages.map((path) => `${path} 200`);

/** What serve loads after it is ready, as the loader names it. */
const lateParts = ["inspector", "payer", "page", "openapi", "snapshot-schema", "routes"].map(
  (name) => new RegExp(`loaded .*/dist/${name}-\\w+\\.js\n`),
);

test("a moment without free descriptors breaks no page, then or later", async () => {
  const { child, url, err } = await serveWithLimit(300);
  const get = oneConnection(url);
  expect(await get("/_sandbox/health")).toBe("/_sandbox/health 200");
  for (const part of lateParts) await expect.poll(err).toMatch(part);
  // The shop is the last part: its first page waits for all of it.
  expect(await get("/demo")).toBe("/demo 200");
  child.kill("SIGUSR2");
  await expect.poll(err).toContain("EMFILE: no descriptor is free");
  const during = [];
  for (const path of pages) during.push(await get(path));
  await get("/demo");
  child.kill("SIGHUP");
  await expect.poll(err).toContain("descriptors are free");
  const later = [];
  for (const path of [...pages, "/demo"]) later.push(await get(path));
  expect({ during, later }).toEqual({ during: answered, later: [...answered, "/demo 200"] });
});

test("serve warns if it can open too few files for its maximum of connections", async () => {
  const { err } = await serveWithLimit(300);
  expect(err()).toContain(
    "This process can open 300 files (ulimit -n): the maximum of connections is 172, not 1000.\n",
  );
});
