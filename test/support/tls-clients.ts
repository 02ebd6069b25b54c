import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { request as sendRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { vi } from "vitest";
import { createSandbox, type SandboxOptions } from "../../src/index.ts";
import { issueCertificate, makeAuthority } from "../../src/platform/certificates.ts";

/** A sandbox that listens with TLS. `lines` are the lines on the console since then. */
export async function onTls(options: SandboxOptions = {}, host = "127.0.0.1") {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const kind: SandboxOptions = options.tlsCert === undefined ? { tls: "self-signed" } : {};
  const sandbox = await createSandbox({ clock: "2026-01-05T09:00:00.000Z", ...kind, ...options });
  const listening = await sandbox.listen({ host }).catch(async (error) => {
    await sandbox.close();
    throw error;
  });
  const caFile = sandbox.caFile ?? options.tlsCert ?? "";
  const ca = readFileSync(caFile, "utf8");
  const port = Number(new URL(listening).port);
  return {
    ...{ sandbox, url: listening, port, caFile, ca },
    lines: () => write.mock.calls.flatMap(([text]) => String(text).trimEnd().split("\n")),
    send: (target: string, init: Sent = {}) => send(new URL(target, listening), { ca, ...init }),
    [Symbol.asyncDispose]: () => sandbox.close(),
  };
}

const folders: string[] = [];
process.once("exit", () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is removed when the process of the tests ends. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "tls-"));
  folders.push(folder);
  return folder;
}

export interface Sent extends ConnectionOptions {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | undefined;
}

export interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Sends a request with `node:https`. It trusts the given CA only. */
export async function send(url: URL | string, { body, ...options }: Sent): Promise<Got> {
  const request = sendRequest(url, { agent: false, ...options });
  const [incoming] = await once(request.end(body), "response");
  const text = Buffer.concat(await incoming.toArray()).toString("utf8");
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, text };
}

/** Resolves to the connection after its handshake; rejects with the error of the handshake. */
export async function handshake(port: number, options: ConnectionOptions): Promise<TLSSocket> {
  const socket = connect({ port, host: "127.0.0.1", ...options });
  await once(socket, "secureConnect");
  return socket;
}

/** The names in the certificate that a port presents. */
export async function namesAt(port: number, ca: string): Promise<string[]> {
  const socket = await handshake(port, { ca });
  const { subjectaltname = "" } = socket.getPeerCertificate();
  socket.destroy();
  return subjectaltname.split(", ");
}

/** Files with a certificate of a CA that nobody knows, and its key. */
export function pairFor(...names: string[]) {
  const { cert, key } = issueCertificate(makeAuthority(Date.now()), names, Date.now());
  const folder = newFolder();
  const files = { tlsCert: join(folder, "cert.pem"), tlsKey: join(folder, "key.pem") };
  writeFileSync(files.tlsCert, cert);
  writeFileSync(files.tlsKey, key);
  return files;
}
