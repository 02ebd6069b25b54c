import type { Client } from "pg";
import { describe, expect, test } from "vitest";
import { Feed } from "../../src/store/postgres/feed.ts";
import type { Change } from "../../src/store/store.ts";
import { manualClock } from "../support/manual-clock.ts";
import { type Gate, gate } from "../support/receiver.ts";

const change = (key: string): Change => ({ kind: "payment", key, processingAccountId: "world-1" });

/** A feed on a connection whose answers come when the test lets them, and what was sent there. */
async function openFeed() {
  const clock = manualClock();
  const sent: string[][] = [];
  const news: (readonly Change[] | "anything")[] = [];
  const answer: { held: Gate | undefined } = { held: undefined };
  const listeners = new Map<string, (told: { payload: string }) => void>();
  const connection = {
    on: (event: string, listener: (told: { payload: string }) => void) => void listeners.set(event, listener),
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
    onChanges: (changes) => news.push(changes),
  });
  await feed.start(connection as unknown as Client);
  const hearText = (payload: string) => listeners.get("notification")?.({ payload });
  sent.length = 0;
  return { feed, clock, sent, news, answer, hear: (told: object) => hearText(JSON.stringify(told)), hearText };
}

describe("what a replica tells the others", () => {
  test("goes out together with what came within 20 ms of it, once for each", async () => {
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

  test("goes out 50 times a second at most, however much there is", async () => {
    const { feed, clock, sent } = await openFeed();
    for (let count = 0; count < 1000; count += 1) {
      feed.publish([change(`${count}`)]);
      await clock.pass(1);
    }
    await clock.pass(20);
    expect(sent.length).toBeLessThanOrEqual(51);
    expect(sent.flat()).toEqual(Array.from({ length: 1000 }, (_, index) => `${index}`));
  });

  test("waits for the answer to the one before it, and goes out together then", async () => {
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

  test("goes out before it stops, also what came while something was sent", async () => {
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

describe("what a replica hears", () => {
  test("is what others tell, and not what it says itself", async () => {
    const { news, hear } = await openFeed();
    news.length = 0;
    hear({ from: "here", changes: [["payment", "a", "world-1"]] });
    hear({ from: "there", changes: [["payment", "b", "world-1"]] });
    hear({ from: "there", changes: "anything" });
    hear({ from: "there", changes: [] });
    expect(news).toEqual([[change("b")], "anything"]);
  });

  test.each([
    ["no JSON", "{"],
    ["nothing", ""],
    ["null", "null"],
    ["what has no changes", '{"from":"there"}'],
    ["changes that are none", '{"from":"there","changes":[1]}'],
    ["changes of another kind", '{"from":"there","changes":{"payment":["a"]}}'],
  ])("is anything, where it is not understood: %s", async (_what, payload) => {
    const { news, hearText } = await openFeed();
    news.length = 0;
    hearText(payload);
    expect(news).toEqual(["anything"]);
  });

  test("is anything, each second, for as long as it does not hear itself", async () => {
    const { clock, news, hear } = await openFeed();
    await clock.pass(1_000);
    hear({ from: "here", changes: [] });
    news.length = 0;
    await clock.pass(2_000);
    expect(news).toEqual([]);
    await clock.pass(3_000);
    expect(news).toEqual(["anything", "anything", "anything"]);
    hear({ from: "here", changes: [] });
    news.length = 0;
    await clock.pass(1_000);
    expect(news).toEqual([]);
  });
});
