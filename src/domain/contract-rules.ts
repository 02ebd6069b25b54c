import type { Members, RecordOf } from "./members.ts";
import { type Money, minimumPayment, moneyFromMajor } from "./money.ts";
import type { RefusalCode } from "./refusal.ts";
import { type RetrySchedule, retryScheduleJson, retryScheduleSpelling } from "./retry-schedule.ts";
import { returnParametersMember, returnParametersSpelling } from "./return-parameters.ts";
import { amountFrom, type Spelling } from "./spelling.ts";

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
  refundedStatus: { oneOf: ["by_amount", "refunded"] },
  partialRefunds: { oneOf: ["one_then_none", "one_then_rest"] },
  refundMode: { oneOf: ["pending_first", "final_at_once"] },
  refundReference: { oneOf: ["required", "optional"] },
  refundNotifications: { oneOf: ["refund_only", "refund_and_payment"] },
  pendingNotification: { oneOf: ["off", "on"] },
  retrySchedule: { either: [{ oneOf: ["provider"] }, { list: "delayMs" }] },
  notificationQueue: { oneOf: ["independent", "endpoint_blocks"] },
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

/** What shows the value of a rule: requests, a payer, the webhook after a payer, a clock that passes, or nothing. */
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
    allowed: `a list of ${names.join(", ")}, each at most once`,
    read: (value: unknown): readonly N[number][] | undefined => {
      const isRight = Array.isArray(value) && value.every((name) => names.includes(name));
      return isRight && new Set(value).size === value.length ? value : undefined;
    },
    json: { type: "array", items: { type: "string", enum: names }, uniqueItems: true },
  };
}

/** Refusals of a POST whose status `errorStatus` sets. */
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
    help: `HTTP status of a refused POST, its body or its query: of the codes ${errorStatusCodes.join(", ")}`,
  },
  unsupportedStatus: {
    ...choice(400, 404, 405),
    mark: "ours",
    measured: "api",
    help: "HTTP status of an operation that Alipay HK does not have: of the code operation_not_supported",
  },
  refundedStatus: {
    ...choice("by_amount", "refunded"),
    mark: "plugin",
    measured: "payer",
    help:
      "status of a refund that succeeded; by_amount is `partially_refunded` if something of the payment is left, " +
      "else `refunded`",
  },
  partialRefunds: {
    ...choice("one_then_none", "one_then_rest"),
    mark: "ours",
    measured: "payer",
    help: "refunds after a partial one: none, or one of exactly all that is left",
  },
  refundMode: {
    ...choice("pending_first", "final_at_once"),
    mark: "ours",
    measured: "payer",
    help: "whether a refund is `pending` first, or final in the answer that creates it",
  },
  refundReference: {
    ...choice("required", "optional"),
    mark: "ours",
    measured: "payer",
    help: "whether a refund needs a `merchantReference`; without one it has that of its payment",
  },
  refundNotifications: {
    ...choice("refund_only", "refund_and_payment"),
    mark: "ours",
    measured: "webhook",
    help: "notifications of a refund that succeeded: its own, or also one of its payment, whose status it changed",
  },
  pendingNotification: {
    ...choice("off", "on"),
    mark: "ours",
    measured: "webhook",
    help: "whether a payment has a notification when it is created, while it is `pending`",
  },
  retrySchedule: {
    ...retryScheduleSpelling,
    default: "provider" as RetrySchedule,
    mark: "docs",
    measured: "never",
    help: "delays between the attempts of a notification that is not acknowledged: one attempt more than delays",
    json: retryScheduleJson,
  },
  notificationQueue: {
    ...choice("independent", "endpoint_blocks"),
    mark: "ours",
    measured: "webhook",
    help: "whether notifications of an endpoint wait while an earlier one is not acknowledged; as the world has it now",
  },
  returnMethod: {
    ...choice("get", "post"),
    mark: "ours",
    measured: "payer",
    help: "HTTP method of the browser's return to an http or https `returnUrl`",
  },
  returnParameters: {
    ...returnParametersSpelling,
    mark: "ours",
    measured: "payer",
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
