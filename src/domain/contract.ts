import type { Members, RecordOf } from "./members.ts";
import { type Money, minimumPayment, moneyFromMajor } from "./money.ts";
import type { RefusalCode } from "./refusal.ts";
import { returnParametersMember, returnParametersSpelling } from "./return-parameters.ts";
import {
  amountFrom,
  type OnWrong,
  readSpelled,
  type Spelling,
  type SpellingSurface,
  unknownAmong,
  writeCodeSpelled,
  writeSpelled,
} from "./spelling.ts";
import type { PaymentReason, PaymentStatus, providerStatuses } from "./statuses.ts";

/** Members that the answer to a creation can have besides those of the provider's example. */
const createMemberNames = ["amount", "createTime", "updateTime", "paymentMethod"] as const;

/** The rules of the provider that a contract profile sets, as records keep them. */
const profileMembers = {
  createStatus: { oneOf: [201, 200] },
  createMembers: { list: { oneOf: createMemberNames } },
  paidStatus: { oneOf: ["captured", "approved"] },
  cancelledStatus: { oneOf: ["aborted", "cancelled", "declined"] },
  expiredStatus: { oneOf: ["aborted", "declined", "failed"] },
  failedStatus: { oneOf: ["failed", "rejected", "declined"] },
  reasonWhenFinal: { oneOf: ["shown", "hidden"] },
  amountUnit: { oneOf: ["major", "minor"] },
  amountMin: "positiveMoney",
  errorStatus: { oneOf: [400, 422] },
  unsupportedStatus: { oneOf: [400, 404, 405] },
  returnMethod: { oneOf: ["get", "post"] },
  returnParameters: returnParametersMember,
  returnSchemes: { oneOf: ["http_https", "custom"] },
} as const satisfies Members;

/** Every rule of a contract profile with its value. */
export type ContractProfile = RecordOf<typeof profileMembers>;

/** The members of `ContractChanges` in records: each of them can be absent. */
export const contractMembers = Object.fromEntries(
  Object.entries(profileMembers).map(([name, value]) => [name, { optional: value }]),
) as unknown as { readonly [N in keyof typeof profileMembers]: { readonly optional: (typeof profileMembers)[N] } };

/** The rules of a contract profile that differ from the defaults. */
export type ContractChanges = RecordOf<typeof contractMembers>;

/** The same as code spells them: amounts in major HKD. */
export type CodeContract = Omit<ContractChanges, "amountMin"> & { readonly amountMin?: number | undefined };

/** Who finds out the value of a rule: requests, a payer, a webhook, a clock that passes, or nobody. */
export type Measurement = "api" | "payer" | "webhook" | "waiting" | "never";

/** A rule of the provider that its public pages do not settle. */
export interface ContractRule<T> extends Spelling<T> {
  readonly default: T;
  /** Origin of the default value. */
  readonly mark: "docs" | "plugin" | "seed" | "ours";
  readonly measured: Measurement;
  /** What the rule decides, in one sentence. */
  readonly help: string;
  /** JSON Schema of the value as requests spell it. */
  readonly json: Readonly<Record<string, unknown>>;
}

type Choice = string | number;

/** Spells a value of a closed list. The first value is the default. */
function choice<const V extends readonly [Choice, ...Choice[]]>(...values: V) {
  const type = typeof values[0] as "string" | "number";
  return {
    default: values[0] as V[number],
    allowed: [values.slice(0, -1).join(", "), values.at(-1)].join(" or "),
    read: (value: unknown): V[number] | undefined => values.find((allowed) => allowed === value),
    json: { type, enum: values },
  };
}

/** Spells a list of different names. */
function namesOf<const N extends readonly string[]>(names: N) {
  return {
    default: [] as readonly N[number][],
    allowed: `a list of different names of ${names.join(", ")}`,
    read: (value: unknown): readonly N[number][] | undefined => {
      const isRight = Array.isArray(value) && value.every((name) => names.includes(name));
      return isRight && new Set(value).size === value.length ? value : undefined;
    },
    json: { type: "array", items: { type: "string", enum: names }, uniqueItems: true },
  };
}

/** Refusals of a body whose status `errorStatus` sets. */
export const errorStatusCodes = [
  "invalid_request",
  "unsupported_payment_method",
  "unsupported_currency",
  "amount_below_minimum",
  "amount_above_maximum",
  "unknown_processing_account",
] as const satisfies readonly RefusalCode[];

