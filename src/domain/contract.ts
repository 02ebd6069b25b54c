import {
  type ContractChanges,
  type ContractProfile,
  type ContractRule,
  type ContractRuleName,
  contractRuleNames,
  contractRules,
} from "./contract-rules.ts";
import {
  type OnWrong,
  readSpelled,
  type Spelling,
  type SpellingSurface,
  unknownAmong,
  writeCodeSpelled,
  writeSpelled,
} from "./spelling.ts";
import type { PaymentReason, PaymentStatus, providerStatuses } from "./statuses.ts";

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
