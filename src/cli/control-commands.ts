import { connectTo } from "../client/connect.ts";
import { requestControl, type UntypedRequestControl } from "../client/request.ts";
import { ConfigError } from "../config/config.ts";
import { durationMs } from "../domain/duration.ts";
import type { Command, Flag, Flags, Parameter, Positionals } from "./command.ts";
import { environmentBlock, formatFlag, formatOf } from "./env.ts";
import { orNotFound, serverFlags, serverOf } from "./running-sandbox.ts";

/** A request to the control surface. A `{name}` in the path stands for a parameter of the command. */
interface ControlRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: object;
}

/** A command that sends one request. */
interface ControlCommand {
  readonly name: string;
  readonly summary: string;
  readonly parameters?: readonly Parameter[];
  readonly flags?: readonly Flag[];
  readonly request: (flags: Flags, parameters: Positionals) => ControlRequest;
}

const worldFlag: Flag = {
  name: "world",
  placeholder: "ID",
  help: "processing account of the world (default: the demo world)",
};
const timeoutFlag: Flag = {
  name: "timeout",
  placeholder: "DURATION",
  help: "maximum wait in real time, at most PT60S (default PT5S)",
};
const pageFlags: readonly Flag[] = [
  { name: "limit", placeholder: "COUNT", help: "maximum number of records in the answer" },
  { name: "cursor", placeholder: "CURSOR", help: "nextCursor of the page before" },
];
const payment: Parameter = { name: "PAYMENT", help: "id of the payment" };
const notification: Parameter = { name: "NOTIFICATION", help: "id of the notification" };

/** Each command with one request. All print the JSON of the answer. */
const controlCommandTable: readonly ControlCommand[] = [
  {
    name: "world remove",
    summary: "removes a world with all its records",
    parameters: [{ name: "WORLD", help: "processing account of the world" }],
    request: (_, [id = ""]) => ({ method: "DELETE", path: `/worlds/${encodeURIComponent(id)}` }),
  },
  {
    name: "advance",
    summary: "advances the clock of a world, and runs all tasks that become due",
    parameters: [{ name: "TARGET", help: "duration such as PT30M, or instant such as 2026-01-05T10:00:00Z" }],
    request: (_, [target = ""]) => ({
      method: "POST",
      path: "/clock/advance",
      body: /^\d{4}-/.test(target) ? { to: target } : { by: target },
    }),
  },
  {
    name: "settle",
    summary: "waits until no task is due and no webhook is on its way",
    request: () => ({ method: "POST", path: "/settle", body: {} }),
  },
  {
    name: "scenario",
    summary: "queues a scenario for the next payment or refund, and prints the queue",
    parameters: [{ name: "SCENARIO", help: "name of a scenario, such as declined_insufficient_funds" }],
    flags: [{ name: "times", placeholder: "COUNT", help: "number of requests that it applies to (default 1)" }],
    request: ({ times }, [scenario]) => ({
      method: "POST",
      path: "/scenarios/next",
      body: { scenario, times: countOf("times", times) },
    }),
  },
  {
    name: "wait",
    summary: "waits until a payment has a status, and prints the payment",
    parameters: [payment, { name: "STATUS", help: "status of the payment, such as captured" }],
    flags: [timeoutFlag],
    request: ({ timeout }, [id = "", status]) => ({
      method: "GET",
      path: `/payments/${encodeURIComponent(id)}/wait`,
      query: { status, timeoutMs: timeoutOf(timeout) },
    }),
  },
  {
    name: "wait notification",
    summary: "waits for a webhook that matches, and prints it with its attempts",
    flags: [
      { name: "type", placeholder: "TYPE", help: "payment or refund" },
      { name: "status", placeholder: "STATUS", help: "status in its body, such as captured" },
      { name: "payment", placeholder: "ID", help: "id of the payment" },
      { name: "refund", placeholder: "ID", help: "id of the refund" },
      { name: "reference", placeholder: "TEXT", help: "merchantReference of the payment" },
      timeoutFlag,
    ],
    request: ({ type, status, payment: paymentId, refund: refundId, reference: merchantReference, timeout }) => ({
      method: "GET",
      path: "/notifications/wait",
      query: { type, status, paymentId, refundId, merchantReference, timeoutMs: timeoutOf(timeout) },
    }),
  },
  {
    name: "act",
    summary: "acts on a payment as the payer's buttons do, and prints the payment",
    parameters: [{ name: "ACTION", help: "scan, pay, decline, cancel, expire or fail" }, payment],
    flags: [
      { name: "reason", placeholder: "REASON", help: "why the wallet declines" },
      { name: "wallet", placeholder: "WALLET", help: "the payer's wallet: hong_kong or mainland" },
    ],
    request: ({ reason, wallet }, [action, id = ""]) => ({
      method: "POST",
      path: `/payments/${encodeURIComponent(id)}/actions`,
      body: { action, reason, wallet },
    }),
  },
  {
    name: "payments",
    summary: "lists the payments of a world, newest first",
    flags: [
      { name: "status", placeholder: "STATUS", help: "only payments with this status" },
      { name: "reference", placeholder: "TEXT", help: "only payments with this merchantReference" },
      ...pageFlags,
    ],
    request: ({ status, reference: merchantReference, limit, cursor }) => ({
      method: "GET",
      path: "/payments",
      query: { status, merchantReference, limit, cursor },
    }),
  },
  {
    name: "payment",
    summary: "prints a payment with its refunds, ledger and timeline",
    parameters: [payment],
    request: (_, [id = ""]) => ({ method: "GET", path: `/payments/${encodeURIComponent(id)}` }),
  },
  {
    name: "notifications",
    summary: "lists the webhooks of a world with their attempts, newest first",
    flags: [
      { name: "payment", placeholder: "ID", help: "only those of this payment" },
      { name: "state", placeholder: "STATE", help: "only those in this state, such as retrying or delivered" },
      ...pageFlags,
    ],
    request: ({ payment: paymentId, state, limit, cursor }) => ({
      method: "GET",
      path: "/notifications",
      query: { paymentId, state, limit, cursor },
    }),
  },
  {
    name: "notification",
    summary: "prints a webhook with its attempts",
    parameters: [notification],
    request: (_, [id = ""]) => ({ method: "GET", path: `/notifications/${encodeURIComponent(id)}` }),
  },
];

