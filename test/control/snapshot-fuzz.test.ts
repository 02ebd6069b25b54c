import { randomInt } from "node:crypto";
import { expect, inject, test } from "vitest";
import type { Sandbox } from "../../src/index.ts";
import { answerOf, createPayment, frozenSandbox, get, post } from "../support/merchant.ts";
import { isFull } from "../support/scope.ts";
import { failing, makeBusy, putBack, snapshotOf } from "../support/snapshots.ts";

// Restores documents with random changes. Most keep the right shape, so that the rules between records are tested.
// The changes are the same in every run. SANDBOX_TEST_SEED chooses others: a number, or "random".

/** With a database each of them takes a second. */
const documentsCount = isFull && inject("database") === undefined ? 1_000 : 100;
/** Least part of the documents that the sandbox must accept: otherwise the test says little. */
const acceptedPart = 0.3;

type Json = Record<string, unknown>;
type Choose = <T>(choices: readonly T[]) => T;

/** Chance that a seed repeats: mulberry32. */
function dice(seed: number): Choose {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return (choices) => choices[Math.floor(next() * choices.length)] as never;
}

interface Place {
  readonly parent: Json;
  readonly name: string;
}

/** Every member and item of a document. */
function placesIn(value: unknown, places: Place[] = []): Place[] {
  if (typeof value !== "object" || value === null) return places;
  for (const name of Object.keys(value)) {
    places.push({ parent: value as Json, name });
    placesIn((value as Json)[name], places);
  }
  return places;
}

const numbers = [0, 1, 2, 1_000, 60_000, 86_400_000, 1_400_000_000_000, 5_694_341_000_000, 8_640_000_000_000_000];

function mutate(document: Json, choose: Choose): string {
  const records = document.records as Record<string, Json[]>;
  const kind = choose(Object.keys(records).filter((name) => records[name]?.length));
  const list = records[kind] as Json[];
  const record = choose(list);
  const how = choose(["member", "member", "record", "number", "number", "copy", "remove", "anything"]);
  if (how === "record" && choose([true, false])) {
    list.splice(list.indexOf(record), 1);
    return `remove a ${kind}`;
  }
  if (how === "record") {
    list.push({ ...record, ...choose(list), id: record?.id });
    return `copy a ${kind}`;
  }
  // A record that an earlier change replaced may have no members.
  const ofRecord = how === "anything" ? [] : placesIn(record);
  const { parent, name } = choose(ofRecord.length > 0 ? ofRecord : placesIn(document));
  const before = JSON.stringify(parent[name])?.slice(0, 60);
  const same = placesIn(document).filter((place) => place.name === name);
  const isNumber = typeof parent[name] === "number";
  if (how === "remove" && !Array.isArray(parent)) delete parent[name];
  else if (isNumber)
    parent[name] = choose([...numbers, ...[-1, 1, 60_000, -60_000].map((d) => Number(parent[name]) + d)]);
  else {
    const other = choose(same);
    parent[name] = structuredClone(other.parent[other.name]);
  }
  return `${how} ${kind} ${name}: ${before} -> ${JSON.stringify(parent[name])?.slice(0, 60)}`;
}

/** Reads, pays, advances, settles and takes a snapshot. @returns the answers that are no answer to such a request. */
async function use(sandbox: Sandbox): Promise<unknown[]> {
  const wrong: unknown[] = [];
  const check = async (what: string, answer: ReturnType<typeof get>, statuses = [200, 400, 404, 409]) => {
    const { status, text, body } = await answer;
    if (!statuses.includes(status)) wrong.push([what, status, text.slice(0, 300)]);
    return body;
  };
  const read = async () => {
    const { data } = await check("control list", get(sandbox, "/_sandbox/payments?limit=1000"), [200]);
    for (const target of ["/v1/payments", "/v1/transactions", "/_sandbox/notifications", "/_sandbox/requests"]) {
      await check(target, get(sandbox, target), [200]);
    }
    for (const { id } of data ?? []) {
      await check("payment", get(sandbox, `/v1/payments/${id}`), [200, 429]);
      await check("timeline", get(sandbox, `/_sandbox/payments/${id}`), [200]);
    }
    return (data ?? []) as { id: string }[];
  };
  // A queued scenario may refuse any request on purpose.
  await check("queue", answerOf(await sandbox.fetch("/_sandbox/scenarios/next", { method: "DELETE" })), [200]);
  const payments = await read();
  for (const { id } of payments) {
    await check("pay", post(sandbox, `/_sandbox/payments/${id}/actions`, { action: "pay" }), [200, 409]);
    await check("refund", post(sandbox, `/v1/payments/${id}/refunds`, { merchantReference: "r" }), [201, 400, 429]);
  }
  await createPayment(sandbox).catch((error: unknown) => wrong.push(["create", String(error)]));
  for (const by of ["PT5M", "P9D"])
    await check("advance", post(sandbox, "/_sandbox/clock/advance", { by }), [200, 400]);
  await check("settle", post(sandbox, "/_sandbox/settle", {}), [200]);
  await read();
  const taken = await get(sandbox, "/_sandbox/snapshot");
  if (taken.status !== 200) wrong.push(["snapshot", taken.status, taken.text.slice(0, 300)]);
  else await check("restore", putBack(sandbox, taken.text), [200]);
  return wrong;
}

test("whatever a restored document contains, the world can be read, paid, advanced, settled and saved again", {
  timeout: 600_000,
}, async () => {
  const { SANDBOX_TEST_SEED } = process.env;
  const seed = SANDBOX_TEST_SEED === "random" ? randomInt(2 ** 31) : Number(SANDBOX_TEST_SEED ?? 20_260_105);
  console.log(`${documentsCount} mutated snapshots; to repeat them: SANDBOX_TEST_SEED=${seed}`);
  const choose = dice(seed);
  await using sandbox = await frozenSandbox({ seed: "teal", webhook: failing(1).webhook });
  await makeBusy(sandbox);
  const { body } = await snapshotOf(sandbox);
  let accepted = 0;
  const faults: unknown[] = [];
  for (let count = 0; count < documentsCount; count += 1) {
    const document = structuredClone(body);
    const changes = Array.from({ length: choose([1, 1, 2]) }, () => mutate(document, choose));
    const { status, text } = await putBack(sandbox, document);
    if (status >= 500) faults.push([changes, text]);
    if (status !== 200) continue;
    accepted += 1;
    const wrong = await use(sandbox);
    if (wrong.length > 0) faults.push([changes, wrong]);
    expect((await putBack(sandbox, body)).status).toBe(200);
  }
  expect(faults).toEqual([]);
  expect(accepted).toBeGreaterThanOrEqual(documentsCount * acceptedPart);
});
