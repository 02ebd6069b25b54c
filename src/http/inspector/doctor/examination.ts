import type { KeptRequest } from "../../../domain/logged-request.ts";
import type { ReceivedMessages } from "../../../services/received-messages.ts";
import type { Signatures } from "../../../services/signatures.ts";
import type { Merchants } from "../../../services/worlds/merchants.ts";
import type { Addresses } from "../../env.ts";
import { signCommand } from "../sign-command.ts";
import { isCurl, readCurl } from "./curl-command.ts";
import { readRawMessage, readRawRequest } from "./raw-http.ts";
import type { PastedRequest } from "./reading.ts";

/** Services of the doctor's page. */
export interface DoctorParts {
  readonly addresses: Pick<Addresses, "basePath">;
  readonly bodyMaxBytes: number;
  readonly merchants: Pick<Merchants, "sign" | "view">;
  readonly receivedMessages: ReceivedMessages;
  readonly signatures: Signatures;
}

type RequestDiagnosis = Awaited<ReturnType<Signatures["diagnose"]>>;
type MessageDiagnosis = Awaited<ReturnType<ReceivedMessages["diagnose"]>>;
export type Comparison = RequestDiagnosis["comparisons"][number];
export type HeaderMember = NonNullable<RequestDiagnosis["header"]>[number];

/** A valid signature for a request, or the command that makes one. */
export type MadeSignature = { readonly signature: string } | { readonly command: string };

/** A request or message that the doctor examined. */
export interface Examination extends Pick<RequestDiagnosis, "sentence" | "header" | "comparisons" | "checks"> {
  readonly subject: "call" | "request" | "message";
  /** `undefined`: the log does not say it. */
  readonly ok: boolean | undefined;
  readonly title: string;
  readonly notes: readonly string[];
  /** `X-Signature` as given. */
  readonly signature?: string | undefined;
  /** What a program that refuses a right message may do. */
  readonly mistakes?: MessageDiagnosis["mistakes"];
  readonly call?: KeptRequest;
  /** Whether a valid signature can be made: the exact bytes are known. */
  readonly canSign: boolean;
  readonly made?: MadeSignature | undefined;
}

/** What to do with a request besides the diagnosis. */
export interface ExaminationOptions {
  readonly processingAccountId: string;
  /** Makes a valid signature. */
  readonly sign: boolean;
}

/** Replaces what the log removed from a request. */
const redacted = "[redacted]";
const isVague = /^The signature does not match: |The search for the cause was skipped/;

/** Examines a logged call, with the time of the call. */
export async function examineCall(
  call: KeptRequest,
  parts: DoctorParts,
  options: ExaminationOptions,
): Promise<Examination> {
  const { method, target, body, signature, sentSignature } = call;
  const isExact = ![target, body].some((text) => text.includes(redacted) || text.includes("\ufffd"));
  const base = {
    subject: "call",
    title: `${method} ${target} → ${call.status}`,
    call,
    canSign: isExact,
    made: options.sign && isExact ? await signatureFor(call, parts, options) : undefined,
  } as const;
  const withoutFacts = { ...base, comparisons: [], checks: [] };
  const isMissing = signature === "unsigned" || (signature === "wrong" && sentSignature === undefined);
  if (isMissing) {
    const accepted = signature === "unsigned" ? [`${capital(call.diagnosis ?? "unsigned")}.`] : [];
    return { ...base, ...(await diagnose(call, undefined, parts, call.time)), notes: accepted };
  }
  if (signature !== "wrong" || sentSignature === undefined) {
    const [ok, sentence] = signature === "signed" ? [true, keptNone] : [undefined, notChecked];
    return { ...withoutFacts, ok, sentence, notes: [] };
  }
  const logged = call.diagnosis ?? "";
  if (sentSignature === "redacted") return { ...withoutFacts, ok: false, sentence: logged, notes: [notKept] };
  const found = await diagnose(call, sentSignature, parts, call.time);
  const comparisons = isExact ? found.comparisons : found.comparisons.filter(({ part }) => part === "aud");
  return {
    ...base,
    ...found,
    comparisons,
    checks: isExact ? found.checks : [],
    ok: false,
    sentence: isExact && !found.ok && isVague.test(logged) ? found.sentence : logged || found.sentence,
    signature: sentSignature,
    notes: [...(isExact ? [] : [inexact]), ...(found.ok && isExact ? [validNow] : [])],
  };
}

const keptNone = "The signature was valid. The log does not keep valid signatures.";
const notChecked = "The sandbox did not check the signature of this call.";
const notKept =
  "The log did not keep this X-Signature: it is not like an ES256 signature, so it may contain a secret. " +
  "Paste the request below to see it decoded.";
