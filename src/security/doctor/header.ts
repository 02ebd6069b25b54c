import { requestAudience, requestExpirySecondsMax, type SignedParts } from "../request-signature.ts";
import { checkOf, type DoctorCheck, type DoctorKnowledge, notChecked, plainJws, quoted } from "./check.ts";
import type { ParsedSignature } from "./lenient-parse.ts";
import { correctPath } from "./path.ts";

const kidsShownMax = 5;

/** What the signature's bytes reveal about the header. */
export interface HeaderHints {
  /** Explanation, if the signature is an HMAC. */
  readonly hmacFault: string | undefined;
  /** The kid of the key that the signature matches, if the header does not name it. */
  readonly otherKid: string | undefined;
  /** Claims that a JWT library put into the payload. */
  readonly addedClaims: readonly string[];
}

/** Checks the members `alg`, `kid`, `aud` and `exp`, [docs] and the absence of `crit`. [ours] */
export function checkHeader(
  { header, claims }: ParsedSignature,
  request: SignedParts,
  known: DoctorKnowledge,
  hints: HeaderHints,
): DoctorCheck[] {
  if (header === undefined) {
    return ["alg", "crit", "kid", "aud", "exp"].map((name) => notChecked(name, "the header cannot be read"));
  }
  const { alg, crit, kid, aud, exp } = header;
  const isInPayload = (name: string) =>
    hints.addedClaims.includes(name) || (claims !== undefined && Object.hasOwn(claims, name));
  const aheadSeconds = typeof exp === "number" ? Math.floor(exp - known.nowMs / 1000) : 0;
  return [
    checkOf("alg", algFault(alg, hints.hmacFault), 'alg is "ES256".'),
    checkOf("crit", critFault(crit, request), "The header has no crit."),
    checkOf("kid", kidFault(kid, known, hints), `kid ${quoted(kid)} is registered.`),
    checkOf("aud", audFault(aud, request, isInPayload("aud")), `aud is ${quoted(aud)}.`),
    checkOf("exp", expFault(exp, request, known, isInPayload("exp")), `exp is ${aheadSeconds} s ahead.`),
  ];
}

function algFault(alg: unknown, hmacFault: string | undefined): string | undefined {
  if (alg === "ES256") return undefined;
  if (alg === undefined) return 'The header has no alg: set it to "ES256".';
  const problem = `alg is ${quoted(alg)}`;
  if (typeof alg !== "string") return `${problem}: set it to the text "ES256".`;
  const name = alg.trim().toUpperCase();
  if (name === "ES256") return `${problem}: write exactly "ES256", in upper case and without spaces.`;
  if (name === "NONE") return `${problem}, so there is no signature: sign with your private key, as "ES256".`;
  if (hmacFault !== undefined) return `${problem}: ${hmacFault}`;
  if (name.startsWith("HS")) {
    return `${problem}, an HMAC with a shared secret, as the provider signs: sign with your private key, as "ES256".`;
  }
  if (/^(RS|PS)\d/.test(name)) return `${problem}, a signature with an RSA key: use "ES256", with an EC key on P-256.`;
  if (/^ES\d/.test(name)) return `${problem}, a signature on another curve: use "ES256", with a key on P-256.`;
  return `${problem}: use "ES256", with an EC key on P-256.`;
}

function critFault(crit: unknown, { body }: SignedParts): string | undefined {
  if (crit === undefined) return undefined;
  if (Array.isArray(crit) && crit.includes("b64")) {
    const remedy = `remove crit and b64${body.length === 0 ? "" : ", and sign the body as base64url"}`;
    return `crit requires b64, an unencoded payload, which is not supported: ${remedy}.`;
  }
  return `crit is ${quoted(crit)}, but extensions are not supported: remove crit from the header.`;
}

