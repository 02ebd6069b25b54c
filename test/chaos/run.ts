import { type Dice, newDice } from "../support/dice.ts";
import { Client, noTroubles } from "./client.ts";
import { newDiary } from "./diary.ts";
import { type Finding, findingsOf } from "./findings.ts";
import { databaseOutage, Fleet } from "./fleet.ts";
import { loadUntil } from "./load.ts";
import { startEndpoint } from "./receiver.ts";
import { settle } from "./settled.ts";

/** Options of a run. */
export interface ChaosPlan {
  readonly url: string;
  readonly schema: string;
  /** At most 20 letters and digits. */
  readonly seed: string;
  /** Time during which clients create payments, in milliseconds. */
  readonly loadMs: number;
  readonly clients: number;
  /** Number of kills, evenly distributed over that time. */
  readonly kills: number;
  /** Crashes the database and starts it again. Called in the middle of that time. */
  readonly crashDatabase?: (() => Promise<void>) | undefined;
  /** Prints a line about the progress. */
  readonly print: (line: string) => void;
}

const replicaCount = 3;
/** The demo world, and two worlds that open with their first payments. */
const worlds = ["2HdN2jq6XWmlkhqRC2gDTNYCvNH", "0ujtsYcgvSTl8PAuAdqWYSMnLOv", "0ujzPyRiIAffKhBux4PvQdDqMHY"];
/** Default refund delay of the sandbox plus a margin, in milliseconds. */
const refundDelayMs = 2_500;

/** Kills replicas under load, then checks that all confirmed results hold. */
export async function runChaos(plan: ChaosPlan): Promise<Finding[]> {
  const dice = newDice(plan.seed);
  const endpoint = await startEndpoint();
  try {
    const fleet = await Fleet.start(replicaCount, { url: plan.url, schema: plan.schema, webhookUrl: endpoint.url });
    try {
      const hmacKey = await hmacKeyOf(fleet);
      endpoint.trust(hmacKey);
      const [diary, troubles] = [newDiary(), noTroubles()];
      const endTime = Date.now() + plan.loadMs;
      const load = Array.from({ length: plan.clients }, (_, index) => {
        const name = `chaos-${plan.seed}-${index + 1}`;
        const client = new Client(fleet.urls, hmacKey, dice.of(`client ${name}`), troubles);
        return loadUntil(() => Date.now() >= endTime, { client, dice: dice.of(name), diary, worlds, name });
      });
      await Promise.all([...load, causeOutages(plan, fleet, dice.of("kills"))]);
      plan.print(`${diary.payments.length} payments created; waiting until everything has settled`);
      const client = new Client(fleet.urls, hmacKey, dice.of("reader"), noTroubles());
      const unsettled = await settle(client, fleet.urls, worlds, refundDelayMs);
      return await findingsOf({ client, worlds, fleet, diary, endpoint, troubles, unsettled });
    } finally {
      await fleet.stop();
    }
  } finally {
    await endpoint.close();
  }
}

/** Kills replicas in even parts of the time, and crashes the database in the middle. */
async function causeOutages(plan: ChaosPlan, fleet: Fleet, dice: Dice): Promise<void> {
  const { loadMs, kills, crashDatabase, print } = plan;
  const startTime = Date.now();
  const at = (time: number) => new Promise((resolve) => setTimeout(resolve, startTime + time - Date.now()));
  const partMs = loadMs / (kills + 1);
  const killAll = async () => {
    for (let count = 1; count <= kills; count += 1) {
      await at(count * partMs);
      const number = await fleet.killOne(dice);
      print(`replica ${number} was killed and serves again`);
    }
  };
  const crash = async () => {
    if (crashDatabase === undefined) return;
    await at(loadMs / 2);
    fleet.outages.push({ what: databaseOutage, time: Date.now() });
    await crashDatabase();
    print("the database crashed and serves again");
  };
  await Promise.all([killAll(), crash()]);
}

async function hmacKeyOf({ urls }: Fleet): Promise<string> {
  const answer = await fetch(`${urls[0]}/_sandbox/credentials`);
  return ((await answer.json()) as { hmacKey: string }).hmacKey;
}
