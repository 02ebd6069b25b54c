import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { workFolder } from "../paths.ts";
import type { HttpRequest } from "./http-request.ts";

let files = 0;

/** A path in the work folder of this run that no other file has. */
export function newFile(name: string): string {
  files += 1;
  return join(workFolder, `${files}-${name}`);
}

/** Writes requests as lines of JSON. @returns the path of the file. */
export function writeJsonRequests(requests: readonly HttpRequest[]): string {
  const path = newFile("requests.jsonl");
  writeFileSync(path, requests.map((request) => `${JSON.stringify(request)}\n`).join(""));
  return path;
}

/** Writes requests as bytes on the wire, each after a line with its length. @returns the path of the file. */
export function writeRawRequests(requests: readonly HttpRequest[], host: string): string {
  const path = newFile("requests.raw");
  const parts = requests.map((request) => {
    const text = rawRequest(request, host);
    return `${Buffer.byteLength(text)}\n${text}\n`;
  });
  writeFileSync(path, parts.join(""));
  return path;
}

function rawRequest({ method, path, headers, body }: HttpRequest, host: string): string {
  const length = body === "" ? {} : { "Content-Length": String(Buffer.byteLength(body)) };
  const lines = Object.entries({ Host: host, ...headers, ...length }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`;
}
