import type { Context, Handler } from "hono";
import type { HmacKey } from "../../domain/merchant.ts";
import { type Refusal, type Result, refuse } from "../../domain/refusal.ts";
import type { ApiRequests, UnitOfWork, WorkResult } from "../../services/api-requests.ts";
import type { NewRequest, PlacedRequest } from "../../services/observing/request-log.ts";
import type { Authentication, Signatures } from "../../services/signatures.ts";
import { type Env, headerOf, requestTarget } from "../env.ts";
import { diagnosisHeader, printableAscii, refuseCaller } from "../middleware/authenticate.ts";
import type { OnRequest } from "../middleware/log-requests.ts";
import { receiveBody, receiveIgnoredBody } from "../middleware/read-body.ts";
import { foreignOrigin, type Gate } from "../middleware/same-origin.ts";
import { describeResponse, type OnSigned } from "../middleware/sign-response.ts";
import { readJson, readText } from "../validate.ts";
import type { Advise } from "./advice.ts";
import { type Answer, answerRefusal, withHeader } from "./answer.ts";
import { applyFault, changeAfterSigning } from "./faults.ts";
import type { RequestTrace } from "./route.ts";
import { type AtEndOfTurn, send } from "./send.ts";

/** What every request of the provider's API needs. */
export interface PipelineParts {
  readonly apiRequests: ApiRequests;
  readonly signatures: Signatures;
  readonly gate: Gate;
  readonly bodyMaxBytes: number;
  /** Real time, in milliseconds. */
  now(): number;
  /** Resolves when a slow response may be sent. */
  readonly slowly: () => Promise<void>;
  readonly onSigned: OnSigned;
  readonly onRequest: OnRequest;
  onApiRequest(place: PlacedRequest | undefined, request: NewRequest): Promise<void>;
  readonly onDefect: (error: unknown) => void;
  /** Calls back at the end of this turn of the event loop. */
  readonly atEndOfTurn: AtEndOfTurn;
}

/** A request whose body was received. */
export interface ApiCall {
  readonly c: Context<Env>;
  /** The parsed body; a refusal if it is not JSON. */
  readonly json: Result<unknown>;
  readonly authentication: Authentication;
  readonly unit: UnitOfWork;
  readonly trace: RequestTrace;
}

/** Answers a request whose caller may ask. It runs in the unit of work of the request, perhaps several times. */
export type Respond = (call: ApiCall) => Promise<Answer> | Answer;

/** What is known of a request before its headers and body are read. */
interface Arrival {
  readonly time: number;
  readonly target: string;
}

/** A request whose headers and body were read. */
interface Received {
  readonly signature: string | undefined;
  readonly body: Uint8Array;
  readonly ignoredBody?: Uint8Array | undefined;
  /** Refuses the request before its unit of work. */
  readonly refusal?: Refusal | undefined;
}

/** The answer to a request, and what the sandbox knows about it then. */
interface Decided {
  readonly answer: Answer;
  readonly keys: readonly HmacKey[];
  readonly trace: RequestTrace;
  /** The body of the request, as text. */
  readonly body: string;
  readonly authentication?: Authentication;
  readonly place?: PlacedRequest;
}

/**
 * Handles a request of the provider's API: receives it, decides it in one unit of work with its authentication, applies
 * the fault of its scenario, signs and logs the response, and sends it.
 */
export function handleApiRequest(parts: PipelineParts, respond: Respond, advise?: Advise): Handler<Env> {
  return async (c) => {
    const arrival = { time: parts.now(), target: requestTarget(c) };
    const unadvised = await receiveAndDecide(c, arrival, parts, respond);
    const decided = withAdvice(unadvised, advise?.(c, unadvised.answer.status));
    const fault = decided.trace.appliedScenario?.scenario.fault;
    const right = fault === undefined ? decided.answer : await applyFault(c, decided.answer, fault, parts.slowly);
    // The response to HEAD has the headers of GET and no body.
    const isHead = c.req.method === "HEAD";
    const lines = parts.signatures.sign(isHead ? "" : right.text, decided.keys, fault === "response_wrong_signature");
    const signatures = fault === "response_html" ? [] : lines;
    const answer = fault === undefined ? right : changeAfterSigning(right, fault);
    const sent = isHead ? { ...answer, text: "" } : answer;
    const { contract = decided.authentication?.contract } = decided.trace;
    parts.onSigned(() => describeResponse(c.req, sent, signatures, contract));
    await log(c, arrival, decided, sent, parts);
    return send(c, answer, signatures, parts.atEndOfTurn);
  };
}

