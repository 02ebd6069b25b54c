import { systemClock } from "../platform/clock.ts";
import { phases, type RehearsalCase } from "./case.ts";
import { ServerStartError } from "./merchant-server.ts";
import { UnmappedWordError } from "./order.ts";
import { type Plan, SetupError } from "./plan.ts";
import type { CaseResult, PreflightFinding } from "./result.ts";
import { causeOf, type FulfilledExpectation, type Run, unfulfilled } from "./run.ts";
import { Secrets } from "./secrets.ts";
import { Stage } from "./stage.ts";
import { lackOf, Verdict } from "./verdict.ts";

/** What decides which cases are played, and who hears of them. */
interface PlayOptions {
  /** Findings of the preflight: with one, no case is played. */
  readonly door: readonly PreflightFinding[];
  readonly onCase: ((result: CaseResult) => void) | undefined;
  /** No further case begins after it. */
  readonly signal: AbortSignal | undefined;
}

/** Plays the cases, phase by phase, in the order of the seed. @returns the results in the order of the table. */
export async function playAll(
  run: Run,
  chosen: readonly RehearsalCase[],
  { door, onCase, signal }: PlayOptions,
): Promise<CaseResult[]> {
  const results = new Map<string, CaseResult>();
  const secrets = new Secrets();
  let blocked = door[0] === undefined ? undefined : `Blocked by the preflight: ${door[0].sentence}`;
  for (const { phase, cases } of partsOf(run.parts.plan, chosen)) {
    const inPhase = run.parts.random.shuffled(cases);
    if (blocked === undefined && phase === "ordinary") await enterPresent(run);
    if (blocked === undefined && phase === "last") await lookAgain(run, results);
    for (const one of inPhase) {
      signal?.throwIfAborted();
      secrets.learn(run);
      const played = await play(run, one, blocked);
      blocked ??= played.blocks;
      secrets.learn(run);
      const result = secrets.removeFromResult(played.result);
      results.set(one.id, result);
      onCase?.(result);
    }
  }
  return chosen.flatMap(({ id }) => results.get(id) ?? []);
}

/**
 * The parts of a run: one for each phase. If orders are lost with the server, the cases that end it form one more part
 * after them, when all orders were judged.
 */
function partsOf({ start }: Plan, chosen: readonly RehearsalCase[]) {
  const isLosing = ({ needs }: RehearsalCase) => start?.keepsOrders === false && needs.includes("start");
  const ordinary = phases.map((phase) => ({
    phase,
    cases: chosen.filter((one) => one.phase === phase && !isLosing(one)),
  }));
  return [...ordinary, { phase: undefined, cases: chosen.filter(isLosing) }];
}

/** Moves the world to the real time, where it goes on running. */
async function enterPresent(run: Run): Promise<void> {
  const { clock } = run.parts.world;
  await clock.advance({ to: new Date(systemClock.now()).toISOString() });
  await clock.run();
}

/** A case that has ended. */
interface Played {
  readonly result: CaseResult;
  /** Why no further case can be played; absent if they can. */
  readonly blocks?: string | undefined;
}

async function play(run: Run, one: RehearsalCase, blocked: string | undefined): Promise<Played> {
  const { id, group, title, severity } = one;
  const stage = new Stage(run, id);
  const startTime = systemClock.steady();
  const purchasesBefore = run.purchases.length;
  const ended = (end: CaseEnd): CaseResult => ({
    ...{ id, group, title, severity, cause: id, ...end },
    durationMs: Math.round(systemClock.steady() - startTime),
    timeline: stage.timeline.entries,
  });
  const unplayable = blocked === undefined ? whyNotPlayed(run, one) : notPlayed("blocked", blocked);
  if (unplayable !== undefined) return { result: ended(unplayable) };
  const { end, blocks } = await endOf(run, one, stage);
  const result = ended(end);
  if (result.verdict === "fail") {
    for (const purchase of run.purchases.slice(purchasesBefore)) run.causes.set(purchase, result.cause);
  }
  if (result.cause === "server_ended") run.loseOrders();
  return { result, blocks };
}

/** The members of a result that the end of its case decides. */
type CaseEnd = Pick<CaseResult, "verdict"> & Partial<Pick<CaseResult, "reason" | "missing" | "sentence" | "cause">>;

function notPlayed(reason: NonNullable<CaseResult["reason"]>, sentence: string): CaseEnd {
  return { verdict: "not_judged", reason, sentence };
}

