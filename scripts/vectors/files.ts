import type { Sandbox } from "../../src/index.ts";
import { badHeaders } from "./bad-headers.ts";
import { goodRequests } from "./good-requests.ts";
import { type Judgement, judge, type Question } from "./judge.ts";
import { now, requestKeys, sharedSecretKid } from "./keys.ts";
import { key, type ReceivedRecipe } from "./received-recipes.ts";
import { responses, webhooks } from "./received-vectors.ts";
import type { RequestRecipe } from "./request-recipes.ts";
import { wrongPayloads } from "./wrong-payloads.ts";

/** One vector, as `fixtures/vectors/README.md` describes it. */
export interface Vector {
  readonly name: string;
  readonly madeBy: string;
  readonly method?: string;
  readonly target?: string;
  readonly url?: string;
  readonly key?: string;
  /** The protected header; `null` if it cannot be read. */
  readonly header: unknown;
  /** The exact body as base64. */
  readonly payload: string;
  /** `X-Signature`; `null` for none. */
  readonly signature: string | null;
  readonly rightSignature?: string;
  readonly verdict: "accepted" | "refused";
  readonly reason?: string;
  readonly diagnosis?: string;
}

export interface VectorFile {
  readonly source: string;
  /** Real time of the verification, in seconds since 1970. */
  readonly now: number;
  readonly keys: readonly object[];
  readonly vectors: readonly Vector[];
}

export const fileNames = ["requests", "responses", "webhooks"] as const;
export type FileName = (typeof fileNames)[number];

const source = "ours: made by scripts/write-vectors.ts";
const secrets = [{ kid: sharedSecretKid, key }];

/**
 * Makes the vectors of a file. ES256 gives other bytes each time, so a vector that is already there is kept if it is
 * made in the same way.
 */
export async function makeFile(sandbox: Sandbox, name: FileName, existing: readonly Vector[]): Promise<VectorFile> {
  const known = new Map(existing.map((vector) => [vector.name, vector]));
  const vectors: Vector[] = [];
  for (const recipe of name === "requests" ? requests : { responses, webhooks }[name]) {
    const made = await judged(sandbox, name, await madeFrom(recipe));
    const old = known.get(recipe.name);
    vectors.push(old !== undefined && (await isAsGood(sandbox, name, old, made)) ? old : made);
  }
  return { source, now, keys: name === "requests" ? requestKeys : secrets, vectors };
}

const requests: readonly RequestRecipe[] = [...goodRequests, ...badHeaders, ...wrongPayloads];

type Unjudged = Omit<Vector, "verdict" | "reason" | "diagnosis">;

async function madeFrom(recipe: RequestRecipe | ReceivedRecipe): Promise<Unjudged> {
  const signature = (await recipe.signature()) ?? null;
  const of =
    "method" in recipe
      ? { method: recipe.method, target: recipe.target }
      : { ...(recipe.url !== undefined && { url: recipe.url }), key: recipe.key };
  const payload = Buffer.from(recipe.body).toString("base64");
  const right = "rightSignature" in recipe && { rightSignature: recipe.rightSignature?.() ?? "" };
  return { name: recipe.name, madeBy: recipe.madeBy, ...of, header: headerIn(signature), payload, signature, ...right };
}

function headerIn(signature: string | null): unknown {
  try {
    return JSON.parse(Buffer.from(signature?.split(".")[0] ?? "", "base64url").toString("utf8"));
  } catch {
    return null;
  }
}

/** The question to the doctor about a vector. */
function questionAbout(name: FileName, { method, target, url, key: hmacKey, payload, signature }: Unjudged): Question {
  const message = { bodyBase64: payload, ...(signature !== null && { signature }) };
  if (name === "requests") return { kind: "request", method, target, ...message };
  return {
    kind: name === "responses" ? "response" : "webhook",
    ...(url !== undefined && { url }),
    hmacKey,
    ...message,
  };
}

/** The question about the right message to a program that computes the vector's signature. */
function questionOfProgram(name: FileName, vector: Unjudged): Question {
  const [, , computed = ""] = vector.signature?.split(".") ?? [];
  return { ...questionAbout(name, vector), signature: vector.rightSignature, computed };
}

async function judged(sandbox: Sandbox, name: FileName, vector: Unjudged): Promise<Vector> {
  return { ...vector, ...verdictOf(await judgementOn(sandbox, name, vector)) };
}

/** What the doctor says about a vector; for the mistake of a program, what the program does wrong. */
export async function judgementOn(sandbox: Sandbox, name: FileName, vector: Unjudged): Promise<Judgement> {
  const about = await judge(sandbox, questionAbout(name, vector));
  if (vector.rightSignature === undefined) return about;
  const { diagnosis, sentences } = await judge(sandbox, questionOfProgram(name, vector));
  return { ...about, diagnosis, sentences: [...about.sentences, ...sentences] };
}

/** The members of a vector that come from the doctor. */
export function verdictOf({ ok, reason, diagnosis }: Judgement): Pick<Vector, "verdict" | "reason" | "diagnosis"> {
  if (ok) return { verdict: "accepted" };
  return { verdict: "refused", ...(reason !== undefined && { reason }), diagnosis };
}

/** The beginning of a header with the alg ES256. */
const es256Header = Buffer.from('{"alg":"ES256"').toString("base64url").slice(0, -1);

/** Whether a vector differs from a new one at most in the random part of ES256. */
async function isAsGood(sandbox: Sandbox, name: FileName, old: Vector, made: Vector): Promise<boolean> {
  if (name !== "requests" && !made.signature?.startsWith(es256Header))
    return JSON.stringify(old) === JSON.stringify(made);
  const fixed = (vector: Vector) =>
    JSON.stringify({ ...vector, signature: null }).replace(/\d+ (?:bytes|characters)/g, "");
  if (fixed(old) !== fixed(made)) return false;
  const { verdict, reason, diagnosis } = await judged(sandbox, name, old);
  return verdict === old.verdict && reason === old.reason && diagnosis === old.diagnosis;
}
