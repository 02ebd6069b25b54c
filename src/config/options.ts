import { z } from "zod";
import {
  baseUrl,
  clock,
  duration,
  frameSources,
  hostNames,
  httpUrl,
  postgresUrl,
  schemaName,
  text,
  token,
  wholeNumber,
} from "./option-schemas.ts";

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** An option: the command line, the file, the library, `--help` and the reference all read it from this table. */
export interface Option<T = unknown> {
  /** Converts a value, as a flag or as code spells it. */
  readonly schema: z.ZodType<T>;
  /** The allowed values; completes "expected". */
  readonly allowed: string;
  /** Default on the command line, spelled as in the file. Without one the option may stay unset. */
  readonly default?: string | number | boolean;
  /** Default of `createSandbox`, where it differs. */
  readonly libraryDefault?: string | boolean;
  /** Value in `--help`, such as `URL`; the flag of an option without placeholder is a switch. */
  readonly placeholder?: string;
  /** What the option does. */
  readonly help: string;
  /** The flag and the variable switch the option off: `--no-demo` for `demo`. */
  readonly isNegated?: true;
  /** `false`: `createSandbox` does not take the option. */
  readonly library?: false;
  /** `false`: the file cannot set the option. */
  readonly file?: false;
  /** `true`: the path of a file or folder. The configuration file gives it relative to itself. */
  readonly isPath?: true;
  /** Values of the variable that somebody else sets: they are ignored, and the log says so. */
  readonly foreign?: { readonly pattern: RegExp; readonly origin: string };
  /** What an error message shows of a wrong value that may contain a secret; by default all but a URL's password. */
  readonly redact?: (value: unknown) => string;
}

