import type { Client } from "pg";
import { describe, expect, test } from "vitest";
import { Feed } from "../../src/store/postgres/feed.ts";
import type { Change } from "../../src/store/store.ts";
import { manualClock } from "../support/manual-clock.ts";
import { type Gate, gate } from "../support/receiver.ts";

const change = (key: string): Change => ({ kind: "payment", key, processingAccountId: "world-1" });

/** A feed on a connection that answers when the test allows it, and its sent messages. */
async function openFeed() {
  const clock = manualClock();
  const sent: string[][] = [];
  const reported: (readonly Change[] | "anything")[] = [];
  const answer: { held: Gate | undefined } = { held: undefined };
  const listeners = new Map<string, (message: { payload: string }) => void>();
  const connection = {
    on: (event: string, listener: (message: { payload: string }) => void) => void listeners.set(event, listener),
    unref: () => undefined,
    end: async () => undefined,
    query: async (_text: string, values?: readonly string[]) => {
      if (values === undefined) return;
      const { changes } = JSON.parse(values[1] ?? "") as { changes: string[][] };
      sent.push(changes.map(([, key = ""]) => key));
      await answer.held?.opened;
    },
  };
  const feed = new Feed({
    connect: async () => connection as unknown as Client,
    channel: "sandbox shop",
    from: "here",
    clock,
    onChanges: (changes) => reported.push(changes),
  });
  await feed.start(connection as unknown as Client);
  const receiveText = (payload: string) => listeners.get("notification")?.({ payload });
  sent.length = 0;
  return {
    feed,
    clock,
    sent,
    reported,
    answer,
    receive: (message: object) => receiveText(JSON.stringify(message)),
    receiveText,
  };
}

describe("the changes of a replica", () => {
  test("are sent together with the changes of the next 20 ms, each once", async () => {
    const { feed, clock, sent } = await openFeed();
    await clock.pass(20);
    feed.publish([change("a"), change("b")]);
    await clock.pass(0);
    feed.publish([change("c")]);
    feed.publish([change("d"), change("c")]);
    await clock.pass(19);
    expect(sent).toEqual([["a", "b"]]);
    await clock.pass(1);
    expect(sent).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
  });

  test("are sent at most 50 times a second", async () => {
    const { feed, clock, sent } = await openFeed();
    for (let count = 0; count < 1000; count += 1) {
      feed.publish([change(`${count}`)]);
      await clock.pass(1);
    }
    await clock.pass(20);
    expect(sent.length).toBeLessThanOrEqual(51);
    expect(sent.flat()).toEqual(Array.from({ length: 1000 }, (_, index) => `${index}`));
  });

  test("are sent together after the answer to the previous message", async () => {
    const { feed, clock, sent, answer } = await openFeed();
    await clock.pass(20);
    answer.held = gate();
    for (const key of ["a", "b", "c", "d"]) {
      feed.publish([change(key)]);
      await clock.pass(100);
    }
    expect(sent).toEqual([["a"]]);
    answer.held.open();
    await clock.pass(20);
    expect(sent).toEqual([["a"], ["b", "c", "d"]]);
  });

  test("are sent before the feed stops, including those that were added during a send", async () => {
    const { feed, clock, sent, answer } = await openFeed();
    await clock.pass(20);
    answer.held = gate();
    feed.publish([change("a")]);
    await clock.pass(0);
    feed.publish([change("b")]);
    const stopped = feed.stop();
    answer.held.open();
    await stopped;
    await clock.pass(1_000);
    expect(sent).toEqual([["a"], ["b"]]);
  });
});

describe("the changes of other replicas", () => {
  test("are received without its own", async () => {
    const { reported, receive } = await openFeed();
    reported.length = 0;
    receive({ from: "here", changes: [["payment", "a", "world-1"]] });
    receive({ from: "there", changes: [["payment", "b", "world-1"]] });
    receive({ from: "there", changes: "anything" });
    receive({ from: "there", changes: [] });
    expect(reported).toEqual([[change("b")], "anything"]);
  });

  test.each([
    ["no JSON", "{"],
    ["nothing", ""],
    ["null", "null"],
    ["a message without changes", '{"from":"there"}'],
    ["malformed changes", '{"from":"there","changes":[1]}'],
    ["changes of another kind", '{"from":"there","changes":{"payment":["a"]}}'],
  ])("are reported as anything if the message is invalid: %s", async (_what, payload) => {
    const { reported, receiveText } = await openFeed();
    reported.length = 0;
    receiveText(payload);
    expect(reported).toEqual(["anything"]);
  });

  test("are reported as anything each second without a heartbeat of this replica", async () => {
    const { clock, reported, receive } = await openFeed();
    await clock.pass(1_000);
    receive({ from: "here", changes: [] });
    reported.length = 0;
    await clock.pass(2_000);
    expect(reported).toEqual([]);
    await clock.pass(3_000);
    expect(reported).toEqual(["anything", "anything", "anything"]);
    receive({ from: "here", changes: [] });
    reported.length = 0;
    await clock.pass(1_000);
    expect(reported).toEqual([]);
  });
});
