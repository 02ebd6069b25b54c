import { version } from "../config/config.ts";
import { unlessAborted } from "../platform/abort.ts";
import { systemClock } from "../platform/clock.ts";
import { randomIds } from "../platform/ids.ts";
import { adviceByCause } from "./advice.ts";
import { accepted, type Baseline, checkedBaseline } from "./baseline.ts";
import type { RehearsalCase } from "./case.ts";
import { cases as allCases } from "./cases.ts";
import { type CaseChoice, isChosen } from "./choice.ts";
import { withinGrace } from "./grace.ts";
import { type PlanInput, readPlan, SetupError } from "./plan.ts";
import { playAll } from "./play.ts";
import { preflight } from "./preflight.ts";
import { type CaseResult, findingsOf, outcomeOf, type RehearsalResult } from "./result.ts";
import type { Run } from "./run.ts";
import { withoutSecrets, withSafeErrors } from "./secrets.ts";
import { openSetting } from "./setting.ts";
import { Stage } from "./stage.ts";

/** Options of a rehearsal besides the plan. */
export interface RehearsalOptions extends CaseChoice {
  /** Folder of the plan, in which the server starts; by default the current one. */
  readonly directory?: string;
  /** Decides the order of the cases and the changed bytes; by default a random text. */
  readonly seed?: string;
  /** Port that the merchant knows as the provider; by default a free one, and 8853 for a server that runs already. */
  readonly port?: number;
  /** Known failures that do not fail the rehearsal: the content of a baseline file. */
  readonly baseline?: Baseline;
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
 * `SetupError` if the plan, the baseline or the setup is wrong.
 */
export async function rehearse(input: PlanInput, options: RehearsalOptions = {}): Promise<RehearsalResult> {
  const plan = readPlan(input, "The plan");
  const seed = options.seed ?? randomIds().token("rehearsal", "").slice(0, 8);
  const chosen = chooseCases(options);
  const baseline = checkedBaseline(options.baseline ?? { accept: [] }, "The baseline");
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
  const counted = (result: CaseResult) => {
    const since = chosen.find(({ id }) => id === result.id)?.since;
    const judged = since === undefined ? result : withinGrace(result, since, plan.casesOf, startTime);
    return accepted(judged, baseline, startTime);
  };
  const onCase = (result: CaseResult) => options.onCase?.(counted(result));
  const work = withSafeErrors(examine(run, chosen, { ...options, onCase }), run);
  const { door, results } = await unlessAborted(work, options.signal);
  const judged = results.map(counted);
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
async function examine(run: Run, chosen: readonly RehearsalCase[], { onCase, signal }: RehearsalOptions) {
  await run.parts.server.start();
  const found = await preflight(new Stage(run, "preflight"));
  const end = await run.parts.server.failure();
  const door = end === undefined ? found : [{ id: "server_ended", sentence: end, advice: adviceByCause.server_ended }];
  return { door, results: await playAll(run, chosen, { door, onCase, signal }) };
}

/** The cases of a choice, in the order of the table. Throws `SetupError` for an unknown id, and if there are none. */
export function chooseCases(choice: CaseChoice): RehearsalCase[] {
  const ids = allCases.map(({ id }) => id);
  const unknown = [...(choice.only ?? []), ...(choice.skip ?? [])].find((id) => !ids.includes(id));
  if (unknown !== undefined) throw new SetupError(`The case ${JSON.stringify(unknown)} is unknown; --list names all.`);
  const chosen = allCases.filter((one) => isChosen(one, choice));
  if (chosen.length === 0) throw new SetupError("No case is selected; check --only, --skip and --critical.");
  return chosen;
}