/** Every option, by its name in the file and in `createSandbox`. */
const options = {
  port: {
    schema: wholeNumber(0, 65_535),
    allowed: "0 to 65535 (0 takes any free port)",
    default: 8852,
    placeholder: "PORT",
    help: "port to listen on; 0 takes any free port",
    library: false,
    foreign: { pattern: /:\/\//, origin: "Kubernetes, for a service called sandbox" },
  },
  host: {
    schema: text,
    allowed: "an address of this machine, such as 127.0.0.1 or 0.0.0.0",
    default: "127.0.0.1",
    placeholder: "ADDRESS",
    help: "address to listen on; off loopback --admin-token is required",
    library: false,
  },
  publicUrl: {
    schema: baseUrl,
    allowed:
      "an http or https URL without query, such as https://sandbox.example.com, or with a path that a proxy removes: " +
      "https://example.com/sandbox",
    placeholder: "URL",
    help: "base of the URLs that the sandbox hands out, for instance behind a proxy",
  },
  auth: {
    schema: z.enum(["verify", "require", "off"]),
    allowed: "verify, require or off",
    default: "verify",
    placeholder: "verify|require|off",
    help: "verify: checks signatures that are present; require: also refuses unsigned requests; off: ignores both",
  },
  webhookUrl: {
    schema: httpUrl,
    allowed: "an http or https URL without user name",
    placeholder: "URL",
    help: "endpoint for notifications",
  },
  clock: {
    schema: clock,
    allowed: "running, or an instant from 2014-05-13T16:53:20Z to 2150-06-19T23:21:35Z such as 2026-01-05T09:00:00Z",
    default: "running",
    placeholder: "running|INSTANT",
    help: "initial clock of each world: running, or frozen at an instant",
  },
  seed: {
    schema: text,
    allowed: "any text",
    placeholder: "TEXT",
    help: "secret that makes keys and ids repeatable; without it, keys are public on loopback and random off it",
  },
  accounts: {
    schema: z.enum(["open", "listed"]),
    allowed: "open or listed",
    default: "open",
    placeholder: "open|listed",
    help: "open: the first payment of an unknown processing account opens it; listed: it is refused",
  },
  adminToken: {
    schema: token,
    allowed: "printable ASCII without spaces, or none",
    placeholder: "TOKEN|none",
    help:
      "secret for /_sandbox (Bearer) and the inspector (sign-in form), off loopback at least 16 characters; " +
      "none opens both to everybody",
    redact: () => '"…"',
  },
  allowHost: {
    schema: hostNames,
    allowed:
      "host names without port, separated by commas, such as pay.example; .pay.example is that name and all " +
      "below it, *.pay.example only those below it",
    placeholder: "NAME,...",
    help: "further host names that the sandbox accepts in requests",
  },
  frameAncestors: {
    schema: frameSources,
    allowed: "none, or origins and 'self' separated by spaces, such as https://shop.example 'self'",
    default: "none",
    placeholder: "SOURCES",
    help: "sites that may show the payer's pages in a frame, as in a Content-Security-Policy",
  },
  demo: {
    schema: z.boolean(),
    allowed: "true or false; as a variable also 1, yes, 0 or no",
    default: true,
    libraryDefault: false,
    help: 'no demo shop at /demo; on PostgreSQL there is one only with "demo": true in the file',
    isNegated: true,
  },
  store: {
    schema: z.union([z.literal("memory"), postgresUrl]),
    allowed:
      "memory, or a PostgreSQL URL such as postgres://user:password@host:5432/database, with / in a password as %2F",
    default: "memory",
    placeholder: "memory|URL",
    help: "where the records are: in this process, or in a database that replicas share",
    redact: schemeOf,
  },
  storeSchema: {
    schema: schemaName,
    allowed: "at most 48 lower-case letters, digits and underscores, not starting with a digit or pg_",
    default: "alipay_hk_sandbox",
    placeholder: "NAME",
    help: "database schema; sandboxes that share a database need one each",
  },
  storeConnections: {
    schema: wholeNumber(2, 1000),
    allowed: "a whole number from 2 to 1000",
    default: 10,
    placeholder: "COUNT",
    help: "maximum database connections of this process, besides one for change notifications",
  },
  storeTimeout: {
    schema: duration,
    allowed: "a duration above zero, such as 5s, or PT5S in ISO 8601",
    default: "PT5S",
    placeholder: "DURATION",
    help: "timeout of a unit of work in the database; after it a request gets 500 internal_error",
  },
  removeUnusedAfter: {
    schema: duration,
    allowed: "a duration above zero, such as 30d, or P30D in ISO 8601",
    placeholder: "DURATION",
    help: "removes worlds without changes and API requests for this long, in real time",
  },
  tls: {
    schema: z.literal("self-signed"),
    allowed: "self-signed",
    placeholder: "self-signed",
    help: "HTTPS with a certificate that is made at the start; its CA is in a file whose path is printed",
  },
  tlsDir: {
    schema: text,
    allowed: "the path of a folder",
    placeholder: "DIR",
    help: "folder that keeps the CA of --tls self-signed for the next start; without it, each start makes a new one",
    isPath: true,
  },
  tlsCert: {
    schema: text,
    allowed: "the path of a PEM file",
    placeholder: "FILE",
    help: "HTTPS with this certificate, followed by those of its intermediate CAs; needs --tls-key",
    isPath: true,
  },
  tlsKey: {
    schema: text,
    allowed: "the path of a PEM file",
    placeholder: "FILE",
    help: "private key of --tls-cert, without passphrase",
    isPath: true,
  },
  connectionsMax: {
    schema: wholeNumber(1, 1_000_000),
    allowed: "a whole number from 1 to 1000000",
    default: 1000,
    placeholder: "COUNT",
    help: "maximum connections of clients; beyond it the oldest idle one is closed, or requests get 503",
  },
  log: {
    schema: z.enum(["pretty", "json", "silent"]),
    allowed: "pretty, json or silent",
    default: "pretty",
    libraryDefault: "silent",
    placeholder: "pretty|json|silent",
    help: "format of the log on standard error",
  },
  config: {
    schema: text,
    allowed: "the path of a JSON file",
    placeholder: "FILE",
    help: 'JSON file with these options in camelCase, "settings" and "merchants"',
    library: false,
    file: false,
  },
} as const satisfies Record<string, Option>;

type Options = typeof options;
export type OptionName = keyof Options;

/** Names that `createSandbox` takes. */
export type LibraryOptionName = {
  [N in OptionName]: Options[N] extends { readonly library: false } ? never : N;
}[OptionName];

/** Value of an option as code spells it. */
export type OptionInput<N extends OptionName> = z.input<Options[N]["schema"]>;

/** Value of an option; `undefined` only if it has no default. */
export type OptionValue<N extends OptionName> =
  | z.output<Options[N]["schema"]>
  | (Options[N] extends { readonly default: unknown } ? never : undefined);

/** The table without the precise types. */
export const optionTable: Readonly<Record<OptionName, Option>> = options;
export const optionNames = Object.keys(options) as readonly OptionName[];

/** Flag of an option, without the dashes in front: `public-url` for `publicUrl`. */
export function flagOf(name: OptionName): string {
  const dashed = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return optionTable[name].isNegated ? `no-${dashed}` : dashed;
}

/** Environment variable of an option: `SANDBOX_PUBLIC_URL` for `publicUrl`. */
export function variableOf(name: OptionName): string {
  return `SANDBOX_${flagOf(name).replaceAll("-", "_").toUpperCase()}`;
}

/** The scheme of a URL, or the value itself if it is a single word: a malformed URL may show its password anywhere. */
function schemeOf(value: unknown): string {
  const [, word = "", rest = ""] = /^([a-z]{0,20}:?)(.*)$/is.exec(String(value)) ?? [];
  return rest === "" ? JSON.stringify(value) : `"${word}…"`;
}
