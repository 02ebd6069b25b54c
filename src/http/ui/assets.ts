import { readFileSync } from "node:fs";
import type { Context } from "hono";
import type { Env } from "../env.ts";

/** A file that pages load. Its address contains a version, so that browsers may cache it without a time limit. */
export interface Asset {
  readonly path: string;
  readonly type: string;
  readonly text: string;
  readonly version: string;
}

/** Declares a file. Its text is read, and its version computed, on first use. */
export function asset(path: string, type: string, read: () => string): Asset {
  let text: string | undefined;
  let version: string | undefined;
  return {
    path,
    type,
    get text() {
      text ??= read();
      return text;
    },
    get version() {
      version ??= checksum(this.text);
      return version;
    },
  };
}

/**
 * Reads a text file. The build replaces each call by the text of its file (`scripts/inline-files.ts`), so the argument
 * must have the form `new URL("<relative path>", import.meta.url)`.
 */
export function readText(url: URL): string {
  return readFileSync(url, "utf8");
}

/** The address of an asset, with its version. */
export function addressOfAsset({ path, version }: Asset): string {
  return `${path}?v=${version}`;
}

export function respondAsset(c: Context<Env>, { type, text, version }: Asset): Response {
  const tag = `"${version}"`;
  c.header("ETag", tag);
  c.header("Cache-Control", c.req.query("v") === version ? "public, max-age=31536000, immutable" : "no-cache");
  c.header("X-Content-Type-Options", "nosniff");
  if (c.req.header("If-None-Match") === tag) return c.body(null, 304);
  return c.body(text, 200, { "Content-Type": type });
}

/** FNV-1a: enough to distinguish two versions of a file. */
function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, "0");
}
