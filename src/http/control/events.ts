import { Hono } from "hono";
import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import type { ChangeStream, ChangeStreams } from "../../services/observing/change-stream.ts";
import type { Worlds } from "../../services/worlds/worlds.ts";
import { type Env, queryOf } from "../env.ts";
import { respondRefusal } from "../respond.ts";
import { parseValue } from "../validate.ts";
import { worldOnly } from "./schemas.ts";

/** What stands behind the route of this file. */
export interface EventParts {
  readonly events: ChangeStreams;
  readonly worlds: Worlds;
}

/** Hints of what changes, for as long as the client listens. */
export function eventRoutes({ events, worlds }: EventParts): Hono<Env> {
  return new Hono<Env>().get("/events", async (c) => {
    const query = parseValue(worldOnly, queryOf(c));
    if (!query.ok) return respondRefusal(c, query.refusal);
    const world = await worlds.find(query.value.processingAccountId);
    if (!world.ok) return respondRefusal(c, world.refusal);
    // Nobody would read the stream.
    if (c.req.method === "HEAD") return c.body(null, 200, { "Content-Type": "text/event-stream" });
    const opened = await events.open(world.value.processingAccountId);
    if (!opened.ok) return respondRefusal(c, opened.refusal);
    const hints = opened.value;
    const { signal } = c.req.raw;
    signal.addEventListener("abort", () => hints.end());
    if (signal.aborted) hints.end();
    return streamSSE(c, (stream) => tell(stream, hints));
  });
}

async function tell(stream: SSEStreamingApi, hints: ChangeStream): Promise<void> {
  stream.onAbort(() => hints.end());
  for (let told = await hints.next(); told !== undefined; told = await hints.next()) {
    if (told.kind === "quiet") await stream.write(": nothing has changed\n\n");
    if (told.kind === "hello") {
      await stream.writeSSE({ event: "hello", data: JSON.stringify({ version: told.version }) });
    }
    if (told.kind === "changes") {
      for (const hint of told.hints) await stream.writeSSE({ event: "change", data: JSON.stringify(hint) });
    }
  }
}
