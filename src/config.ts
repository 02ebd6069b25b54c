import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { z } from "zod";
import { durationMs } from "./domain/duration.ts";
import { firstKsuidTime, lastKsuidTime } from "./domain/ksuid.ts";
import { type Money, moneyFromMajor } from "./domain/money.ts";
import type { WorldClock, WorldSettings } from "./domain/world.ts";

/** Limits of the program itself. Times are real time. */
export interface Limits {
  /** The largest body on `/v1` and the pages, in bytes. */
  readonly bodyMaxBytes: number;
  /** The largest body on the control surface, in bytes. */
  readonly controlBodyMaxBytes: number;
  /** How long a request may take to arrive, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** How long requests and deliveries under way may go on after `close`, in milliseconds. */
  readonly closeTimeoutMs: number;
  /** How many tasks one advance of a clock may run. */
  readonly advanceTasksMax: number;
  /** How long one advance of a clock may take, in milliseconds. */
  readonly advanceDurationMaxMs: number;
}

export const defaultLimits: Limits = {
  bodyMaxBytes: 64 * 1024,
  controlBodyMaxBytes: 1024 * 1024,
  requestTimeoutMs: 30_000,
  closeTimeoutMs: 2_000,
  advanceTasksMax: 10_000,
  advanceDurationMaxMs: 120_000,
};

const defaultSettings: WorldSettings = {
  merchantName: "Demo merchant",
  webhookTimeoutMs: 30_000,
  expiryMs: 30 * 60_000,
  refundDelayMs: 2_000,
  refundWindowMs: 365 * 86_400_000,
  amountMax: moneyFromMajor(50_000) as Money,
  returnDelayMs: 2_000,
};

/** All that a sandbox is told from outside. */
export interface Config {
  readonly auth: "verify" | "require" | "off";
  readonly publicUrl: string | undefined;
  readonly clock: WorldClock;
  readonly seed: string | undefined;
  readonly accounts: "open" | "listed";
  /** `none` opens the control surface on purpose. */
  readonly adminToken: string | undefined;
  readonly allowHosts: readonly string[];
  readonly log: "pretty" | "json" | "silent";
  readonly settings: WorldSettings;
  readonly host: string;
  readonly port: number;
}

/** A wrong option; the message names it, where it came from, and what is allowed. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

export const version: string = (createRequire(import.meta.url)("../package.json") as { version: string }).version;

const httpUrl = z.string().refine((text) => /^https?:\/\/[^\s@]+$/i.test(text) && URL.canParse(text));
const wholeNumber = z.union([
  z.number(),
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number),
]);
const text = z.string().min(1);
const frozenAt = z.iso
  .datetime({ offset: true })
  .transform((value) => Date.parse(value))
  .refine((time) => time >= firstKsuidTime && time <= lastKsuidTime)
  .transform((time): WorldClock => ({ mode: "frozen", time }));
const runningClock: WorldClock = { mode: "running", shiftMs: 0 };
const names = z.union([z.array(text), text.transform((list) => list.split(",").map((name) => name.trim()))]);

interface Option<T> {
  readonly schema: z.ZodType<T>;
  /** What is allowed, to stand after "allowed is". */
  readonly allowed: string;
}

const httpUrlAllowed = "an http or https URL without user name";

