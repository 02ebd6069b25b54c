import type { MerchantOption } from "../domain/merchant-option.ts";
import {
  type CodeSettings,
  defaultSettings,
  readCodeSettings,
  settingsConflict,
  settingWarnings,
  withSettings,
} from "../domain/settings.ts";
import type { WorldClock, WorldSettings } from "../domain/world.ts";
import { ConfigError } from "./config-error.ts";
import { readConfigFile } from "./config-file.ts";
import { describeForeignVariable, type Given, readOption, readSpelling, readVariable } from "./given-options.ts";
import { readMerchants } from "./merchants.ts";
import {
  type Environment,
  flagOf,
  type LibraryOptionName,
  type OptionInput,
  type OptionName,
  type OptionValue,
  optionNames,
  optionTable,
  variableOf,
} from "./options.ts";
import { readTls, type Tls } from "./tls.ts";

export { ConfigError, UnavailableError } from "./config-error.ts";
export { defaultLimits, type Limits } from "./limits.ts";

/** Configuration of a sandbox. */
export interface Config {
  readonly auth: "verify" | "require" | "off";
  readonly publicUrl: string | undefined;
  readonly clock: WorldClock;
  readonly seed: string | undefined;
  readonly accounts: "open" | "listed";
  /** `none` opens the control surface to everybody. */
  readonly adminToken: string | undefined;
  readonly allowHosts: readonly string[];
  /** Sites that may frame the payer's pages: the sources of a Content-Security-Policy. */
  readonly frameAncestors: string;
  readonly log: "pretty" | "json" | "silent";
  /** Whether to serve the demo shop. */
  readonly demo: boolean;
  readonly settings: WorldSettings;
  /** Merchants besides the demo merchant. */
  readonly merchants: readonly MerchantOption[];
  readonly host: string;
  readonly port: number;
  /** How the sandbox speaks HTTPS; `undefined` for plain HTTP. */
  readonly tls: Tls | undefined;
  /** Maximum connections of clients. */
  readonly connectionsMax: number;
  /** Where the records are: in this process, or in a database that replicas share. */
  readonly store: "memory" | PostgresOptions;
  /** Sentences on variables that are ignored, for the log. */
  readonly notices: readonly string[];
  /** Unused worlds are removed after this long, in milliseconds of real time; `undefined` keeps them. */
  readonly removeUnusedAfterMs: number | undefined;
}

/** How to use the database. */
export interface PostgresOptions {
  readonly url: string;
  /** Schema of this sandbox: sandboxes that share a database need one each. */
  readonly schema: string;
  /** Maximum connections of this process, besides the one that listens for changes of other replicas. */
  readonly connectionsMax: number;
  /** Timeout of a unit of work, including the wait for a connection, in milliseconds of real time. */
  readonly timeoutMs: number;
}

/** Replaced by the build. */
declare const PACKAGE_VERSION: string | undefined;

/** Version of this package. */
export const version: string = typeof PACKAGE_VERSION === "string" ? PACKAGE_VERSION : "0.0.0-source";

function build(
  given: (name: OptionName) => Given | undefined,
  settings: Partial<WorldSettings>,
  merchants: readonly MerchantOption[],
  notices: readonly string[] = [],
): Config {
  const get = <N extends OptionName>(name: N): OptionValue<N> => readOption(name, given(name));
  const webhookUrl = get("webhookUrl");
  const url = get("store");
  const postgres = {
    schema: get("storeSchema"),
    connectionsMax: get("storeConnections"),
    timeoutMs: get("storeTimeout"),
  };
  const all = withSettings(defaultSettings, { ...settings, ...(webhookUrl === undefined ? {} : { webhookUrl }) });
  const conflict = settingsConflict(all);
  if (conflict !== undefined) throw new ConfigError(`The setting ${conflict.name} ${conflict.complaint}.`);
  return Object.freeze({
    port: get("port"),
    host: get("host"),
    tls: readTls(given),
    connectionsMax: get("connectionsMax"),
    publicUrl: get("publicUrl"),
    auth: get("auth"),
    clock: get("clock"),
    seed: get("seed"),
    accounts: get("accounts"),
    adminToken: get("adminToken"),
    allowHosts: get("allowHost") ?? [],
    frameAncestors: get("frameAncestors"),
    log: get("log"),
    demo: get("demo"),
    store: url === "memory" ? url : { url, ...postgres },
    removeUnusedAfterMs: get("removeUnusedAfter"),
    merchants,
    notices: [...notices, ...settingWarnings(all)],
    settings: all,
  });
}

/** Options of `createSandbox` besides a webhook function and limits; names as in the file. */
export type ConfigOptions = {
  readonly [N in LibraryOptionName]?: OptionInput<N> | undefined;
} & {
  readonly settings?: Partial<CodeSettings> | undefined;
  readonly merchants?: readonly MerchantOption[] | undefined;
};

/** Reads the options of the library. Throws `ConfigError`. */
export function configFromOptions(given: ConfigOptions): Config {
  const { settings = {}, merchants, ...rest } = given;
  const names: readonly string[] = optionNames.filter((name) => optionTable[name].library !== false);
  for (const name of Object.keys(rest)) {
    if (!names.includes(name)) {
      const allowed = [...names, "settings", "merchants"].join(", ");
      throw new ConfigError(`The option ${name} is unknown; expected one of ${allowed}.`);
    }
  }
  const values: Partial<Record<OptionName, unknown>> = rest;
  const find = (name: OptionName): Given | undefined => {
    const value = values[name] === undefined ? optionTable[name].libraryDefault : values[name];
    return value === undefined ? undefined : { value, origin: `The option ${name}` };
  };
  return build(
    find,
    readCodeSettings(settings, (complaint) => {
      throw new ConfigError(`The setting ${complaint}.`);
    }),
    merchants === undefined ? [] : readMerchants(merchants),
  );
}

/**
 * Reads flags, then variables, then the file. Throws `ConfigError`.
 * @param flags by their names, without the dashes in front; a switch has the value `true`.
 */
export function configFromCommandLine(
  flags: Readonly<Record<string, string | undefined>>,
  environment: Environment = process.env,
): Config {
  const given = (name: OptionName): Given | undefined => {
    const fromFlag = flags[flagOf(name)];
    const value = fromFlag ?? readVariable(name, environment);
    if (value === undefined) return undefined;
    const origin = fromFlag === undefined ? variableOf(name) : `--${flagOf(name)}`;
    return { value: readSpelling(name, value), origin };
  };
  const path = given("config");
  const file =
    path === undefined
      ? { options: {} as Partial<Record<OptionName, Given>>, settings: {}, merchants: [] }
      : readConfigFile(String(readOption("config", path)), path.origin);
  const find = (name: OptionName): Given | undefined => given(name) ?? file.options[name];
  const isShared = (find("store")?.value ?? "memory") !== "memory";
  return build(
    // The shop keeps its orders in one process: a load balancer would send a payer to a replica without the order.
    (name) => find(name) ?? (name === "demo" && isShared ? { value: false, origin: "The default" } : undefined),
    file.settings,
    file.merchants,
    optionNames.flatMap((name) =>
      flags[flagOf(name)] === undefined ? (describeForeignVariable(name, environment) ?? []) : [],
    ),
  );
}
