import { type ContractRuleName, contractRules } from "../domain/contract-rules.ts";
import type { Examination } from "./examination.ts";
import { isJsonObject, memberAt } from "./members.ts";
import { NotReached } from "./safety.ts";
import type { Seen } from "./subject.ts";

/** What an examination has seen, for the probes. */
export class Findings {
  readonly #examination: Examination;

  constructor(examination: Examination) {
    this.#examination = examination;
  }

  get amounts(): NonNullable<Examination["amounts"]> {
    return this.#examination.amounts ?? this.#notReached(["amounts"]);
  }

  get queue(): NonNullable<Examination["queue"]> {
    return this.#examination.queue ?? this.#notReached(["queue"]);
  }

  get browserReturn(): NonNullable<Examination["browserReturn"]> {
    return this.#examination.browserReturn ?? this.#notReached(["return"]);
  }

  /** What was seen in a step. @param parts the parts that the step is in, the innermost first. */
  step(name: string, ...parts: readonly string[]): Seen {
    return this.#examination.seen.get(name) ?? this.#notReached(parts);
  }

  /** The same, if the step was reached at all. */
  find(name: string): Seen | undefined {
    return this.#examination.seen.get(name);
  }

  status(name: string, ...parts: readonly string[]): number | undefined {
    return this.step(name, ...parts).status;
  }

  /** The member `status` of a resource. */
  statusMember(name: string, ...parts: readonly string[]): unknown {
    const { status, body } = this.step(name, ...parts);
    if (status === undefined || status < 300) return memberAt(body, "status");
    throw new NotReached(`"${name}" is answered with ${status}`);
  }

  /** Members of the answer to a creation that the provider's example does not have, among those of the rule. */
  createMembers(): string[] {
    const { body } = this.step("create a payment", "amounts");
    return Object.keys(isJsonObject(body) ? body : {}).filter((name) => {
      return contractRules.createMembers.read([name], () => undefined) !== undefined;
    });
  }

  #notReached(parts: readonly string[]): never {
    const why = parts.map((part) => this.#examination.missing.get(part)).find((reason) => reason !== undefined);
    throw new NotReached(why ?? "an earlier step was not answered as it needs");
  }
}

/** Reads the value of a rule from what was seen, as requests spell it. Throws `NotReached` if it was not seen. */
type Probe = (findings: Findings) => unknown;

/** Every rule with its probe. A rule that is marked `measured: "never"` says so here. */
export const probes: Readonly<Record<ContractRuleName, Probe | "never">> = {
  createStatus: (findings) => findings.status("create a payment", "amounts"),
  createMembers: (findings) => findings.createMembers(),
  paidStatus: (findings) => findings.statusMember("track a paid payment", "paid"),
  cancelledStatus: (findings) => findings.statusMember("track a cancelled payment", "a cancelled payment"),
  expiredStatus: (findings) => findings.statusMember("track an expired payment", "an expired payment"),
  failedStatus: (findings) => findings.statusMember("track a failed payment", "a failed payment"),
  reasonWhenFinal: (findings) => {
    const { body } = findings.step("track a cancelled payment", "a cancelled payment");
    return memberAt(body, "reason") === undefined ? "hidden" : "shown";
  },
  amountUnit: (findings) => findings.amounts.unit,
  amountMin: (findings) => findings.amounts.minCents / 100,
  errorStatus: (findings) => findings.status("create without merchantReference", "bodies"),
  unsupportedStatus: (findings) => findings.status("ask for captures", "pending"),
  refundedStatus: (findings) => {
    const status = findings.statusMember("track the refund of a part", ...refundParts);
    return status === "partially_refunded" ? "by_amount" : status;
  },
  partialRefunds: (findings) => {
    if ((findings.status("refund a second part", ...refundParts) ?? 0) < 300) return "several";
    return (findings.status("refund the rest", ...refundParts) ?? 0) < 300 ? "one_then_rest" : "one_then_none";
  },
  refundMode: (findings) => {
    const answer =
      findings.find("refund a part") ?? findings.step("refund a part without merchantReference", ...refundParts);
    return memberAt(answer.body, "status") === "pending" ? "pending_first" : "final_at_once";
  },
  refundReference: (findings) => {
    const { status = 0 } = findings.step("refund a part without merchantReference", ...refundParts);
    return status < 300 ? "optional" : "required";
  },
  refundNotifications: (findings) => {
    findings.step("notification of a paid payment", "notifications");
    findings.step("track the refund of a part", ...refundParts);
    return findings.find("notification of a refunded payment") === undefined ? "refund_only" : "refund_and_payment";
  },
  pendingNotification: (findings) => {
    findings.step("notification of a paid payment", "notifications");
    return findings.find("notification of a new payment") === undefined ? "off" : "on";
  },
  retrySchedule: "never",
  notificationQueue: (findings) => findings.queue,
  returnSchemes: (findings) => {
    const { status = 0 } = findings.step("create with the scheme of an app", "bodies");
    return status < 300 ? "custom" : "http_https";
  },
  returnMethod: (findings) => findings.browserReturn.method,
  returnParameters: (findings) => {
    const parameters = findings.browserReturn.parameters.map(([name, value]) => ({ name, value }));
    return parameters.length === 0 ? "none" : parameters;
  },
};

/** The parts of the script that refunds are in. */
const refundParts = ["refunds", "paid"] as const;