/** The options that flags, variables and the file share. A flag is the name with dashes, a variable `SANDBOX_` before it. */
const options = {
  port: {
    schema: wholeNumber.pipe(z.number().int().min(0).max(65_535)),
    allowed: "0 to 65535 (0 takes any free port)",
  },
  host: { schema: text, allowed: "an address of this machine, 127.0.0.1 or 0.0.0.0 for instance" },
  publicUrl: { schema: httpUrl.transform((url) => url.replace(/\/+$/, "")), allowed: httpUrlAllowed },
  auth: { schema: z.enum(["verify", "require", "off"]), allowed: "verify, require or off" },
  webhookUrl: { schema: httpUrl, allowed: httpUrlAllowed },
  clock: {
    schema: z.union([z.literal("running").transform(() => runningClock), frozenAt]),
    allowed: "running, or an instant from 2014-05-13T16:53:20Z to 2150-06-19T23:21:35Z like 2026-01-05T09:00:00Z",
  },
  seed: { schema: text, allowed: "any text" },
  accounts: { schema: z.enum(["open", "listed"]), allowed: "open or listed" },
  adminToken: { schema: text.regex(/^[\x21-\x7e]+$/), allowed: "a text without blanks, or none" },
  allowHost: {
    schema: names.transform((list) => list.map((name) => name.toLowerCase())),
    allowed: "host names without port, commas between",
  },
  log: { schema: z.enum(["pretty", "json", "silent"]), allowed: "pretty, json or silent" },
} as const satisfies Record<string, Option<unknown>>;

type OptionName = keyof typeof options;

const durationSetting: Option<number> = {
  schema: z.string().transform((value, context) => {
    const ms = durationMs(value);
    if (ms === undefined) context.addIssue("not a duration");
    return ms ?? 0;
  }),
  allowed: "an ISO 8601 duration like PT30M",
};

/** The settings of a world as the file spells them, and as the code does. */
const fileSettings = {
  merchantName: { key: "merchantName", schema: text, allowed: "a text" },
  webhookUrl: { key: "webhookUrl", schema: httpUrl, allowed: httpUrlAllowed },
  webhookTimeout: { key: "webhookTimeoutMs", ...durationSetting },
  expiry: { key: "expiryMs", ...durationSetting },
  refundDelay: { key: "refundDelayMs", ...durationSetting },
  refundWindow: { key: "refundWindowMs", ...durationSetting },
  amountMax: {
    key: "amountMax",
    schema: z
      .number()
      .min(0.1)
      .max(1e12)
      .transform(moneyFromMajor)
      .pipe(z.custom<Money>((value) => value !== undefined)),
    allowed: "an amount in HKD from 0.1, with two decimals at most",
  },
  returnDelay: { key: "returnDelayMs", ...durationSetting },
} as const satisfies Record<string, Option<unknown> & { key: keyof WorldSettings }>;

function check<T>({ schema, allowed }: Option<T>, value: unknown, origin: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ConfigError(`${origin} is ${JSON.stringify(value)}: allowed is ${allowed}.`);
}

/** A value and the place that it came from. */
interface Given {
  readonly value: unknown;
  readonly origin: string;
}

function build(given: (name: OptionName) => Given | undefined, settings: Partial<WorldSettings>): Config {
  type Value<N extends OptionName> = z.output<(typeof options)[N]["schema"]>;
  const get = <N extends OptionName>(name: N): Value<N> | undefined => {
    const found = given(name);
    if (found === undefined) return undefined;
    return check(options[name] as unknown as Option<Value<N>>, found.value, found.origin);
  };
  const webhookUrl = get("webhookUrl");
  return Object.freeze({
    port: get("port") ?? 8852,
    host: get("host") ?? "127.0.0.1",
    publicUrl: get("publicUrl"),
    auth: get("auth") ?? "verify",
    clock: get("clock") ?? runningClock,
    seed: get("seed"),
    accounts: get("accounts") ?? "open",
    adminToken: get("adminToken"),
    allowHosts: get("allowHost") ?? [],
    log: get("log") ?? "pretty",
    settings: { ...defaultSettings, ...settings, ...(webhookUrl === undefined ? {} : { webhookUrl }) },
  });
}

/** What `createSandbox` takes besides a webhook function and limits; names as in the file. */
export type ConfigOptions = {
  readonly [N in Exclude<OptionName, "port" | "host">]?: z.input<(typeof options)[N]["schema"]> | undefined;
} & { readonly settings?: Partial<WorldSettings> | undefined };