async function receiveAndDecide(
  c: Context<Env>,
  arrival: Arrival,
  parts: PipelineParts,
  respond: Respond,
): Promise<Decided> {
  const { signatures, onDefect } = parts;
  let received: Received = { signature: undefined, body: noBytes };
  try {
    received = await receive(c, parts);
    const { refusal } = received;
    if (refusal === undefined) return await decide(c, arrival, received, parts, respond);
    return { answer: answerRefusal(refusal), keys: await signatures.keysOf(), trace: {}, body: "" };
  } catch (error) {
    onDefect(error);
    const { signature, body } = received;
    const keys = await signatures.keysOf(signatures.lastKnownMerchant(signature));
    return { answer: answerRefusal({ code: "internal_error" }), keys, trace: {}, body: readText(body).text };
  }
}

async function receive(c: Context<Env>, { gate, bodyMaxBytes }: PipelineParts): Promise<Received> {
  const signature = headerOf(c, "x-signature");
  const isSigned = gate.verifiesSignatures && signature !== undefined;
  // No foreign web page has a key. The signature itself is verified later.
  const foreign = isSigned ? undefined : foreignOrigin(c, gate);
  const body = foreign === undefined ? await receiveBody(c, bodyMaxBytes) : refuse(foreign);
  if (!body.ok) return { signature, body: noBytes, refusal: body.refusal };
  const isIgnored = c.req.method === "GET" && signature !== undefined;
  const ignoredBody = isIgnored ? await receiveIgnoredBody(c, bodyMaxBytes) : undefined;
  return { signature, body: body.value, ignoredBody };
}

async function decide(
  c: Context<Env>,
  { time, target }: Arrival,
  { signature, body, ignoredBody }: Received,
  { apiRequests }: PipelineParts,
  respond: Respond,
): Promise<Decided> {
  const { method } = c.req;
  const text = readText(body);
  const json = readJson(text);
  const parts = { method, target, body, ...(ignoredBody === undefined ? {} : { ignoredBody }) };
  const run = async (unit: UnitOfWork, authentication: Authentication) => {
    const trace: RequestTrace = {};
    const refused = refuseCaller(authentication, method);
    const answer =
      refused === undefined ? await respond({ c, json, authentication, unit, trace }) : answerRefusal(refused);
    return { answer, trace, about: subjectOf(trace) };
  };
  const request = { signature, parts, account: accountIn(json), time };
  const { result, authentication, keys, place } = await apiRequests.run(request, run);
  await result.trace.beforeResponse?.();
  const answer = withDiagnosis(result.answer, authentication);
  return { answer, keys, trace: result.trace, body: text.text, authentication, place };
}

/** Adds the diagnosis of the signature to a successful answer, and to the refusal of a wrong one. */
function withDiagnosis(answer: Answer, { diagnosis, verdict }: Authentication): Answer {
  if (diagnosis === undefined || (verdict !== "wrong" && answer.status >= 300)) return answer;
  return withHeader(answer, diagnosisHeader, printableAscii(diagnosis));
}

/** Puts advice before the diagnosis of a successful request, and in the place of another diagnosis. */
function withAdvice(decided: Decided, advice: string | undefined): Decided {
  const { answer, authentication } = decided;
  if (advice === undefined || authentication === undefined) return decided;
  const { diagnosis: other } = authentication;
  const diagnosis = other === undefined || answer.status >= 300 ? advice : `${advice} Also ${other}.`;
  return {
    ...decided,
    answer: withHeader(answer, diagnosisHeader, printableAscii(diagnosis)),
    authentication: { ...authentication, diagnosis, loggedDiagnosis: diagnosis },
  };
}

const noBytes = new Uint8Array();

/** The world that a body names. */
function accountIn(json: Result<unknown>): string | undefined {
  const value = json.ok ? json.value : undefined;
  if (typeof value !== "object" || value === null) return undefined;
  const { processingAccountId } = value as Record<string, unknown>;
  return typeof processingAccountId === "string" ? processingAccountId : undefined;
}

/** The payment of a creation. A new payment without a scenario has one event. */
function subjectOf({ created, appliedScenario }: RequestTrace): WorkResult["about"] {
  if (created?.paymentId === undefined) return undefined;
  const isPlain = created.payment !== undefined && appliedScenario === undefined;
  return { paymentId: created.paymentId, eventCount: isPlain ? 1 : undefined };
}

/** Maximum logged part of a response, in characters. */
const answerMaxLength = 4096;

function log(
  c: Context<Env>,
  { time, target }: Arrival,
  { authentication, trace, body, place }: Decided,
  answer: Answer,
  { now, onRequest, onApiRequest }: PipelineParts,
): Promise<void> {
  const { method } = c.req;
  const { status } = answer;
  onRequest({ method, target, status, diagnosis: authentication?.diagnosis });
  return onApiRequest(place, {
    method,
    target,
    status,
    time,
    durationMs: now() - time,
    signature: authentication?.verdict,
    sentSignature: authentication?.sentSignature,
    diagnosis: authentication?.loggedDiagnosis,
    scenario: trace.appliedScenario,
    body,
    answer: answer.text.slice(0, answerMaxLength),
  });
}
