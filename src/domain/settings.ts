import { durationMaxMs, durationMs, shortOrIsoDurationMs, writeDuration } from "./duration.ts";
import { allowedLogos, describeLogo, isLogoAddress, logoParts } from "./logo.ts";
import { type Money, majorFromMoney, minimumPayment, moneyFromMajor } from "./money.ts";
import { type WorldSettings, webhookTlsModes } from "./world.ts";

type SettingValue = string | number | boolean;

/** Reads and writes one kind of value. */
interface Spelling {
  /** The allowed values; completes "expected". */
  readonly allowed: string;
  /** The value inside, or `undefined` if it is not allowed. */
  readonly read: (value: unknown) => SettingValue | undefined;
  /** The value as files and requests spell it, if that differs. */
  readonly write?: (inside: SettingValue) => SettingValue;
  /** What a value that is not allowed is, if that is not its JSON. */
  readonly describe?: (value: unknown) => string;
  /** How code spells the value, if that differs. */
  readonly code?: Pick<Spelling, "allowed" | "read">;
  /** How the configuration file spells the value, if that differs from requests. */
  readonly file?: Pick<Spelling, "allowed" | "read">;
}

/** A setting of a world: reading, errors, defaults and the reference come from this table. */
interface Setting extends Spelling {
  /** Name in code and in records. */
  readonly key: keyof WorldSettings;
  /** Value inside; without it the setting starts unset. */
  readonly default?: SettingValue;
  /** Unit of a number, or the clock of a duration. */
  readonly unit?: "world time" | "real time" | "HKD";
  readonly help: string;
}

const text: Spelling = {
  allowed: "a text that is not empty",
  read: (value) => (typeof value === "string" && value !== "" ? value : undefined),
};

