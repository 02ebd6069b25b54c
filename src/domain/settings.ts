import { contractOf, contractSpelling, withContract } from "./contract.ts";
import type { CodeContract } from "./contract-rules.ts";
import { durationMaxMs, writeDuration } from "./duration.ts";
import { allowedLogos, describeLogo, isLogoAddress, logoParts } from "./logo.ts";
import { type Money, majorFromMoney, minimumPayment, moneyFromMajor } from "./money.ts";
import {
  amountFrom,
  durationUpTo,
  type OnWrong,
  readSpelled,
  type Spelling,
  type SpellingSurface,
  unknownAmong,
  writeCodeSpelled,
  writeSpelled,
} from "./spelling.ts";
import { type WebhookTls, type WorldSettings, webhookTlsModes } from "./world.ts";

/** A setting of a world: reading, errors, defaults and the reference come from this table. */
interface Setting extends Spelling<unknown> {
  /** Name in code and in records. */
  readonly key: keyof WorldSettings;
  /** Value inside; without it the setting starts unset. */
  readonly default?: string | number | boolean;
  /** Unit of a number, or the clock of a duration. */
  readonly unit?: "world time" | "real time" | "HKD";
  readonly help: string;
}

const text: Spelling<string> = {
  allowed: "a text that is not empty",
  read: (value) => (typeof value === "string" && value !== "" ? value : undefined),
};

/** Whether a text is an http or https URL that a request can go to. */
export function isHttpUrl(value: string): boolean {
  return /^https?:\/\/[^\s/?#@]+([/?#]\S*)?$/i.test(value) && URL.canParse(value);
}

const url: Spelling<string> = {
  allowed: "an http or https URL without user name",
  read: (value) => (typeof value === "string" && isHttpUrl(value) ? value : undefined),
};

/** Maximum in real time, in milliseconds: the longest timer of the platform. */
const realTimeMaxMs = 2 ** 31 - 1;

const logo: Spelling<string> = {
  allowed: allowedLogos,
  read: (value) => {
    if (typeof value !== "string") return undefined;
    return isLogoAddress(value) || logoParts(value) !== undefined ? value : undefined;
  },
  describe: describeLogo,
};

const worldTime = { ...durationUpTo(durationMaxMs), unit: "world time" } as const;
const realTime = { ...durationUpTo(realTimeMaxMs), unit: "real time" } as const;

const amount = { ...amountFrom(minimumPayment), unit: "HKD" } as const;

const flag: Spelling<boolean> = {
  allowed: "true or false",
  read: (value) => (typeof value === "boolean" ? value : undefined),
};

const tls: Spelling<WebhookTls> = {
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
  contract: {
    key: "contract",
    ...contractSpelling,
    help: "rules of the provider that differ from the defaults; a change applies to each rule on its own",
  },
};

/** The settings that `null` removes: those without a default. */
export const removableSettings: readonly string[] = Object.keys(settingSpellings).filter(
  (name) => settingSpellings[name]?.default === undefined,
);

/** Reads settings as requests spell them. */
export function readSettings(given: object, onWrong: OnWrong): Partial<WorldSettings> {
  return readNamed(given, onWrong, "request");
}

/** Reads settings as the configuration file spells them. */
export function readFileSettings(given: object, onWrong: OnWrong): Partial<WorldSettings> {
  return readNamed(given, onWrong, "file");
}

function readNamed(given: object, onWrong: OnWrong, surface: SpellingSurface): Partial<WorldSettings> {
  const settings: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const setting = Object.hasOwn(settingSpellings, name) ? settingSpellings[name] : undefined;
    if (setting === undefined) {
      onWrong(name, value, unknownAmong(Object.keys(settingSpellings)));
      continue;
    }
    const inside = readSpelled(name, value, setting, surface, onWrong);
    if (inside !== undefined) settings[setting.key] = inside;
  }
  return settings;
}

/** Settings as files and requests spell them, without those that are not set. */
export function writeSettings(settings: Partial<WorldSettings>): Record<string, unknown> {
  const written: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(settingSpellings)) {
    const inside = settings[setting.key];
    if (inside !== undefined) written[name] = writeSpelled(setting, inside);
  }
  return written;
}

/** Applies changes to settings. The rules of a contract change one by one. */
export function withSettings(before: WorldSettings, changes: Partial<WorldSettings>): WorldSettings {
  const changed = { ...before, ...changes };
  if (changes.contract === undefined) return changed;
  const { contract: _replaced, ...others } = changed;
  const contract = withContract(before.contract, changes.contract);
  return contract === undefined ? others : { ...others, contract };
}

/** A setting that cannot go together with another one. The complaint continues a sentence after its name. */
export interface SettingsConflict {
  readonly name: string;
  readonly complaint: string;
}

/** Finds settings that cannot go together. */
export function settingsConflict({ contract, amountMax }: WorldSettings): SettingsConflict | undefined {
  if (contract === undefined) return undefined;
  const { amountMin } = contractOf(contract);
  if (amountMin <= amountMax) return undefined;
  const maximum = majorFromMoney(amountMax);
  const complaint = `is ${majorFromMoney(amountMin)}; expected at most amountMax, which is ${maximum}`;
  return { name: "contract.amountMin", complaint };
}

/** Settings as code spells them: durations in milliseconds, amounts in major HKD. */
export type CodeSettings = Omit<WorldSettings, "amountMax" | "contract"> & {
  readonly amountMax: number;
  readonly contract?: CodeContract | undefined;
};

/** Reads settings as code spells them. @param onWrong receives a sentence on each that is unknown or not allowed. */
export function readCodeSettings(
  given: Partial<CodeSettings>,
  onWrong: (complaint: string) => void,
): Partial<WorldSettings> {
  const settings: Record<string, unknown> = {};
  const all = Object.values(settingSpellings);
  for (const [key, value] of Object.entries(given).filter(([, value]) => value !== undefined)) {
    const setting = all.find((candidate) => candidate.key === key);
    if (setting === undefined) {
      onWrong(`${key} ${unknownAmong(all.map((known) => known.key))}`);
      continue;
    }
    const onWrongPart = (name: string, _value: unknown, complaint: string) => onWrong(`${name} ${complaint}`);
    const inside = readSpelled(key, value, setting, "code", onWrongPart);
    if (inside !== undefined) settings[key] = inside;
  }
  return settings;
}

/** Settings as code spells them. */
export function writeCodeSettings(settings: WorldSettings): CodeSettings {
  const written = Object.values(settingSpellings).flatMap((setting) => {
    const inside = settings[setting.key];
    return inside === undefined ? [] : [[setting.key, writeCodeSpelled(setting, inside)]];
  });
  return Object.fromEntries(written);
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
