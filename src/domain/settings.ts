import { durationMs, writeDuration } from "./duration.ts";
import { type Money, majorFromMoney, moneyFromMajor } from "./money.ts";
import { minimumPayment } from "./payment.ts";
import { type WorldSettings, webhookTlsModes } from "./world.ts";

type SettingValue = string | number | boolean;

/** How a setting is written outside: what is allowed, and how it is read. */
interface SettingSpelling {
  readonly key: keyof WorldSettings;
  /** What is allowed, to stand after "allowed is". */
  readonly allowed: string;
  /** The value inside, or `undefined` where it is not allowed. */
  readonly read: (value: unknown) => SettingValue | undefined;
  /** How a value is written outside, where that differs. */
  readonly write?: (inside: SettingValue) => SettingValue;
  /** The same for a value as code spells it, where that is another. */
  readonly code?: Omit<SettingSpelling, "key">;
}

const text: Omit<SettingSpelling, "key"> = {
  allowed: "a text",
  read: (value) => (typeof value === "string" && value !== "" ? value : undefined),
};

/** Whether a text is an http or https URL that a request can go to. */
export function isHttpUrl(value: string): boolean {
  return /^https?:\/\/[^\s/?#@]+([/?#]\S*)?$/i.test(value) && URL.canParse(value);
}

const url: Omit<SettingSpelling, "key"> = {
  allowed: "an http or https URL without user name",
  read: (value) => (typeof value === "string" && isHttpUrl(value) ? value : undefined),
};

/** Longer than anybody waits, and short enough for every instant that follows from it. */
const durationMaxMs = 100 * 365 * 86_400_000;
/** The longest timer that the platform has. */
const realTimeMaxMs = 2 ** 31 - 1;

function durationUpTo(maxMs: number): Omit<SettingSpelling, "key"> {
  const fits = (ms: number | undefined) => (ms !== undefined && ms <= maxMs ? ms : undefined);
  const days = Math.floor(maxMs / 86_400_000);
  return {
    allowed: `an ISO 8601 duration like PT30M, of ${days} days at most`,
    read: (value) => fits(typeof value === "string" ? durationMs(value) : undefined),
    write: (ms) => writeDuration(Number(ms)),
    code: {
      allowed: `a whole number of milliseconds up to ${maxMs}`,
      read: (value) => fits(Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined),
    },
  };
}

const duration = durationUpTo(durationMaxMs);
const realDuration = durationUpTo(realTimeMaxMs);

const amount: Omit<SettingSpelling, "key"> = {
  allowed: `an amount in HKD from ${majorFromMoney(minimumPayment)}, with two decimals at most`,
  read: (value) => {
    const money = typeof value === "number" && value <= 1e12 ? moneyFromMajor(value) : undefined;
    return money !== undefined && money >= minimumPayment ? money : undefined;
  },
  write: (money) => majorFromMoney(money as Money),
};

const truth: Omit<SettingSpelling, "key"> = {
  allowed: "true or false",
  read: (value) => (typeof value === "boolean" ? value : undefined),
};

const tls: Omit<SettingSpelling, "key"> = {
  allowed: webhookTlsModes.join(" or "),
  read: (value) => webhookTlsModes.find((mode) => mode === value),
};

/** The settings of a world as files and requests spell them: durations in ISO 8601, amounts in major HKD. */
export const settingSpellings: Readonly<Record<string, SettingSpelling>> = {
  merchantName: { key: "merchantName", ...text },
  webhookUrl: { key: "webhookUrl", ...url },
  webhookTimeout: { key: "webhookTimeoutMs", ...realDuration },
  webhookTls: { key: "webhookTls", ...tls },
  expiry: { key: "expiryMs", ...duration },
  outcomeDelay: { key: "outcomeDelayMs", ...duration },
  refundDelay: { key: "refundDelayMs", ...duration },
  refundWindow: { key: "refundWindowMs", ...duration },
  amountMax: { key: "amountMax", ...amount },
  magicAmounts: { key: "magicAmounts", ...truth },
  returnDelay: { key: "returnDelayMs", ...realDuration },
};

/** Reads settings as they are spelled outside. @param onWrong hears of each that is unknown or not allowed. */
export function readSettings(
  given: object,
  onWrong: (name: string, value: unknown, complaint: string) => void,
): Partial<WorldSettings> {
  const settings: Record<string, SettingValue> = {};
  for (const [name, value] of Object.entries(given)) {
    const spelling = Object.hasOwn(settingSpellings, name) ? settingSpellings[name] : undefined;
    const read = spelling?.read(value);
    if (spelling === undefined)
      onWrong(name, value, `is unknown: allowed are ${Object.keys(settingSpellings).join(", ")}`);
    else if (read === undefined) onWrong(name, value, `is ${JSON.stringify(value)}: allowed is ${spelling.allowed}`);
    else settings[spelling.key] = read;
  }
  return settings;
}

/** Settings as they are spelled outside; what is not set is left out. */
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

/** Reads settings as code spells them. @param onWrong hears of each that is unknown or not allowed. */
export function readCodeSettings(
  given: Partial<CodeSettings>,
  onWrong: (complaint: string) => void,
): Partial<WorldSettings> {
  const settings: Record<string, SettingValue> = {};
  const spellings = Object.values(settingSpellings);
  for (const [key, value] of Object.entries(given).filter(([, value]) => value !== undefined)) {
    const spelling = spellings.find((candidate) => candidate.key === key);
    const { allowed, read } = spelling?.code ?? spelling ?? { allowed: "", read: () => undefined };
    const inside = read(value);
    if (spelling === undefined) onWrong(`${key} is unknown: allowed are ${spellings.map((s) => s.key).join(", ")}`);
    else if (inside === undefined) onWrong(`${key} is ${JSON.stringify(value)}: allowed is ${allowed}`);
    else settings[key] = inside;
  }
  return settings;
}

/** Settings as code spells them. */
export function writeCodeSettings(settings: WorldSettings): CodeSettings {
  return { ...settings, amountMax: majorFromMoney(settings.amountMax) };
}

/** What a world begins with where nothing else is said. */
export const defaultSettings: WorldSettings = {
  merchantName: "Demo merchant",
  webhookTimeoutMs: 30_000,
  webhookTls: "verify",
  expiryMs: 30 * 60_000,
  outcomeDelayMs: 2_000,
  refundDelayMs: 2_000,
  refundWindowMs: 365 * 86_400_000,
  amountMax: moneyFromMajor(50_000) as Money,
  magicAmounts: true,
  returnDelayMs: 2_000,
};