/** The end of a case that the plan cannot serve; `undefined` if it can. */
function whyNotPlayed({ hooks, parts }: Run, one: RehearsalCase): CaseEnd | undefined {
  const missing = one.needs.filter((hook) => !hooks.has(hook));
  if (missing.length === 0) return undefined;
  if (missing.includes("keepsOrders") && parts.plan.start?.keepsOrders === false) {
    return notPlayed("does_not_apply", "The plan says that the orders are lost with the server (start.keepsOrders).");
  }
  return endOfVerdict(lackOf(missing), one);
}

/** Runs a case. If the server does not run after it, that is the result; then the server is started again. */
async function endOf(run: Run, one: RehearsalCase, stage: Stage) {
  const end = await runCase(one, stage).finally(() => run.parts.gateway.clear());
  if (end instanceof ServerStartError) {
    const { message: sentence } = end;
    stage.note("the server does not start again", sentence);
    const failed: CaseEnd = { verdict: "fail", sentence, cause: "server_does_not_start" };
    return { end: failed, blocks: `The server does not start again since the case ${one.id}.` };
  }
  const failure = await run.parts.server.failure();
  if (failure === undefined) {
    return { end, blocks: undefined };
  }
  stage.note("the server does not run any more", failure);
  const failed: CaseEnd = { verdict: "fail", sentence: failure, cause: "server_ended" };
  return { end: failed, blocks: await startAgain(run, one) };
}

/**
 * Runs a case. What the plan cannot serve in this case alone, such as a session that ended with the server, does not
 * end the run. Rejects with `UnmappedWordError`. @returns its end, or why the server did not start in it.
 */
async function runCase(one: RehearsalCase, stage: Stage): Promise<CaseEnd | ServerStartError> {
  try {
    await one.run(stage);
    return { verdict: "pass" };
  } catch (error) {
    if (error instanceof ServerStartError) return error;
    if (error instanceof UnmappedWordError) throw new UnmappedWordError(`In the case ${one.id}: ${error.message}`);
    if (error instanceof SetupError) return notPlayed("unclear", error.message);
    if (!(error instanceof Verdict)) return sandboxFault(stage, error as Error);
    return endOfVerdict(error, one);
  }
}

function endOfVerdict({ kind, message, rootCause, reason, missing }: Verdict, { id }: RehearsalCase): CaseEnd {
  return {
    ...{ verdict: kind, sentence: message, cause: rootCause ?? id },
    ...(reason === undefined ? {} : { reason }),
    ...(missing === undefined ? {} : { missing }),
  };
}

/** The end of a case in which the sandbox itself failed. The other cases are played. */
function sandboxFault(stage: Stage, { message, stack = message }: Error): CaseEnd {
  stage.note("has a fault of its own", stack);
  return notPlayed("sandbox_fault", `The sandbox has a fault of its own: ${message}`);
}

/** Starts a server that ended by itself. @returns why no further case can be played, if it does not start. */
async function startAgain({ parts: { plan, server } }: Run, { id }: RehearsalCase): Promise<string | undefined> {
  if (plan.start === undefined) return `The server does not run since the case ${id}, and the plan has no start.`;
  try {
    await server.kill();
    await server.start();
    return undefined;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return `The server ended in the case ${id}, and does not start again.`;
  }
}

/** Reads every order once more: what was right when its case ended must still be right. */
async function lookAgain(run: Run, results: Map<string, CaseResult>): Promise<void> {
  if (!run.hooks.has("order") || run.expectations.length === 0) return;
  for (const expectation of run.expectations) {
    const { caseId, purchase, want } = expectation;
    const result = results.get(caseId);
    const isLast = run.expectations.findLast((other) => other.purchase === purchase)?.want === want;
    if ((result?.verdict !== "pass" && result?.verdict !== "warn") || !isLast) continue;
    const change = await changeOf(run, expectation);
    if (change !== undefined) results.set(caseId, { ...result, verdict: "fail", ...change });
  }
}

/** What is wrong with an order that was right; `undefined` if it still is, or can be read no more. */
async function changeOf(run: Run, expectation: FulfilledExpectation): Promise<Partial<CaseResult> | undefined> {
  const { caseId, purchase, want } = expectation;
  try {
    const view = await run.readOrder(purchase);
    const why = view === undefined ? undefined : unfulfilled(view, want);
    if (why === undefined) return undefined;
    const sentence = `The order ${purchase.reference} was right, and changed later: ${why}.`;
    return { sentence, cause: causeOf(view, want) ?? caseId };
  } catch (error) {
    if (error instanceof Verdict) return { sentence: error.message, cause: error.rootCause ?? "order_gone" };
    // An order may be readable no more, such as that of a session that ended.
    if (!(error instanceof SetupError) || error instanceof UnmappedWordError) throw error;
    return undefined;
  }
}