/** The commands that send one request to the control surface of a running sandbox. */
export const controlCommands: readonly Command[] = controlCommandTable.map(
  ({ name, summary, parameters = [], flags = [], request }) => {
    const inWorld = name !== "world remove";
    return {
      name,
      summary,
      parameters,
      flags: [...flags, ...(inWorld ? [worldFlag] : []), ...serverFlags],
      run: async (given, values) => {
        const { method, path, ...details } = request(given, values);
        const prefix = given.world === undefined ? "" : `/worlds/${encodeURIComponent(given.world)}`;
        const answer = control(given)(method, prefix + path, details);
        print(await answer.catch(nameRecord(parameters, values, given.world)));
      },
    };
  },
);

/** Creates a merchant with one world. It prints environment variables, as `env` does for the demo merchant. */
export const world: Command = {
  name: "world",
  summary: "opens a world for one test, and prints the environment variables of its merchant",
  parameters: [],
  flags: [
    { name: "webhook-url", placeholder: "URL", help: "endpoint of its webhooks (default: that of the sandbox)" },
    { name: "clock", placeholder: "running|INSTANT", help: "its clock: frozen at an instant, or running" },
    { name: "name", placeholder: "TEXT", help: "name of the merchant" },
    { name: "id", placeholder: "ID", help: "its processing account (default: a new id)" },
    formatFlag("json"),
    ...serverFlags,
  ],
  run: async (flags) => {
    const format = formatOf(flags, "json");
    const { id: processingAccountId, clock, name: merchantName, "webhook-url": webhookUrl } = flags;
    const settings = { merchantName, webhookUrl };
    const opened = await control(flags)("POST", "/worlds", { body: { processingAccountId, clock, settings } });
    process.stdout.write(environmentBlock(opened as Parameters<typeof environmentBlock>[0], format));
  },
};

function control(flags: Flags): UntypedRequestControl {
  const { url, adminToken, ca } = serverOf(flags);
  const trust = ca === undefined ? undefined : { ca };
  return requestControl(connectTo(url, { adminToken, trust })) as UntypedRequestControl;
}

/** Names the payment or the notification of the command in the error for a record that does not exist. */
function nameRecord(parameters: readonly Parameter[], values: Positionals, worldId = ""): (error: unknown) => never {
  const index = parameters.findIndex((parameter) => parameter === payment || parameter === notification);
  const record = `${parameters[index]?.name.toLowerCase()} ${values[index]}`;
  if (index >= 0) return orNotFound(record, worldId === "" ? "the sandbox" : `the world ${worldId}`);
  return (error) => {
    throw error;
  };
}

function print(answer: object): void {
  process.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
}

/** The value of a flag as a number; the sandbox checks its range. */
function countOf(flag: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value);
  throw new ConfigError(`--${flag} is ${JSON.stringify(value)}; expected a whole number.`);
}

function timeoutOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const timeoutMs = durationMs(value);
  if (timeoutMs !== undefined) return timeoutMs;
  throw new ConfigError(`--timeout is ${JSON.stringify(value)}; expected an ISO 8601 duration, such as PT5S.`);
}
