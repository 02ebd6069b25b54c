import type { ApiExchange } from "../../exchange.ts";
import { knownEnds, pathOf, paymentsByPath, type Traffic, type TrafficVerdict } from "./traffic.ts";

/** Reads of a payment that are fair without any prompt. */
const readsMax = 10;
/** Reads of a payment that are fair for each prompt: its resource, its track, and one more look. */
const readsPerPrompt = 3;
/** Time in which more than the fair reads are a burst, in milliseconds. */
const burstMs = 2_000;

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

/** Maximum number of fair reads of a payment in a time. */
function fairReads({ prompts }: Traffic, id: string, fromTime: number, toTime: number): number {
  const isAbout = ({ paymentId, time }: Traffic["prompts"][number]) =>
    (paymentId === undefined || paymentId === id) && time >= fromTime && time <= toTime;
  return readsMax + readsPerPrompt * prompts.filter(isAbout).length;
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

/** Whether the reads of a payment leave some time between them. */
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
  return { isSeen: byPayment.size > 0 };
}
