import type { ApiExchange } from "../../exchange.ts";
import { jsonOf, memberAt } from "../../steps.ts";
import { knownEnds, pathOf, paymentsByPath, type Traffic, type TrafficVerdict } from "./traffic.ts";

/** Reads of a payment that are fair without any prompt. */
const readsMax = 10;
/** Reads of a payment that are fair for each prompt: its resource, its track, and one more look. */
const readsPerPrompt = 3;
/** Time in which more than the fair reads are a burst, in milliseconds. */
const burstMs = 2_000;

/** A pause between reads that is long enough for any number of them, in milliseconds. */
const longGapMs = 1_000;
/** The first and the last gaps of many reads that are compared. */
const gapsCompared = 5;
/** How many times as long the last gaps are together as the first ones, if the reads back off. */
const growth = 1.25;

/** The reads of each payment that the provider answered. Others are retries. */
function readsByPayment(traffic: Traffic): Map<string, ApiExchange[]> {
  const paths = paymentsByPath(traffic);
  const reads = new Map<string, ApiExchange[]>();
  for (const exchange of traffic.exchanges) {
    const id = exchange.operation === "read" ? paths.get(pathOf(exchange)) : undefined;
    if (id === undefined || exchange.fault !== undefined || exchange.answer?.status !== 200) continue;
    reads.set(id, [...(reads.get(id) ?? []), exchange]);
  }
  return reads;
}

/** Number of times that the rehearsal prompted the merchant to read a payment. */
function promptsAbout({ prompts }: Traffic, id: string, fromTime: number, toTime: number): number {
  const isAbout = ({ paymentId, time }: Traffic["prompts"][number]) =>
    (paymentId === undefined || paymentId === id) && time >= fromTime && time <= toTime;
  return prompts.filter(isAbout).length;
}

/** Maximum number of fair reads of a payment in a time. */
function fairReads(traffic: Traffic, id: string, fromTime: number, toTime: number): number {
  return readsMax + readsPerPrompt * promptsAbout(traffic, id, fromTime, toTime);
}

/** Whether the reads of a payment end when the merchant knows its final status. */
export function judgeStop(traffic: Traffic): TrafficVerdict {
  const ends = knownEnds(traffic);
  for (const [id, reads] of readsByPayment(traffic)) {
    const end = ends.get(id);
    if (end === undefined) continue;
    const late = reads.filter(({ startTime }) => startTime > end.time);
    if (late.length <= fairReads(traffic, id, end.time, Infinity)) continue;
    const complaint = `The merchant knew that payment ${id} is ${end.status}, and read it ${late.length} more times.`;
    return { isSeen: true, complaint, evidence: late.slice(-3) };
  }
  return { isSeen: ends.size > 0 };
}

/** Whether the reads of a payment leave some time between them, and more of it after many reads. */
export function judgeRate(traffic: Traffic): TrafficVerdict {
  const byPayment = readsByPayment(traffic);
  for (const [id, reads] of byPayment) {
    for (const [at, { startTime }] of reads.entries()) {
      const burst = reads.slice(at).filter((read) => read.startTime < startTime + burstMs);
      if (burst.length <= fairReads(traffic, id, startTime - burstMs, startTime + burstMs)) continue;
      const complaint = `The merchant read payment ${id} ${burst.length} times within ${burstMs / 1000} s, on its own.`;
      return { isSeen: true, complaint, evidence: burst.slice(0, 3) };
    }
  }
  for (const [id, reads] of byPayment) {
    const pending = reads.filter(({ answer }) => memberAt(jsonOf(answer?.body ?? ""), "/status") === "pending");
    const steady = steadyReads(traffic, id, pending);
    if (steady === undefined) continue;
    const longestMs = Math.max(...gapsOf(steady).slice(-gapsCompared));
    const complaint =
      `The merchant read the pending payment ${id} ${steady.length} times on its own, and does not wait ` +
      `longer each time: at last ${Math.ceil(longestMs)} ms at most.`;
    return { isSeen: true, complaint, evidence: steady.slice(-3) };
  }
  return { isSeen: byPayment.size > 0 };
}

/** Times between reads that follow each other, in milliseconds. */
function gapsOf(reads: readonly ApiExchange[]): number[] {
  return reads.slice(1).map(({ startTime }, at) => startTime - (reads[at]?.startTime ?? 0));
}

/** Whether many reads do not leave more time between them at their end than at their beginning. */
function isSteady(reads: readonly ApiExchange[]): boolean {
  if (reads.length <= readsMax) return false;
  const gaps = gapsOf(reads);
  const last = gaps.slice(-gapsCompared);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return Math.max(...last) < longGapMs && sum(last) < growth * sum(gaps.slice(0, gapsCompared));
}

/** Reads of a payment that the merchant made on its own one after the other, without backing off; or `undefined`. */
function steadyReads(traffic: Traffic, id: string, reads: readonly ApiExchange[]): ApiExchange[] | undefined {
  let own: ApiExchange[] = [];
  for (const read of reads) {
    const isPrompted = promptsAbout(traffic, id, read.startTime - burstMs, read.startTime) > 0;
    own = isPrompted ? [] : [...own, read];
    if (isSteady(own)) return own;
  }
  return undefined;
}