/** Whether a text is an http or https URL that a request can go to. */
export function isHttpUrl(value: string): boolean {
  return /^https?:\/\/[^\s/?#@]+([/?#]\S*)?$/i.test(value) && URL.canParse(value);
}

const url: Spelling = {
  allowed: "an http or https URL without user name",
  read: (value) => (typeof value === "string" && isHttpUrl(value) ? value : undefined),
};

/** Maximum in real time, in milliseconds: the longest timer of the platform. */
const realTimeMaxMs = 2 ** 31 - 1;

const logo: Spelling = {
  allowed: allowedLogos,
  read: (value) => {
    if (typeof value !== "string") return undefined;
    return isLogoAddress(value) || logoParts(value) !== undefined ? value : undefined;
  },
  describe: describeLogo,
};

function durationUpTo(maxMs: number): Spelling {
  const limited = (ms: number | undefined) => (ms !== undefined && ms <= maxMs ? ms : undefined);
  const days = Math.floor(maxMs / 86_400_000);
  return {
    allowed: `an ISO 8601 duration of at most ${days} days, such as PT30M`,
    read: (value) => limited(typeof value === "string" ? durationMs(value) : undefined),
    write: (ms) => writeDuration(Number(ms)),
    code: {
      allowed: `a whole number of milliseconds from 0 to ${maxMs}`,
      read: (value) => limited(Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined),
    },
    file: {
      allowed: `a duration of at most ${days} days, such as 30m, or PT30M in ISO 8601`,
      read: (value) => limited(typeof value === "string" ? shortOrIsoDurationMs(value) : undefined),
    },
  };
}

const worldTime = { ...durationUpTo(durationMaxMs), unit: "world time" } as const;
const realTime = { ...durationUpTo(realTimeMaxMs), unit: "real time" } as const;

const amount = {
  allowed: `an amount in HKD of at least ${majorFromMoney(minimumPayment)}, with at most two decimals`,
  read: (value: unknown) => {
    const money = typeof value === "number" && value <= 1e12 ? moneyFromMajor(value) : undefined;
    return money !== undefined && money >= minimumPayment ? money : undefined;
  },
  write: (money: SettingValue) => majorFromMoney(money as Money),
  unit: "HKD",
} as const;

const flag: Spelling = {
  allowed: "true or false",
  read: (value) => (typeof value === "boolean" ? value : undefined),
};

const tls: Spelling = {
  allowed: webhookTlsModes.join(" or "),
  read: (value) => webhookTlsModes.find((mode) => mode === value),
};

/**
 * Every setting, by its name in files and requests: durations in ISO 8601 (files also take `30m`), amounts in major
 * HKD.
 */
export const settingSpellings: Readonly<Record<string, Setting>> = {
  merchantName: { key: "merchantName", ...text, default: "Demo merchant", help: "merchant name on the payer's pages" },
  merchantLogo: {
    key: "merchantLogo",
    ...logo,
    help: "image in place of the merchant's initials on the payer's pages; a configuration file can name an image file",
  },
  webhookUrl: { key: "webhookUrl", ...url, help: "endpoint for notifications; without it none are sent" },
  webhookTimeout: {
    key: "webhookTimeoutMs",
    ...realTime,
    default: 30_000,
    help: "timeout of the response to a webhook",
  },
  webhookTls: {
    key: "webhookTls",
    ...tls,
    default: "verify",
    help: "check of the endpoint's certificate; accept_any accepts self-signed ones",
  },
  expiry: { key: "expiryMs", ...worldTime, default: 30 * 60_000, help: "time until an unpaid payment expires" },
  outcomeDelay: {
    key: "outcomeDelayMs",
    ...worldTime,
    default: 2_000,
    help: "delay between a payment's creation and the outcome that a scenario gives it",
  },
  refundDelay: { key: "refundDelayMs", ...worldTime, default: 2_000, help: "time that a refund is pending" },
  refundWindow: {
    key: "refundWindowMs",
    ...worldTime,
    default: 365 * 86_400_000,
    help: "time after the capture in which a payment can be refunded",
  },
  amountMax: { key: "amountMax", ...amount, default: moneyFromMajor(50_000) as Money, help: "maximum of one payment" },
  magicAmounts: { key: "magicAmounts", ...flag, default: true, help: "whether certain amounts choose scenarios" },
  returnDelay: {
    key: "returnDelayMs",
    ...realTime,
    default: 2_000,
    help: "time that the browser shows the result page before it returns to the merchant",
  },
};

/** The settings that `null` removes: those without a default. */
export const removableSettings: readonly string[] = Object.keys(settingSpellings).filter(
  (name) => settingSpellings[name]?.default === undefined,
);

/** Receives each setting that is unknown or not allowed; the complaint continues a sentence after its name. */
type OnWrong = (name: string, value: unknown, complaint: string) => void;

const unknownAmong = (names: readonly string[]) => `is unknown; expected one of ${names.join(", ")}`;
const wrongValue = (value: unknown, { allowed }: Pick<Spelling, "allowed">, describe = JSON.stringify) =>
  `is ${describe(value)}; expected ${allowed}`;

/** Reads settings as requests spell them. */
export function readSettings(given: object, onWrong: OnWrong): Partial<WorldSettings> {
  return readNamed(given, onWrong, (setting) => setting);
}

/** Reads settings as the configuration file spells them. */
export function readFileSettings(given: object, onWrong: OnWrong): Partial<WorldSettings> {
  return readNamed(given, onWrong, (setting) => setting.file ?? setting);
}

function readNamed(
  given: object,
  onWrong: OnWrong,
  spellingOf: (setting: Setting) => Pick<Spelling, "allowed" | "read">,
): Partial<WorldSettings> {
  const settings: Record<string, SettingValue> = {};
  for (const [name, value] of Object.entries(given)) {
    const setting = Object.hasOwn(settingSpellings, name) ? settingSpellings[name] : undefined;
    if (setting === undefined) {
      onWrong(name, value, unknownAmong(Object.keys(settingSpellings)));
      continue;
    }
    const spelling = spellingOf(setting);
    const inside = spelling.read(value);
    if (inside === undefined) onWrong(name, value, wrongValue(value, spelling, setting.describe));
    else settings[setting.key] = inside;
  }
  return settings;
}

/** Settings as files and requests spell them, without those that are not set. */
export function writeSettings(settings: Partial<WorldSettings>): Record<string, SettingValue> {
  const written: Record<string, SettingValue> = {};
  for (const [name, { key, write = (inside: SettingValue) => inside }] of Object.entries(settingSpellings)) {
    const inside = settings[key];
    if (inside !== undefined) written[name] = write(inside);
  }
  return written;
}

/** Settings as code spells them: durations in milliseconds, the amount in major HKD. */
export type CodeSettings = Omit<WorldSettings, "amountMax"> & { readonly amountMax: number };

/** Reads settings as code spells them. @param onWrong receives a sentence on each that is unknown or not allowed. */
export function readCodeSettings(
  given: Partial<CodeSettings>,
  onWrong: (complaint: string) => void,
): Partial<WorldSettings> {
  const settings: Record<string, SettingValue> = {};
  const all = Object.values(settingSpellings);
  for (const [key, value] of Object.entries(given).filter(([, value]) => value !== undefined)) {
    const setting = all.find((candidate) => candidate.key === key);
    const spelling = setting?.code ?? setting;
    const inside = spelling?.read(value);
    if (setting === undefined || spelling === undefined)
      onWrong(`${key} ${unknownAmong(all.map((known) => known.key))}`);
    else if (inside === undefined) onWrong(`${key} ${wrongValue(value, spelling, setting.describe)}`);
    else settings[key] = inside;
  }
  return settings;
}

/** Settings as code spells them. */
export function writeCodeSettings(settings: WorldSettings): CodeSettings {
  return { ...settings, amountMax: majorFromMoney(settings.amountMax) };
}

/** Settings of a new world, unless its opening or the configuration says otherwise. */
export const defaultSettings = Object.fromEntries(
  Object.values(settingSpellings).flatMap(({ key, default: value }) => (value === undefined ? [] : [[key, value]])),
) as unknown as WorldSettings;

/** What settings together cause that their owner may not expect, as sentences. */
export function settingWarnings({ expiryMs, outcomeDelayMs }: WorldSettings): string[] {
  if (expiryMs > outcomeDelayMs) return [];
  const [expiry, outcomeDelay] = [expiryMs, outcomeDelayMs].map(writeDuration);
  return [
    `expiry (${expiry}) is not longer than outcomeDelay (${outcomeDelay}): a payment expires before its scenario ` +
      "decides, unless the scenario has its own delay.",
  ];
}
