import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { isIP } from "node:net";
import type { z } from "zod";
import { type CodeSettings, defaultSettings, readCodeSettings, readSettings } from "../domain/settings.ts";
import type { WorldClock, WorldSettings } from "../domain/world.ts";
import { ConfigError } from "./config-error.ts";
import { checkMerchants, type MerchantOption } from "./merchants.ts";
import { check, type Option, type OptionName, options, runningClock } from "./options.ts";

export { ConfigError } from "./config-error.ts";
export { defaultLimits, type Limits } from "./limits.ts";

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
  /** Whose pages may frame the payer's pages, as a list of sources for their policy. */
  readonly frameAncestors: string;
  readonly log: "pretty" | "json" | "silent";
  /** Whether there is a demo shop. */
  readonly demo: boolean;
  readonly settings: WorldSettings;
  /** Merchants besides the demo merchant. */
  readonly merchants: readonly MerchantOption[];
  readonly host: string;
  readonly port: number;
  /** Where the records are: in this process, or in a database that several replicas share. */
  readonly store: "memory" | PostgresOptions;
  /** How long a world may go unused before it is removed, in milliseconds of real time; never, where nothing is said. */
  readonly removeUnusedAfterMs: number | undefined;
}

/** How to reach the database. */
export interface PostgresOptions {
  readonly url: string;
  /** The schema of this sandbox: several share a database in schemas of their own. */
  readonly schema: string;
  /** How many connections this process may have, besides the one by which it hears of the other replicas. */
  readonly connectionsMax: number;
  /** How long a unit of work may take, the wait for a connection included, in milliseconds of real time. */
  readonly timeoutMs: number;
}

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, "").toLowerCase();
  return (
    bare === "localhost" ||
    bare.endsWith(".localhost") ||
    bare === "::1" ||
    (isIP(bare) === 4 && bare.startsWith("127."))
  );
}

/** Replaced by the build. */
declare const PACKAGE_VERSION: string | undefined;

/** The version of this package. */
export const version: string =
  typeof PACKAGE_VERSION === "string"
    ? PACKAGE_VERSION
    : (createRequire(import.meta.url)("../../package.json") as { version: string }).version;

/** A value and the place that it came from. */
interface Given {
  readonly value: unknown;
  readonly origin: string;
}

function build(
  given: (name: OptionName) => Given | undefined,
  settings: Partial<WorldSettings>,
  merchants: readonly MerchantOption[],
): Config {
  type Value<N extends OptionName> = z.output<(typeof options)[N]["schema"]>;
  const get = <N extends OptionName>(name: N): Value<N> | undefined => {
    const found = given(name);
    if (found === undefined) return undefined;
    return check(options[name] as unknown as Option<Value<N>>, found.value, found.origin);
  };
  const webhookUrl = get("webhookUrl");
  const url = get("store") ?? "memory";
  const postgres = {
    schema: get("storeSchema") ?? "alipay_hk_sandbox",
    connectionsMax: get("storeConnections") ?? 10,
    timeoutMs: get("storeTimeout") ?? 5_000,
  };
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
    frameAncestors: get("frameAncestors") ?? "'none'",
    log: get("log") ?? "pretty",
    demo: get("demo") ?? false,
    store: url === "memory" ? url : { url, ...postgres },
    removeUnusedAfterMs: get("removeUnusedAfter"),
    merchants,
    settings: { ...defaultSettings, ...settings, ...(webhookUrl === undefined ? {} : { webhookUrl }) },
  });
}

/** `listen` takes these two, and `webhook` stands for the third. */
type NotInCode = "port" | "host";

/** What `createSandbox` takes besides a webhook function and limits; names as in the file. */
export type ConfigOptions = {
  readonly [N in Exclude<OptionName, NotInCode>]?: z.input<(typeof options)[N]["schema"]> | undefined;
} & {
  readonly settings?: Partial<CodeSettings> | undefined;
  readonly merchants?: readonly MerchantOption[] | undefined;
};

/** Reads the options of the library. It logs nothing unless told to. Throws `ConfigError`. */
export function configFromOptions(given: ConfigOptions): Config {
  const { settings = {}, merchants = [], ...rest } = given;
  for (const name of Object.keys(rest)) {
    if (!Object.hasOwn(options, name) || name === "port" || name === "host") {
      throw new ConfigError(`The option ${name} is unknown: allowed are ${list(options)}, settings and merchants.`);
    }
  }
  const values: Partial<Record<OptionName, unknown>> = { log: "silent", ...rest };
  const find = (name: OptionName) => {
    return values[name] === undefined ? undefined : { value: values[name], origin: `The option ${name}` };
  };
  return build(
    find,
    readCodeSettings(settings, (complaint) => {
      throw new ConfigError(`The setting ${complaint}.`);
    }),
    checkMerchants(merchants, "The option merchants"),
  );
}

/** The option that the command line has on, and the flag without a value that switches it off. */
const noDemo = "no-demo";

/** Flags that take no value: given, they are the text `true`. */
export const switchNames: readonly string[] = [noDemo];

/** The flags of `serve`: `--public-url` for `publicUrl`. */
export const flagNames: readonly string[] = [
  ...Object.keys(options)
    .filter((name) => name !== "demo")
    .map(dashed),
  ...switchNames,
  "config",
];

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
  const find = (name: OptionName): Given | undefined => {
    if (name !== "demo") return lookUp(name) ?? file.options[name];
    // The shop keeps its orders in one process: behind a load balancer a payer would come back to another one.
    const byDefault = { value: (find("store")?.value ?? "memory") === "memory", origin: "the default" };
    return negated(lookUp(noDemo)) ?? file.options.demo ?? byDefault;
  };
  return build(find, file.settings, file.merchants);
}

/** What a switch says about the option that it switches off. */
function negated(given: Given | undefined): Given | undefined {
  const opposite: Readonly<Record<string, boolean>> = { true: false, false: true };
  return given && { ...given, value: opposite[String(given.value)] ?? given.value };
}

/** What a file says. */
interface FileContent {
  readonly options: Partial<Record<OptionName, Given>>;
  readonly settings: Partial<WorldSettings>;
  readonly merchants: readonly MerchantOption[];
}

function readConfigFile(given: Given | undefined): FileContent {
  if (given === undefined) return { options: {}, settings: {}, merchants: [] };
  const path = String(given.value);
  const { settings = {}, merchants = [], ...rest } = parseFile(path, given.origin) as Record<string, unknown>;
  if (typeof settings !== "object" || settings === null || Array.isArray(settings)) {
    throw new ConfigError(`settings in ${path} is ${JSON.stringify(settings)}: allowed is an object.`);
  }
  const found: Partial<Record<OptionName, Given>> = {};
  for (const [name, value] of Object.entries(rest)) {
    if (!Object.hasOwn(options, name)) {
      throw new ConfigError(`${name} in ${path} is unknown: allowed are ${list(options)}, settings and merchants.`);
    }
    found[name as OptionName] = { value, origin: `${name} in ${path}` };
  }
  return {
    options: found,
    settings: readSettings(settings, (name, _, complaint) => {
      throw new ConfigError(`settings.${name} in ${path} ${complaint}.`);
    }),
    merchants: checkMerchants(merchants, `merchants in ${path}`),
  };
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
