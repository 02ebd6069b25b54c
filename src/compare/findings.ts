import { type ContractRuleName, contractRules } from "../domain/contract-rules.ts";
import type { Examination } from "./examination.ts";
import { isJsonObject, memberAt } from "./members.ts";
import { NotReached } from "./safety.ts";
import type { Seen } from "./subject.ts";

/** Statuses of refusals that are not about the request: the keys, a timeout, and too many requests. */
const unrelatedRefusals: readonly number[] = [401, 403, 408, 429];

/** The parts of the script that refunds are in. */
const refundParts = ["refunds", "paid"] as const;

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

  /** The HTTP status of a step. */
  status(name: string, ...parts: readonly string[]): number | undefined {
    return this.step(name, ...parts).status;
  }

  /** Whether a step was accepted. A refusal is a 4xx; an error of the target says nothing about its rules. */
  isAccepted(name: string, ...parts: readonly string[]): boolean {
    const { status = 0 } = this.step(name, ...parts);
    if (status >= 400 && status < 500 && !unrelatedRefusals.includes(status)) return false;
    if (status < 300) return true;
    throw new NotReached(`"${name}" is answered with ${status}`);
  }

  /** What an accepted step was answered with. Throws `NotReached` if it was refused. */
  accepted(name: string, ...parts: readonly string[]): Seen {
    const seen = this.step(name, ...parts);
    if ((seen.status ?? 0) < 300) return seen;
    throw new NotReached(`"${name}" is answered with ${seen.status}`);
  }

  /** The member `status` of a resource. */
  statusMember(name: string, ...parts: readonly string[]): unknown {
    return memberAt(this.accepted(name, ...parts).body, "status");
  }

  /** The answer that created the refund of a part. */
  refundOfPart(): Seen {
    const name = "refund a part without merchantReference";
    return this.isAccepted(name, ...refundParts) ? this.step(name) : this.accepted("refund a part", ...refundParts);
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
    const { body } = findings.accepted("track a cancelled payment", "a cancelled payment");
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
    findings.refundOfPart();
    if (findings.isAccepted("refund a second part", ...refundParts)) return "several";
    return findings.isAccepted("refund the rest", ...refundParts) ? "one_then_rest" : "one_then_none";
  },
  refundMode: (findings) => {
    return memberAt(findings.refundOfPart().body, "status") === "pending" ? "pending_first" : "final_at_once";
  },
  refundReference: (findings) => {
    // A refusal is about the missing reference only if the same refund with a reference is accepted.
    findings.refundOfPart();
    return findings.isAccepted("refund a part without merchantReference") ? "optional" : "required";
  },
  refundNotifications: (findings) => {
    findings.step("notification of a paid payment", "notifications");
    findings.accepted("track the refund of a part", ...refundParts);
    if (findings.find("notification of a refund") === undefined) {
      throw new NotReached("no notification of a refund arrived at --webhook-url");
    }
    return findings.find("notification of a refunded payment") === undefined ? "refund_only" : "refund_and_payment";
  },
  pendingNotification: (findings) => {
    findings.step("notification of a paid payment", "notifications");
    return findings.find("notification of a new payment") === undefined ? "off" : "on";
  },
  retrySchedule: "never",
  notificationQueue: (findings) => findings.queue,
  returnSchemes: (findings) => {
    if (findings.isAccepted("create with the scheme of an app", "bodies")) return "custom";
    findings.accepted("create for an app with a returnUrl of the web", "bodies");
    return "http_https";
  },
  returnMethod: (findings) => findings.browserReturn.method,
  returnParameters: (findings) => {
    const parameters = findings.browserReturn.parameters.map(([name, value]) => ({ name, value }));
    return parameters.length === 0 ? "none" : parameters;
  },
};
