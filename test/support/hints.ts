import { expect } from "vitest";
import type { Sandbox } from "../../src/index.ts";

const demo = "2HdN2jq6XWmlkhqRC2gDTNYCvNH";

/** A hint of a stream, or its `hello`. */
export interface StreamedEvent {
  readonly event: string;
  readonly data: { readonly resource?: string; readonly id?: string; readonly version: number };
}

/** Reads server-sent events one after another. `comments` collects the comment lines. */
export function readEvents(response: Response) {
  if (response.body === null) throw new Error("there is no stream");
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const comments: string[] = [];
  let text = "";
  const next = async (): Promise<StreamedEvent | undefined> => {
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end < 0) {
        const { done, value } = await reader.read();
        if (done) return undefined;
        text += value;
        continue;
      }
      const lines = text.slice(0, end).split("\n");
      text = text.slice(end + 2);
      const fields = Object.fromEntries(lines.map((line) => line.split(/: (.*)/s)));
      if (fields.event !== undefined) return { event: fields.event, data: JSON.parse(fields.data) };
      comments.push(...lines);
    }
  };
  return { next, comments, leave: () => reader.cancel() };
}

/** Opens the event stream of a world and reads its `hello`. */
export async function listening(sandbox: Sandbox, processingAccountId = demo, init: RequestInit = {}) {
  const stream = readEvents(await sandbox.fetch(`/_sandbox/events?processingAccountId=${processingAccountId}`, init));
  expect((await stream.next())?.event).toBe("hello");
  return stream;
}
