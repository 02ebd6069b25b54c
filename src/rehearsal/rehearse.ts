import { version } from "../config/config.ts";
import { unlessAborted } from "../platform/abort.ts";
import { systemClock } from "../platform/clock.ts";
import { randomIds } from "../platform/ids.ts";
import { phases, type RehearsalCase } from "./case.ts";
import { cases as allCases } from "./cases.ts";
import { type CaseChoice, isChosen } from "./choice.ts";
import { hookHelp, type Plan, type PlanInput, readPlan, SetupError } from "./plan.ts";
import { preflight } from "./preflight.ts";
import { type CaseResult, findingsOf, outcomeOf, type PreflightFinding, type RehearsalResult } from "./result.ts";
import { type Run, unfulfilled } from "./run.ts";
import { Secrets, withoutSecrets } from "./secrets.ts";
import { openSetting } from "./setting.ts";
import { Stage } from "./stage.ts";
import { Verdict } from "./verdict.ts";

/** Options of a rehearsal besides the plan. */
export interface RehearsalOptions extends CaseChoice {
  /** Folder of the plan, in which the server starts; by default the current one. */
  readonly directory?: string;
  /** Decides the order of the cases and the changed bytes; by default a random text. */
  readonly seed?: string;
  /** Port that the merchant knows as the provider; by default a free one, and 8853 for a server that runs already. */
  readonly port?: number;
  /** Called when a case has ended. */
  readonly onCase?: (result: CaseResult) => void;
  /** Ends the rehearsal, which rejects with the signal's reason when the server has ended. */
  readonly signal?: AbortSignal;
}

/** Port of the provider for a server that runs already. */
export const defaultPort = 8853;

const minuteMs = 60_000;
/** Time by which a world in the past begins earlier than its cases need, in minutes. */
const spareMinutes = 5;

/**
 * Plays the cases against a merchant's server, and judges each by the merchant's own view of the order. Rejects with
 * `SetupError` if the plan or the setup is wrong.
 */
export async function rehearse(input: PlanInput, options: RehearsalOptions = {}): Promise<RehearsalResult> {
  const plan = readPlan(input, "The plan");
  const seed = options.seed ?? randomIds().token("rehearsal", "").slice(0, 8);
  const chosen = chooseCases(options);
  const startTime = systemClock.now();
  const pastMinutes = chosen.reduce((sum, { minutes = 0 }) => sum + minutes + spareMinutes, spareMinutes);
  await using setting = await openSetting({
    plan,
    directory: options.directory ?? ".",
    seed,
    port: options.port ?? (plan.start === undefined ? defaultPort : 0),
    pastMs: pastMinutes * minuteMs,
  });
  const { run } = setting;
  const { door, results } = await unlessAborted(examine(run, chosen, options.onCase), options.signal);
  const judged = withinGrace(results, chosen, plan, startTime);
  return {
    version,
    seed,
    startedAt: new Date(startTime).toISOString(),
    durationMs: systemClock.now() - startTime,
    outcome: outcomeOf(judged, door),
    seesOrders: run.hooks.has("order"),
    preflight: withoutSecrets(door, run),
    cases: judged,
    findings: findingsOf(judged, chosen),
  };
}

/** Starts the server, and plays the cases if an ordinary purchase works. */
async function examine(run: Run, chosen: readonly RehearsalCase[], onCase: RehearsalOptions["onCase"]) {
  await run.parts.server.start();
  const door = await preflight(new Stage(run, "preflight"));
  return { door, results: await playAll(run, chosen, door, onCase ?? (() => undefined)) };
}

/** The cases of a choice, in the order of the table. Throws `SetupError` for an unknown id, and if there are none. */
export function chooseCases(choice: CaseChoice): RehearsalCase[] {
  const ids = allCases.map(({ id }) => id);
  const unknown = [...(choice.only ?? []), ...(choice.skip ?? [])].find((id) => !ids.includes(id));
  if (unknown !== undefined) throw new SetupError(`The case ${JSON.stringify(unknown)} is unknown; --list names all.`);
  const chosen = allCases.filter((one) => isChosen(one, choice));
  if (chosen.length === 0) throw new SetupError("No case is selected.");
  return chosen;
}

