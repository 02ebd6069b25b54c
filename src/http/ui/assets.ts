import type { Context } from "hono";
import type { Env } from "../env.ts";

/** A file that the pages load. Its address changes with its text, so that a browser may keep it for good. */
export interface Asset {
  readonly path: string;
  readonly type: string;
  readonly text: string;
  readonly version: string;
}

/** Makes a file of a text. What tells its versions apart is worked out when a page first names it. */
export function asset(path: string, type: string, text: string): Asset {
  let version: string | undefined;
  return {
    path,
    type,
    text,
    get version() {
      version ??= checksum(text);
      return version;
    },
  };
}

/** Where a page loads an asset from. */
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

/** FNV-1a: enough to tell two versions of a file apart. */
function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, "0");
}
