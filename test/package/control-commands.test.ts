import { parseEnv } from "node:util";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { openCommandLine } from "../support/command-line.ts";
import { paymentRequest } from "../support/merchant.ts";
import { killPrograms, startProgram } from "../support/program.ts";
import { startReceiver } from "../support/receiver.ts";

const commands = openCommandLine();
afterAll(() => commands[Symbol.asyncDispose]());
afterEach(killPrograms);

let url = "";
beforeEach(async () => {
  url = await startProgram(["--port", "0", "--no-demo"]).ready;
});

/** @param command name of the command, which may have two words. */
function run(command: string, ...args: string[]) {
  return commands.run([...command.split(" "), ...args, "--url", url]);
}

/** The JSON that a command prints. */
async function json<T = Record<string, unknown>>(command: string, ...args: string[]): Promise<T> {
  const { code, out, err } = await run(command, ...args);
  expect([code, err]).toEqual([0, ""]);
  return JSON.parse(out) as T;
}

const unknownWorld = 'The world "nobody" does not exist. Open it with POST /_sandbox/worlds.\n';
const durations = "an ISO 8601 duration";

test("a shell opens a world, plans a scenario, acts, moves the clock, and asserts", async () => {
  const receiver = await startReceiver();
  const args = ["--webhook-url", receiver.url, "--clock", "2026-01-05T09:00:00Z", "--name", "Harbour Coffee"];
  const variables = await json<Record<string, string>>("world", ...args);
  expect(Object.keys(variables)).toEqual([
    "NOMUPAY_BASE_URL",
    "NOMUPAY_PROCESSING_ACCOUNT_ID",
    "NOMUPAY_KID",
    "NOMUPAY_PRIVATE_KEY",
    "NOMUPAY_HMAC_KEY",
  ]);
  const { NOMUPAY_PROCESSING_ACCOUNT_ID: id = "" } = variables;
  const inWorld = ["--world", id];
  const create = async (merchantReference: string) => {
    const body = JSON.stringify({ ...paymentRequest(), processingAccountId: id, merchantReference });
    return ((await (await fetch(`${url}/v1/payments`, { method: "POST", body })).json()) as { id: string }).id;
  };

  expect(await json("scenario", "declined_insufficient_funds", "--times", "2", ...inWorld)).toEqual({
    data: [{ scenario: "declined_insufficient_funds", times: 2 }],
  });
  const declined = await create("order-1");
  await create("order-2");
  const paid = await create("order-3");
  expect(await json("advance", "PT1M", ...inWorld)).toMatchObject({ now: "2026-01-05T09:01:00.000Z" });
  expect(await json("advance", "2026-01-05T09:02:00Z", ...inWorld)).toMatchObject({ now: "2026-01-05T09:02:00.000Z" });
  expect(await json("wait", declined, "declined", ...inWorld)).toMatchObject({ id: declined, status: "declined" });
  expect(await json("act", "pay", paid, "--wallet", "mainland", ...inWorld)).toMatchObject({ status: "captured" });
  expect(await json("wait notification", "--status", "captured", ...inWorld)).toMatchObject({ state: "delivered" });
  expect(await json("settle", ...inWorld)).toMatchObject({ mode: "frozen" });
  expect(receiver.received).toHaveLength(3);

  expect(await json("payments", "--status", "declined", ...inWorld)).toMatchObject({
    data: [{ merchantReference: "order-2" }, { id: declined }],
  });
  expect(await json("payment", paid)).toMatchObject({ id: paid, timeline: expect.any(Array) });
  const { data } = await json<{ data: { id: string }[] }>("notifications", "--payment", paid, ...inWorld);
  expect(data).toMatchObject([{ state: "delivered", attempts: [{ answer: { status: 204 } }] }]);
  expect(await json("notification", data[0]?.id ?? "")).toMatchObject(data[0] ?? {});
  expect(await json("payments")).toEqual({ data: [] });

  expect(await json("world remove", id)).toEqual({});
  expect(await run("payments", ...inWorld)).toMatchObject({ code: 1, out: "" });
  await receiver.close();
});