/** Plays the cases, phase by phase, in the order of the seed. @returns the results in the order of the table. */
async function playAll(
  run: Run,
  chosen: readonly RehearsalCase[],
  door: readonly PreflightFinding[],
  onCase: (result: CaseResult) => void,
): Promise<CaseResult[]> {
  const results = new Map<string, CaseResult>();
  const secrets = new Secrets();
  const blocked = door[0] === undefined ? undefined : `Blocked by the preflight: ${door[0].sentence}`;
  for (const phase of phases) {
    const inPhase = run.parts.random.shuffled(chosen.filter((one) => one.phase === phase));
    if (blocked === undefined && phase === "ordinary") await enterPresent(run);
    if (blocked === undefined && phase === "last") await lookAgain(run, results);
    for (const one of inPhase) {
      secrets.learn(run);
      const played = await play(run, one, blocked);
      secrets.learn(run);
      const result = secrets.removeFromResult(played);
      results.set(one.id, result);
      onCase(result);
    }
  }
  return chosen.flatMap(({ id }) => results.get(id) ?? []);
}

/** Moves the world to the real time, where it goes on running. */
async function enterPresent(run: Run): Promise<void> {
  const { clock } = run.parts.world;
  await clock.advance({ to: new Date(systemClock.now()).toISOString() });
  await clock.run();
}

async function play(run: Run, one: RehearsalCase, blocked: string | undefined): Promise<CaseResult> {
  const { id, group, title, severity, needs } = one;
  const stage = new Stage(run, id);
  const startTime = systemClock.steady();
  const purchasesBefore = run.purchases.length;
  const ended = (verdict: CaseResult["verdict"], rest: Partial<CaseResult> = {}): CaseResult => ({
    ...{ id, group, title, severity, verdict, cause: id },
    ...rest,
    durationMs: Math.round(systemClock.steady() - startTime),
    timeline: stage.timeline.entries,
  });
  if (blocked !== undefined) return ended("not_judged", { reason: "blocked", sentence: blocked });
  const missing = needs.filter((hook) => !run.hooks.has(hook));
  if (missing.includes("keepsOrders") && run.parts.plan.start?.keepsOrders === false) {
    const sentence = "The plan says that the orders are lost with the server (start.keepsOrders).";
    return ended("not_judged", { reason: "does_not_apply", sentence });
  }
  if (missing.length > 0) {
    const sentence = `The plan has no ${missing.map((hook) => hookHelp[hook]).join("; ")}.`;
    return ended("not_judged", { reason: "missing_hook", missing, sentence });
  }
  try {
    await one.run(stage);
    return ended("pass");
  } catch (error) {
    if (!(error instanceof Verdict)) throw error;
    const { kind, reason, message, rootCause: cause = id } = error;
    if (kind === "fail") for (const purchase of run.purchases.slice(purchasesBefore)) run.causes.set(purchase, cause);
    return ended(kind, { ...(reason === undefined ? {} : { reason }), sentence: message, cause });
  } finally {
    run.parts.gateway.clear();
  }
}

/** Reads every order once more: what was right when its case ended must still be right. */
async function lookAgain(run: Run, results: Map<string, CaseResult>): Promise<void> {
  if (!run.hooks.has("order") || run.expectations.length === 0) return;
  for (const { caseId, purchase, want } of run.expectations) {
    const result = results.get(caseId);
    const isLast = run.expectations.findLast((other) => other.purchase === purchase)?.want === want;
    if (result?.verdict !== "pass" || !isLast) continue;
    const view = await run.readOrder(purchase);
    const why = view === undefined ? undefined : unfulfilled(view, want);
    if (why === undefined) continue;
    const sentence = `The order ${purchase.reference} was right, and changed later: ${why}.`;
    results.set(caseId, { ...result, verdict: "fail", sentence });
  }
}

/** Failures of cases that are newer than the plan only warn for 30 days. */
function withinGrace(results: CaseResult[], chosen: readonly RehearsalCase[], { casesOf }: Plan, now: number) {
  const graceMs = 30 * 24 * 60 * minuteMs;
  return results.map((result): CaseResult => {
    const { version, date } = chosen.find(({ id }) => id === result.id)?.since ?? { version: "", date: "" };
    const isNewer = casesOf !== undefined && version.localeCompare(casesOf, "en", { numeric: true }) > 0;
    if (result.verdict !== "fail" || !isNewer || now > Date.parse(date) + graceMs) return result;
    return {
      ...result,
      verdict: "warn",
      sentence: `${result.sentence} (A new case: it counts 30 days after ${date}.)`,
    };
  });
}
