import { contractOf, providerStatusOf } from "./contract.ts";
import { moneyOnWire } from "./money.ts";
import type { Payment } from "./payment.ts";
import { isAppUrl, isWebUrl } from "./return-address.ts";
import { type ReturnParameter, type ReturnTemplate, returnTemplates } from "./return-parameters.ts";

/** How the browser returns to the merchant. */
export interface BrowserReturn {
  readonly method: "get" | "post";
  /** The `returnUrl`; for GET with the parameters in its query. */
  readonly url: string;
  /** Fields of the form; empty for GET. */
  readonly fields: readonly ReturnParameter[];
  /** Whether it opens an app, and the page stays. */
  readonly opensApp: boolean;
}

export type ReturningPayment = Pick<
  Payment,
  | ("id" | "merchantReference" | "amount" | "status" | "reason")
  | ("returnUrl" | "returnPlan" | "appliedScenario" | "contract")
>;

/**
 * The return that the payment's scenario or the payer selected; by default that of the contract profile.
 * @returns `undefined` if the browser does not return.
 */
export function returnOf(payment: ReturningPayment): BrowserReturn | undefined {
  const { returnUrl: url, returnPlan, appliedScenario, contract } = payment;
  const plan = appliedScenario?.scenario.return ?? returnPlan;
  const { returnMethod, returnSchemes } = contractOf(contract);
  // The API accepts no other address, but a link to `javascript:` would run it.
  const opensApp = returnSchemes === "custom" && isAppUrl(url);
  if (plan === "never" || !(opensApp || isWebUrl(url))) return undefined;
  const parameters = plan === "lying" ? parametersOfLie(payment) : parametersOf(payment);
  // An app gets a URL, never a form.
  if (!opensApp && (plan === "by_post" || returnMethod === "post")) {
    return { method: "post", url, fields: parameters, opensApp };
  }
  return { method: "get", url: withQuery(url, parameters), fields: [], opensApp };
}

const templates = new RegExp(`\\{(${returnTemplates.join("|")})\\}`, "g");

function parametersOf(payment: ReturningPayment): readonly ReturnParameter[] {
  const { returnParameters } = contractOf(payment.contract);
  if (returnParameters === "none") return [];
  const { id, merchantReference } = payment;
  const values: Readonly<Record<ReturnTemplate, string>> = { id, merchantReference, status: providerStatusOf(payment) };
  return returnParameters.map(({ name, value }) => ({
    name,
    value: value.replace(templates, (_, template: ReturnTemplate) => values[template]),
  }));
}

/** The parameters as if the payment was paid; `status` and `amount` too if the profile has no such names. */
function parametersOfLie(payment: ReturningPayment): readonly ReturnParameter[] {
  const { amount, contract } = payment;
  const paid = { ...payment, status: "captured", reason: undefined } as const;
  const parameters = parametersOf(paid);
  const lies = [
    { name: "status", value: providerStatusOf(paid) },
    { name: "amount", value: `${moneyOnWire(amount, contractOf(contract).amountUnit)}` },
  ];
  return [...parameters, ...lies.filter((lie) => parameters.every(({ name }) => name !== lie.name))];
}

/** Adds to the query of a URL and keeps the rest byte for byte. */
function withQuery(url: string, parameters: readonly ReturnParameter[]): string {
  if (parameters.length === 0) return url;
  const [, before = url, fragment = ""] = /^([^#]*)(.*)$/s.exec(url) ?? [];
  const separator = before.includes("?") ? (/[?&]$/.test(before) ? "" : "&") : "?";
  const query = new URLSearchParams(parameters.map(({ name, value }): [string, string] => [name, value])).toString();
  // An app may read "+" as a plus.
  return `${before}${separator}${query.replaceAll("+", "%20")}${fragment}`;
}