/** Reads the options of the library. It logs nothing unless told to. Throws `ConfigError`. */
export function configFromOptions(given: ConfigOptions): Config {
  const { settings = {}, ...rest } = given;
  for (const name of Object.keys(rest)) {
    if (!(name in options))
      throw new ConfigError(`The option ${name} is unknown: allowed are ${list(options)} and settings.`);
  }
  const values: Partial<Record<OptionName, unknown>> = { log: "silent", ...rest };
  return build((name) => {
    return values[name] === undefined ? undefined : { value: values[name], origin: `The option ${name}` };
  }, checkSettings(settings));
}

const settingTypes = { merchantName: "string", webhookUrl: "string" } as const;

function checkSettings(settings: Partial<WorldSettings>): Partial<WorldSettings> {
  const known = Object.values(fileSettings).map(({ key }) => key);
  for (const [name, value] of Object.entries(settings)) {
    if (!known.includes(name as keyof WorldSettings)) {
      throw new ConfigError(`The setting ${name} is unknown: allowed are ${known.join(", ")}.`);
    }
    const fits = name in settingTypes ? typeof value === "string" : Number.isSafeInteger(value) && Number(value) >= 0;
    if (value !== undefined && !fits) {
      throw new ConfigError(
        `The setting ${name} is ${JSON.stringify(value)}: allowed is ${name in settingTypes ? "a text" : "a whole number"}.`,
      );
    }
  }
  return settings;
}

/** The flags of `serve`: `--public-url` for `publicUrl`. */
export const flagNames: readonly string[] = [...Object.keys(options).map(dashed), "config"];

/**
 * Reads flags, then variables, then the file. Throws `ConfigError`.
 * @param flags by their names without the dashes in front.
 */
export function configFromCommandLine(
  flags: Readonly<Record<string, string | undefined>>,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Config {
  const lookUp = (name: string): Given | undefined => {
    const flag = flags[dashed(name)];
    if (flag !== undefined) return { value: flag, origin: `--${dashed(name)}` };
    const variable = `SANDBOX_${dashed(name).replaceAll("-", "_").toUpperCase()}`;
    const value = environment[variable];
    return value === undefined ? undefined : { value, origin: variable };
  };
  const file = readConfigFile(lookUp("config"));
  return build((name) => lookUp(name) ?? file.options[name], file.settings);
}

function readConfigFile(given: Given | undefined): {
  options: Partial<Record<OptionName, Given>>;
  settings: Partial<WorldSettings>;
} {
  if (given === undefined) return { options: {}, settings: {} };
  const path = String(given.value);
  const content = parseFile(path, given.origin);
  const settings: Record<string, unknown> = {};
  const found: Partial<Record<OptionName, Given>> = {};
  for (const [name, value] of Object.entries(content)) {
    if (name === "settings") {
      if (typeof value !== "object" || value === null) {
        throw new ConfigError(`settings in ${path} is ${JSON.stringify(value)}: allowed is an object.`);
      }
      for (const [setting, settingValue] of Object.entries(value)) {
        const known = Object.hasOwn(fileSettings, setting)
          ? fileSettings[setting as keyof typeof fileSettings]
          : undefined;
        if (known === undefined)
          throw new ConfigError(`settings.${setting} in ${path} is unknown: allowed are ${list(fileSettings)}.`);
        settings[known.key] = check<unknown>(known, settingValue, `settings.${setting} in ${path}`);
      }
    } else if (Object.hasOwn(options, name)) {
      found[name as OptionName] = { value, origin: `${name} in ${path}` };
    } else {
      throw new ConfigError(`${name} in ${path} is unknown: allowed are ${list(options)} and settings.`);
    }
  }
  return { options: found, settings };
}

function parseFile(path: string, origin: string): object {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new ConfigError(
      `${origin} is ${JSON.stringify(path)}, which cannot be read as JSON: ${(error as Error).message}`,
    );
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new ConfigError(`${origin} is ${JSON.stringify(path)}: allowed is a file with a JSON object.`);
  }
  return content;
}

function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function list(of: object): string {
  return Object.keys(of).join(", ");
}