function kidFault(kid: unknown, known: DoctorKnowledge, { otherKid }: HeaderHints): string | undefined {
  const kids = known.credentials.map((credential) => credential.kid);
  if (typeof kid === "string" && kids.includes(kid)) return undefined;
  const remedy =
    otherKid === undefined
      ? choicesOf(kids, known.hidesKids === true)
      : `the signature matches the key ${quoted(otherKid)}, so set kid to ${quoted(otherKid)}`;
  if (kid === undefined) return `The header has no kid, so the signing key is unknown: ${remedy}.`;
  if (typeof kid !== "string") return `kid is ${quoted(kid)}, which is not a text: ${remedy}.`;
  const problem = `kid ${quoted(kid)} is not registered here`;
  if (otherKid !== undefined) return `${problem}: ${remedy}.`;
  if (known.hmacKeys.some((key) => key.kid === kid)) {
    return `kid ${quoted(kid)} names a shared secret, with which the provider signs: ${remedy}.`;
  }
  const normalised = kid.trim().toLowerCase();
  const similar = kids.find((other) => other.trim().toLowerCase() === normalised);
  return similar === undefined ? `${problem}: ${remedy}.` : `${problem}: write exactly ${quoted(similar)}.`;
}

function choicesOf(kids: readonly string[], hidesKids: boolean): string {
  if (hidesKids) return "use the kid that GET /_sandbox/credentials shows for your world";
  if (kids.length === 0) return "there is no credential yet, so register a public key first";
  const more = kids.length > kidsShownMax ? ` and ${kids.length - kidsShownMax} more` : "";
  const shown = kids.slice(0, kidsShownMax).map(quoted).join(", ");
  return `use ${kids.length === 1 ? "the registered kid" : "one of the registered kids"} ${shown}${more}`;
}

const becauseOfJwt = "because your JWT library put it into the payload";

function audFault(aud: unknown, request: SignedParts, isInPayload: boolean): string | undefined {
  const expected = requestAudience(request);
  if (aud === expected) return undefined;
  if (aud === undefined) {
    if (!isInPayload) return `The header has no aud: for this request set it to ${quoted(expected)}.`;
    const remedy = `set aud to ${quoted(expected)} in the protected header, and ${plainJws(request)}`;
    return `The header has no aud, ${becauseOfJwt}: ${remedy}.`;
  }
  const problem = `aud is ${quoted(aud)}, but this request needs ${quoted(expected)}`;
  if (Array.isArray(aud)) return `${problem}: write the text without the array around it.`;
  if (typeof aud !== "string") return `${problem}: write it as a text.`;
  return `${problem}: ${audCauses(aud, request).join(", and ")}.`;
}

/** The usual mistakes in `{METHOD} {path?query}`. */
function audCauses(aud: string, { method, target }: SignedParts): string[] {
  const pattern = /^([A-Za-z]+)(\s+|:\s*(?!\/\/))(.*)$/s;
  const [, givenMethod = "", separator = " ", rest = aud.trim()] = pattern.exec(aud.trim()) ?? [];
  const host = /^(?:[a-z][a-z\d+.-]*:\/\/[^/?]*|[^/?]*[.:][^/?]*)/i.exec(rest)?.[0] ?? "";
  const causes = [
    methodCause(givenMethod, method),
    separator === " " ? undefined : "put exactly one space between method and path",
    host === "" ? undefined : "remove scheme and host",
    targetCause(rest.slice(host.length), target),
  ].filter((cause) => cause !== undefined);
  return causes.length > 0 ? causes : ["remove the surrounding white space"];
}

function methodCause(given: string, method: string): string | undefined {
  if (given === method) return undefined;
  if (given === "") return "the method is missing";
  if (given.toUpperCase() === method) return "write the method in upper case";
  return `it has the method ${quoted(given)}, but the request is a ${method}`;
}