test.each([
  ["shell", (out: string) => parseEnv(out.replaceAll(/^export /gm, ""))],
  ["dotenv", (out: string) => parseEnv(out)],
  ["json", (out: string) => JSON.parse(out) as Record<string, string>],
] as const)("world prints the same variables as %s", async (format, read) => {
  const { code, out } = await run("world", "--id", "2HdN2jq6XWmlkhqRC2gDTNYCvNJ", "--format", format);
  expect(code).toBe(0);
  const privateKey = read(out).NOMUPAY_PRIVATE_KEY?.replaceAll("\\n", "\n");
  expect(read(out)).toMatchObject({
    NOMUPAY_BASE_URL: url,
    NOMUPAY_PROCESSING_ACCOUNT_ID: "2HdN2jq6XWmlkhqRC2gDTNYCvNJ",
  });
  expect(privateKey).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
});

describe("a command ends with 2 for a wrong argument, and with 1 for a failure", () => {
  test.each<[args: [string, ...string[]], code: number, sentence: string]>([
    [["world", "--clock", "soon"], 2, "clock must be"],
    [["world", "--format", "yaml"], 2, '--format is "yaml"; expected dotenv, json or shell.'],
    [["world", "--webhook-url", "ftp://x"], 2, 'settings.webhookUrl is "ftp://x"; expected an http'],
    [["advance", "30 minutes"], 2, `by must be ${durations}`],
    [["advance", "2020-01-05T09:00:00Z"], 2, "to would take the clock back"],
    [["advance"], 2, "Missing argument TARGET"],
    [["advance", "PT1M", "--world", "nobody"], 1, unknownWorld],
    [["settle", "--world", "nobody"], 1, unknownWorld],
    [["scenario", "declind"], 2, "scenario is unknown: the catalogue has paid, "],
    [["scenario", "paid", "--times", "two"], 2, '--times is "two"; expected a whole number.'],
    [["scenario", "paid", "--times", "0"], 2, "times must be a whole number from 1 to 1000."],
    [["wait", "x", "captured"], 1, "There is no payment x in the sandbox.\n"],
    [["wait", "x", "captured", "--timeout", "5s"], 2, `--timeout is "5s"; expected ${durations}, such as PT5S.`],
    [["wait notification", "--timeout", "PT0.1S"], 1, "It did not happen within the timeout."],
    [["wait notification", "--type", "letter"], 2, "type must be"],
    [["act", "pay", "x"], 1, "There is no payment x in the sandbox.\n"],
    [["act", "fly", "x"], 2, "action must be"],
    [["payment", "../worlds"], 1, "There is no payment ../worlds in the sandbox.\n"],
    [["payments", "--limit", "many"], 2, "limit must be a number from 1 to 1000."],
    [["payments", "--status", "done"], 2, "status must be"],
    [["notifications", "--state", "lost"], 2, "state must be"],
    [["notification", "x"], 1, "There is no notification x in the sandbox.\n"],
    [["world remove", "nobody"], 1, unknownWorld],
  ])("%j", async (args, code, sentence) => {
    const end = await run(...args);
    expect(end).toEqual({ code, out: "", err: expect.stringContaining(sentence) });
    expect(end.err).toMatch(/^[^\n]*\.\n$/);
  });
});

test("a command sends the admin token, and says that it is missing", async () => {
  const guarded = await startProgram(["--port", "0", "--no-demo", "--admin-token", "secret"]).ready;
  const settle = ["settle", "--url", guarded];
  expect(await commands.run(settle)).toMatchObject({ code: 1, out: "", err: expect.stringContaining("token") });
  expect(await commands.run([...settle, "--admin-token", "secret"])).toMatchObject({ code: 0, err: "" });
});
