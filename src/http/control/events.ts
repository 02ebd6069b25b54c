import { type SSEStreamingApi, streamSSE } from "hono/streaming";
import type { ChangeStream } from "../../services/observing/change-stream.ts";
import { respondRefusal } from "../respond.ts";
import { worldInput } from "./fields.ts";
import { controlRoute } from "./route.ts";

const streamEvents = controlRoute({
  method: "GET",
  path: "/events",
  operationId: "streamEvents",
  tag: "Requests",
  inWorld: true,
  access: "session",
  summary: "Stream hints of changes",
  description: "Server-sent events: first `hello`, then `change` with `resource`, `id` and `version`.",
  query: worldInput,
  responses: { 200: { description: "A stream until the client disconnects." } },
  refusals: ["invalid_request", "not_found"],
  handler: async ({ c, query }, { events, worlds }) => {
    const world = await worlds.find(query.processingAccountId);
    if (!world.ok) return world;
    // The response to HEAD has no body.
    if (c.req.method === "HEAD") return c.body(null, 200, { "Content-Type": "text/event-stream" });
    const opened = await events.open(world.value.processingAccountId);
    if (!opened.ok) return respondRefusal(c, opened.refusal);
    const changes = opened.value;
    const { signal } = c.req.raw;
    signal.addEventListener("abort", () => changes.end());
    if (signal.aborted) changes.end();
    // nginx holds responses back otherwise.
    c.header("X-Accel-Buffering", "no");
    return streamSSE(c, (stream) => writeChanges(stream, changes));
  },
});

async function writeChanges(stream: SSEStreamingApi, changes: ChangeStream): Promise<void> {
  stream.onAbort(() => changes.end());
  for (let message = await changes.next(); message !== undefined; message = await changes.next()) {
    if (message.kind === "quiet") await stream.write(": nothing has changed\n\n");
    if (message.kind === "hello") {
      await stream.writeSSE({ event: "hello", data: JSON.stringify({ version: message.version }) });
    }
    if (message.kind === "changes") {
      for (const hint of message.hints) await stream.writeSSE({ event: "change", data: JSON.stringify(hint) });
    }
  }
}

export const eventRoutes = [streamEvents] as const;
