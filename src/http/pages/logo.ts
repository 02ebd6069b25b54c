import type { Context } from "hono";
import { logoBytes } from "../../domain/logo.ts";
import type { Worlds } from "../../services/worlds/worlds.ts";
import type { Env } from "../env.ts";

/** Responds with a merchant's logo. Its address has a checksum of its bytes, so that browsers may keep it for ever. */
export async function respondLogo(c: Context<Env>, worlds: Pick<Worlds, "logo">): Promise<Response> {
  const { path } = c.req;
  const logo = await worlds.logo(path);
  if (logo === undefined) return c.notFound();
  const tag = `"${path}"`;
  c.header("ETag", tag);
  c.header("Cache-Control", "public, max-age=31536000, immutable");
  c.header("Content-Security-Policy", "default-src 'none'");
  c.header("X-Content-Type-Options", "nosniff");
  if (c.req.header("If-None-Match") === tag) return c.body(null, 304);
  const { type, bytes } = logoBytes(logo);
  return c.body(bytes, 200, { "Content-Type": type });
}
