import { Client, noTroubles } from "./client.ts";
import { newDiary } from "./diary.ts";
import { type Dice, newDice } from "./dice.ts";
import { type Finding, findingsOf } from "./findings.ts";
import { databaseBlow, Fleet } from "./fleet.ts";
import { loadUntil } from "./load.ts";
import { startEndpoint } from "./receiver.ts";
import { settle } from "./settled.ts";

/** What is done to the replicas, and for how long. */
export interface ChaosPlan {
  readonly url: string;
  readonly schema: string;
  /** At most 20 letters and digits. */
  readonly seed: string;
  /** How long the clients begin something new, in milliseconds. */
  readonly loadMs: number;
  readonly clients: number;
  /** How many times a replica is killed, in even parts of that time. */
  readonly kills: number;
  /** Ends the database in the middle of that time as a crash does, and starts it again. */
  readonly crashDatabase?: (() => Promise<void>) | undefined;
  /** Hears what happens. */
  readonly tell: (line: string) => void;
}

const replicaCount = 3;
/** The demo world, and two that open by their first payments. */
const worlds = ["2HdN2jq6XWmlkhqRC2gDTNYCvNH", "0ujtsYcgvSTl8PAuAdqWYSMnLOv", "0ujzPyRiIAffKhBux4PvQdDqMHY"];
/** What the sandbox takes for a refund unless it is told otherwise, and a little more. */
const refundDelayMs = 2_500;

/** Kills replicas under load, and looks in the end whether all that was promised is so. */
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
      await Promise.all([...load, strike(plan, fleet, dice.of("kills"))]);
      plan.tell(`${diary.payments.length} payments made; waiting until everything has settled`);
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

/** Ends replicas, each in its part of the time, and in the middle the database. */
async function strike(plan: ChaosPlan, fleet: Fleet, dice: Dice): Promise<void> {
  const { loadMs, kills, crashDatabase, tell } = plan;
  const startTime = Date.now();
  const at = (time: number) => new Promise((resolve) => setTimeout(resolve, startTime + time - Date.now()));
  const partMs = loadMs / (kills + 1);
  const killAll = async () => {
    for (let count = 1; count <= kills; count += 1) {
      await at(count * partMs);
      const number = await fleet.killOne(dice);
      tell(`replica ${number} was killed and serves again`);
    }
  };
  const crash = async () => {
    if (crashDatabase === undefined) return;
    await at(loadMs / 2);
    fleet.blows.push({ what: databaseBlow, time: Date.now() });
    await crashDatabase();
    tell("the database was ended and serves again");
  };
  await Promise.all([killAll(), crash()]);
}

async function hmacKeyOf({ urls }: Fleet): Promise<string> {
  const answer = await fetch(`${urls[0]}/_sandbox/credentials`);
  return ((await answer.json()) as { hmacKey: string }).hmacKey;
}