function targetCause(given: string, target: string): string | undefined {
  if (given === target) return undefined;
  const [path, query] = splitTarget(target);
  const [givenPath, givenQuery] = splitTarget(given);
  const sent = correctPath(target);
  if (`${givenPath}/` === path) return "the trailing slash is missing, but rather remove it from the request";
  if (sent?.path === givenPath) return `the path of the request is wrong, so correct that: ${sent.remedy}`;
  if (givenPath === path && givenQuery === "") return "the query string is missing";
  if (givenPath === path && query === "") return "it has a query string, but the request has none";
  if (percentDecoded(given) === percentDecoded(target)) {
    return "its percent-encoding differs, so use the path and query exactly as sent";
  }
  if (givenPath === path) return "it has another query string";
  if (given.toLowerCase() === target.toLowerCase()) return "upper and lower case differ in the path";
  if (givenPath === `${path}/`) return "it has a trailing slash, but the request has none";
  if (given !== "" && target.endsWith(given)) return `put ${quoted(target.slice(0, -given.length))} before its path`;
  return "it has another path";
}

/** Path, and query with its question mark. */
function splitTarget(target: string): [path: string, query: string] {
  const index = target.indexOf("?");
  return index < 0 ? [target, ""] : [target.slice(0, index), target.slice(index)];
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", "%20"));
  } catch {
    return text;
  }
}

function expFault(
  exp: unknown,
  request: SignedParts,
  { nowMs, worldTimesMs = [] }: DoctorKnowledge,
  isInPayload: boolean,
): string | undefined {
  const now = Math.floor(nowMs / 1000);
  const atMost = `at most ${requestExpirySecondsMax} s ahead`;
  if (exp === undefined) {
    if (isInPayload) {
      const remedy = `set exp in the protected header, in seconds, and ${plainJws(request)}`;
      return `The header has no exp, ${becauseOfJwt}: ${remedy}.`;
    }
    const remedy = `set it in the protected header, in seconds since 1970 and ${atMost} (now is ${now})`;
    return `The header has no exp: ${remedy}.`;
  }
  if (typeof exp !== "number" || !Number.isFinite(exp)) {
    const remedy =
      typeof exp === "string" && /^\d+$/.test(exp)
        ? "write it without quotation marks"
        : `write one such as ${now + 60}`;
    return `exp is ${quoted(exp)}, which is not a number of seconds since 1970: ${remedy}.`;
  }
  const aheadSeconds = exp - nowMs / 1000;
  if (isInWindow(aheadSeconds)) return undefined;
  const worldTimeMs = worldTimesMs.find((timeMs) => isInWindow(exp - timeMs / 1000));
  if (worldTimeMs !== undefined) return frozenFault(exp, aheadSeconds, worldTimeMs, now);
  const checkClock = `check your clock (the sandbox's is at ${now})`;
  if (exp >= 0 && exp <= 86_400) {
    const example = `such as ${now + 60} (in one minute)`;
    return `exp is ${exp}, which looks like a duration: set it to a point in time, ${example}.`;
  }
  if (aheadSeconds <= 0) {
    const ago = Math.ceil(-aheadSeconds);
    return `exp is ${ago} s in the past: sign each request just before you send it, and ${checkClock}.`;
  }
  if (Math.abs(exp / 1000 - now) < 366 * 86_400) {
    return `exp is ${exp}, which is in milliseconds: divide it by 1000 and round down, and keep it ${atMost}.`;
  }
  const ahead = Math.floor(aheadSeconds);
  const remedy = `use 60 s, and if you do already, ${checkClock}`;
  return `exp is ${ahead} s ahead, but may be ${atMost}: ${remedy}.`;
}

function isInWindow(aheadSeconds: number): boolean {
  return aheadSeconds > 0 && aheadSeconds <= requestExpirySecondsMax;
}

/** Explains an `exp` that was set by the clock of a world, as by a merchant under fake timers. */
function frozenFault(exp: number, aheadSeconds: number, worldTimeMs: number, now: number): string {
  const off = `${Math.ceil(Math.abs(aheadSeconds))} s ${aheadSeconds > 0 ? "ahead" : "in the past"}`;
  const worldTime = new Date(worldTimeMs).toISOString();
  return (
    `exp is ${exp}, ${off}: it fits the clock of the world (${worldTime}), but not real time (now is ${now}). ` +
    "Your clock is frozen or faked, and signatures always use real time: take exp from the real clock (with fake " +
    "timers, leave Date out of toFake), or run the sandbox in the process of the test."
  );
}