const inexact =
  "The log does not have the exact bytes of this call: it removes secrets, and keeps only text. " +
  "Paste the request below to compare its body.";
const validNow = "With the keys that are registered now, this signature is valid.";

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

async function diagnose(
  { method, target, body }: Pick<PastedRequest, "method" | "target" | "body">,
  signature: string | undefined,
  { signatures }: DoctorParts,
  nowMs?: number,
): Promise<RequestDiagnosis> {
  const bytes = new TextEncoder().encode(body);
  const isIgnored = (method === "GET" || method === "HEAD") && bytes.length > 0;
  const signed = isIgnored ? { body: new Uint8Array(), ignoredBody: bytes } : { body: bytes };
  return signatures.diagnose(signature, { method, target, ...signed }, nowMs);
}

/** Signs a request with the key of the world, or returns the command that does it with a key of the merchant. */
async function signatureFor(
  { method, target, body }: Pick<PastedRequest, "method" | "target" | "body">,
  { merchants }: DoctorParts,
  { processingAccountId }: ExaminationOptions,
): Promise<MadeSignature> {
  const isBodiless = method === "GET" || method === "HEAD";
  const signed = { method, target, body: isBodiless ? "" : body };
  const made = await merchants.sign({ ...signed, body: new TextEncoder().encode(signed.body) }, processingAccountId);
  if (made.ok && made.value !== undefined) return { signature: made.value };
  return { command: await signCommand(signed, merchants, processingAccountId) };
}

/** Examines a pasted request: raw HTTP or a curl command. @returns the problem with a text that is neither. */
export async function examineRequest(
  text: string,
  parts: DoctorParts,
  options: ExaminationOptions,
): Promise<Examination | { readonly problem: string }> {
  const reading = isCurl(text) ? readCurl(text) : readRawRequest(text);
  if (!reading.ok) return reading;
  const { basePath } = parts.addresses;
  const { target: given, signature, notes } = reading.value;
  const size = new TextEncoder().encode(reading.value.body).length;
  if (size > parts.bodyMaxBytes) {
    return { problem: `The body has ${size} bytes: the sandbox accepts at most ${parts.bodyMaxBytes}.` };
  }
  // A proxy removes the base path, so no signature covers it.
  const target = basePath !== "" && given.startsWith(`${basePath}/`) ? given.slice(basePath.length) : given;
  const request = { ...reading.value, target };
  return {
    subject: "request",
    title: `${request.method} ${target}`,
    ...(await diagnose(request, signature, parts)),
    signature,
    notes,
    canSign: true,
    made: options.sign ? await signatureFor(request, parts, options) : undefined,
  };
}

/** A pasted webhook or response, and what the merchant's program does with it. */
export interface PastedMessage {
  readonly kind: "webhook" | "response";
  readonly text: string;
  /** URL that the program compares with `aud`. */
  readonly url: string;
  /** The shared secret that the program uses. */
  readonly hmacKey: string;
  /** The signature that the program computes. */
  readonly computed: string;
}

/** What the doctor's page shows. */
export interface DoctorView {
  readonly examination?: Examination | undefined;
  /** What is wrong with the address or a form, and the form. */
  readonly problem?: { readonly text: string; readonly form?: "request" | "message" | undefined } | undefined;
  /** The forms as filled in. */
  readonly request: string;
  readonly message: PastedMessage;
}

/** Examines a pasted webhook or response. @returns the problem with a text that is none. */
export async function examineMessage(
  { kind, text, url, hmacKey, computed }: PastedMessage,
  { receivedMessages }: DoctorParts,
): Promise<Examination | { readonly problem: string }> {
  const reading = readRawMessage(text, kind === "webhook" ? ">" : "<");
  if (!reading.ok) return reading;
  if (kind === "webhook" && url === "") {
    return { problem: "The URL is missing: enter the one that your program compares with aud." };
  }
  const { startLine, signatures, body, notes } = reading.value;
  const diagnosis = await receivedMessages.diagnose({
    signature: signatures,
    body: new TextEncoder().encode(body),
    url: kind === "webhook" ? url : undefined,
    hmacKey: hmacKey === "" ? undefined : hmacKey,
    computed: computed === "" ? undefined : computed,
  });
  const title = startLine === "" ? `A ${kind}` : startLine;
  return {
    subject: "message",
    title,
    ...diagnosis,
    signature: signatures.length === 0 ? undefined : signatures.join("\n"),
    notes,
    canSign: false,
  };
}