/** Every rule by its name. The schema, the reference and the inspector's list come from this table. */
export const contractRules: { readonly [N in keyof ContractProfile]: ContractRule<ContractProfile[N]> } = {
  createStatus: {
    ...choice(201, 200),
    mark: "ours",
    measured: "api",
    help: "HTTP status of the answer that creates a payment or refund",
  },
  createMembers: {
    ...namesOf(createMemberNames),
    mark: "seed",
    measured: "api",
    help: "members of the answer that creates a payment, after those of the provider's example",
  },
  paidStatus: { ...choice("captured", "approved"), mark: "ours", measured: "payer", help: "status of a paid payment" },
  cancelledStatus: {
    ...choice("aborted", "cancelled", "declined"),
    mark: "ours",
    measured: "payer",
    help: "status of a payment that the payer cancelled",
  },
  expiredStatus: {
    ...choice("aborted", "declined", "failed"),
    mark: "ours",
    measured: "waiting",
    help: "status of a payment that was not paid in time",
  },
  failedStatus: {
    ...choice("failed", "rejected", "declined"),
    mark: "ours",
    measured: "payer",
    help: "status of a payment that could not be processed",
  },
  reasonWhenFinal: {
    ...choice("shown", "hidden"),
    mark: "ours",
    measured: "payer",
    help: "whether a payment that ended without money has a `reason`",
  },
  amountUnit: {
    ...choice("major", "minor"),
    mark: "ours",
    measured: "api",
    help: "unit of `amount.value`, in requests, answers and webhooks: 8.2 or 820 for HKD 8.20",
  },
  amountMin: {
    default: minimumPayment,
    ...amountFrom(moneyFromMajor(0.01) as Money),
    mark: "seed",
    measured: "api",
    help: "smallest amount of a payment, in major HKD whatever the unit is",
    json: { type: "number", minimum: 0.01 },
  },
  errorStatus: {
    ...choice(400, 422),
    mark: "plugin",
    measured: "api",
    help: `HTTP status of a refused body: of the codes ${errorStatusCodes.join(", ")}`,
  },
  unsupportedStatus: {
    ...choice(400, 404, 405),
    mark: "ours",
    measured: "api",
    help: "HTTP status of an operation that Alipay HK does not have: of the code operation_not_supported",
  },
  returnMethod: {
    ...choice("get", "post"),
    mark: "ours",
    measured: "never",
    help: "HTTP method of the browser's return to an http or https `returnUrl`",
  },
  returnParameters: {
    ...returnParametersSpelling,
    mark: "ours",
    measured: "never",
    help: "parameters of the return: added to the query of the `returnUrl`, or the fields of the form",
  },
  returnSchemes: {
    ...choice("http_https", "custom"),
    mark: "seed",
    measured: "api",
    help: "schemes of a `returnUrl`: http and https only, or an app's own too, such as `myapp://`",
  },
};

export type ContractRuleName = keyof ContractProfile;
export const contractRuleNames = Object.keys(contractRules) as readonly ContractRuleName[];

type AnyRule = ContractRule<unknown>;
const ruleOf = (name: string): AnyRule | undefined =>
  Object.hasOwn(contractRules, name) ? (contractRules[name as ContractRuleName] as AnyRule) : undefined;

/** The profile without changes. */
const defaultContract = Object.fromEntries(
  contractRuleNames.map((name) => [name, contractRules[name].default]),
) as unknown as ContractProfile;

/** Every rule with its value. @param changes the rules that differ from the defaults. */
export function contractOf(changes: ContractChanges | undefined): ContractProfile {
  return changes === undefined ? defaultContract : ({ ...defaultContract, ...changes } as ContractProfile);
}

/** Reads rules as a surface spells them. @returns `undefined` for a value that is no object. */
function readContract(given: unknown, surface: SpellingSurface, onWrong: OnWrong): ContractChanges | undefined {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return undefined;
  const changes: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given).filter(([, value]) => value !== undefined)) {
    const rule = ruleOf(name);
    if (rule === undefined) onWrong(name, value, unknownAmong(contractRuleNames));
    else changes[name] = readSpelled(name, value, rule, surface, onWrong);
  }
  return changes;
}

function writeContract(changes: ContractChanges, write: (rule: AnyRule, inside: unknown) => unknown): object {
  return Object.fromEntries(
    Object.entries(changes).map(([name, inside]) => [name, write(contractRules[name as ContractRuleName], inside)]),
  );
}

const allowed = "an object of rules, see docs/reference/contract.md";

/** Spells the rules that differ from the defaults. */
export const contractSpelling: Spelling<ContractChanges> = {
  allowed,
  read: (value, onWrong) => readContract(value, "request", onWrong),
  write: (changes) => writeContract(changes, writeSpelled),
  file: { allowed, read: (value, onWrong) => readContract(value, "file", onWrong) },
  code: {
    allowed,
    read: (value, onWrong) => readContract(value, "code", onWrong),
    write: (changes) => writeContract(changes, writeCodeSpelled),
  },
};

/** JSON Schema of the rules as requests spell them. */
export const contractJsonSchema = {
  type: "object",
  properties: Object.fromEntries(
    contractRuleNames.map((name) => [name, { description: contractRules[name].help, ...contractRules[name].json }]),
  ),
  additionalProperties: false,
} as const;

/** Applies changes of single rules. A rule with its default value is no change. @returns `undefined` for no change. */
export function withContract(
  before: ContractChanges | undefined,
  changes: ContractChanges,
): ContractChanges | undefined {
  const rules = Object.entries({ ...before, ...changes }).filter(
    ([name, value]) => value !== undefined && JSON.stringify(value) !== JSON.stringify(ruleOf(name)?.default),
  );
  return rules.length === 0 ? undefined : Object.fromEntries(rules);
}

/** A record without its profile: the control API and the pages use the sandbox's own words and units. */
export function inOwnWords<R extends { readonly contract?: ContractChanges | undefined }>(record: R): R {
  return record.contract === undefined ? record : { ...record, contract: undefined };
}

type ProviderStatus = (typeof providerStatuses)[number];

/** What the status of a payment on the provider's API depends on. */
interface PaymentState {
  readonly status: PaymentStatus;
  readonly reason?: PaymentReason | undefined;
  readonly contract?: ContractChanges | undefined;
}

/** The status of a payment on the provider's API, by the profile that the payment was created under. */
export function providerStatusOf({ status, reason, contract }: PaymentState): ProviderStatus {
  if (contract === undefined) return status;
  const { paidStatus, cancelledStatus, expiredStatus, failedStatus } = contractOf(contract);
  if (status === "captured") return paidStatus;
  if (status === "failed") return failedStatus;
  if (status !== "aborted") return status;
  return reason === "expired" ? expiredStatus : cancelledStatus;
}
