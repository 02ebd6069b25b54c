import type { Hook } from "./plan.ts";
import type { Stage } from "./stage.ts";

/** Groups of cases, in the order of the reports. */
export const groups = {
  outcomes: "Outcomes",
  order: "Order of events",
  outage: "Outages",
  forged: "Forged messages",
  transport: "Transport",
  return: "The return",
  answers: "Answers of the provider",
  refunds: "Refunds",
  money: "Money",
  keys: "Keys",
  hygiene: "Hygiene",
} as const;
export type CaseGroup = keyof typeof groups;

/** `critical`: money or goods are lost. `serious`: a customer or an employee has to ask. `minor`: advice. */
export const severities = ["critical", "serious", "minor"] as const;
export type Severity = (typeof severities)[number];

/**
 * When a case runs. `past`: the world begins in the past, so that the case can advance its clock. `ordinary`: the world
 * has the real time. `restart`: the merchant's server is ended and started. `keys`: keys are rotated and retired.
 * `last`: after all others; it judges what they recorded. If orders are lost with the server, the cases that need
 * `start` run after all phases.
 */
export const phases = ["past", "ordinary", "restart", "keys", "last"] as const;
export type Phase = (typeof phases)[number];

/** What a case does and judges, for a developer who reads the report. */
export interface CaseDescription {
  /** Stable id, in snake_case. */
  readonly id: string;
  readonly group: CaseGroup;
  readonly title: string;
  /** What is at stake, in one sentence. */
  readonly stake: string;
  readonly severity: Severity;
  /** Hooks of the plan without which the case is not judged. */
  readonly needs: readonly Hook[];
  readonly phase: Phase;
  /** World time that a `past` case uses, in minutes. */
  readonly minutes?: number;
  /** What the sandbox does. */
  readonly does: string;
  /** When the case passes. */
  readonly rule: string;
  /** What to change if it fails, and what the fault costs. */
  readonly advice: string;
  /** Public precedents, in our own words. */
  readonly precedent: string;
  /** Version that added the case, and its date. */
  readonly since: { readonly version: string; readonly date: string };
}

/** One case of the rehearsal. */
export interface RehearsalCase extends CaseDescription {
  /** Plays the case. Throws `Verdict` for everything but a pass. */
  readonly run: (stage: Stage) => Promise<void>;
}

type Given = Omit<RehearsalCase, "phase" | "since"> & Partial<Pick<RehearsalCase, "phase" | "since">>;

/** Version and date of the first cases. */
const first = { version: "1.0.0", date: "2026-11-29" };

/** A case with the usual phase and version. */
export function defineCase(given: Given): RehearsalCase {
  return { phase: "ordinary", since: first, ...given };
}
