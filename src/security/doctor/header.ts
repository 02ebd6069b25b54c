import { requestAudience, requestExpirySecondsMax, type SignedParts } from "../request-signature.ts";
import { check, type DoctorCheck, type DoctorKnowledge, quoted, type Reading, unjudged } from "./lenient-parse.ts";

const kidsShownMax = 5;

/** What the signature's bytes tell about the header. */
export interface HeaderClues {
  /** What to say where the bytes are an HMAC. */
  readonly hmac: string | undefined;
  /** The kid whose key the signature fits, though the header does not name it. */
  readonly otherKid: string | undefined;
  /** Members that a JWT library put into the payload. */
  readonly added: readonly string[];
}

/** Judges the members `alg`, `kid`, `aud` and `exp`, [docs] and that there is no `crit`. [ours] */
export function judgeHeader(
  { header, claims }: Reading,
  parts: SignedParts,
  known: DoctorKnowledge,
  clues: HeaderClues,
): DoctorCheck[] {
  if (header === undefined) {
    return ["alg", "crit", "kid", "aud", "exp"].map((name) => unjudged(name, "the header could not be read"));
  }
  const { alg, crit, kid, aud, exp } = header;
  const strayed = (name: string) => clues.added.includes(name) || (claims !== undefined && Object.hasOwn(claims, name));
  const expected = requestAudience(parts);
  const ahead = typeof exp === "number" ? Math.floor(exp - known.nowMs / 1000) : 0;
  return [
    check("alg", algFault(alg, clues.hmac), 'alg is "ES256".'),
    check("crit", critFault(crit), "The header has no crit."),
    check("kid", kidFault(kid, known, clues), `kid ${quoted(kid)} is known.`),
    check("aud", audFault(aud, expected, parts, strayed("aud")), `aud is ${quoted(aud)}.`),
    check("exp", expFault(exp, known.nowMs, strayed("exp")), `exp is ${ahead} s ahead.`),
  ];
}

function algFault(alg: unknown, hmac: string | undefined): string | undefined {
  if (alg === "ES256") return undefined;
  if (alg === undefined) return 'The header has no alg: it must be "ES256".';
  const got = `alg is ${quoted(alg)}`;
  if (typeof alg !== "string") return `${got}: it must be "ES256".`;
  const name = alg.trim().toUpperCase();
  if (name === "ES256") return `${got}: write exactly "ES256", in upper case and without blanks.`;
  if (name === "NONE") return `${got}, which is no signature at all: sign with your private key, as "ES256".`;
  if (hmac !== undefined) return `${got}: ${hmac}`;
  if (name.startsWith("HS")) {
    return `${got}, an HMAC with a shared secret, which only the provider signs with: sign requests with your private key, as "ES256".`;
  }
  if (/^(RS|PS)\d/.test(name))
    return `${got}, a signature with an RSA key: it must be "ES256", with an EC key on P-256.`;
  if (/^ES\d/.test(name)) return `${got}, a signature on another curve: it must be "ES256", with a key on P-256.`;
  return `${got}: it must be "ES256", with an EC key on P-256.`;
}

function critFault(crit: unknown): string | undefined {
  if (crit === undefined) return undefined;
  if (Array.isArray(crit) && crit.includes("b64")) {
    return "crit names b64, the unencoded payload, which is not supported here: leave out crit and b64, and sign the body as base64url.";
  }
  return `crit is ${quoted(crit)}, but extensions are not supported here: leave crit out of the header.`;
}

function kidFault(kid: unknown, known: DoctorKnowledge, { otherKid }: HeaderClues): string | undefined {
  const kids = known.credentials.map((credential) => credential.kid);
  if (typeof kid === "string" && kids.includes(kid)) return undefined;
  const choices = choicesOf(kids);
  const owner = otherKid === undefined ? undefined : `the signature fits the key of ${quoted(otherKid)}, so write that`;
  if (kid === undefined) return `The header has no kid, which names the key that you sign with: ${owner ?? choices}.`;
  if (typeof kid !== "string") return `kid is ${quoted(kid)}, but must be text: ${owner ?? choices}.`;
  const got = `kid ${quoted(kid)} is unknown here`;
  if (owner !== undefined) return `${got}: ${owner}.`;
  if (known.hmacKeys.some((key) => key.kid === kid)) {
    return `${got} as a credential, for it names a shared secret, which verifies what the provider sends: ${choices}.`;
  }
  const plain = kid.trim().toLowerCase();
  const similar = kids.find((other) => other.trim().toLowerCase() === plain);
  return similar === undefined ? `${got}: ${choices}.` : `${got}: write it exactly as ${quoted(similar)}.`;
}

function choicesOf(kids: readonly string[]): string {
  if (kids.length === 0) return "no credential exists here, so create one first";
  const more = kids.length > kidsShownMax ? ` and ${kids.length - kidsShownMax} more` : "";
  const shown = kids.slice(0, kidsShownMax).map(quoted).join(", ");
  return `${kids.length === 1 ? "the one that exists is" : "those that exist are"} ${shown}${more}`;
}

function audFault(aud: unknown, expected: string, parts: SignedParts, strayed: boolean): string | undefined {
  if (aud === expected) return undefined;
  const must = `it must be ${quoted(expected)}`;
  if (aud === undefined) {
    return strayed
      ? `The header has no aud, because your JWT library put it into the payload: put ${quoted(expected)} into the protected header as aud, and sign the exact body with a plain JWS function (jose: FlattenedSign instead of SignJWT).`
      : `The header has no aud: for this request ${must}.`;
  }
  const got = `aud is ${quoted(aud)}, but for this request ${must}`;
  if (Array.isArray(aud)) return `${got}: it is an array, so write the text itself.`;
  if (typeof aud !== "string") return `${got}: it must be text.`;
  return `${got}: ${audCauses(aud, parts).join(", and ")}.`;
}

/** The usual ways to get `{METHOD} {path?query}` wrong. */
function audCauses(aud: string, { method, target }: SignedParts): string[] {
  const [, named = "", blank = " ", rest = aud.trim()] = /^([A-Za-z]+)(\s+|:\s*(?!\/\/))(.*)$/s.exec(aud.trim()) ?? [];
  const host = /^(?:[a-z][a-z\d+.-]*:\/\/[^/?]*|[^/?]*[.:][^/?]*)/i.exec(rest)?.[0] ?? "";
  const causes = [
    methodCause(named, method),
    blank === " " ? undefined : "put exactly one blank between method and path",
    host === "" ? undefined : "leave out scheme and host",
    targetCause(rest.slice(host.length), target),
  ].filter((cause) => cause !== undefined);
  return causes.length > 0 ? causes : ["take away the white space around it"];
}

function methodCause(named: string, method: string): string | undefined {
  if (named === method) return undefined;
  if (named === "") return "the method is left out";
  if (named.toUpperCase() === method) return "write the method in upper case";
  return `it names the method ${quoted(named)}, but the request is a ${method}`;
}

function targetCause(named: string, target: string): string | undefined {
  if (named === target) return undefined;
  const [path, query] = halves(target);
  const [namedPath, namedQuery] = halves(named);
  if (namedPath === path && namedQuery === "") return "the query string is left out";
  if (namedPath === path && query === "") return "it has a query string, which the request has not";
  if (decoded(named) === decoded(target)) {
    return "the path or query is percent-encoded differently, so take the bytes that are sent";
  }
  if (namedPath === path) return "it has another query string";
  if (named.toLowerCase() === target.toLowerCase()) return "upper and lower case differ in the path";
  if (namedPath === `${path}/`) return "it has a trailing slash, which the request has not";
  if (`${namedPath}/` === path) return "the trailing slash is left out";
  if (named !== "" && target.endsWith(named))
    return `the path lacks ${quoted(target.slice(0, -named.length))} in front`;
  return "it names another path";
}

/** Path, and query with its question mark. */
function halves(target: string): [string, string] {
  const at = target.indexOf("?");
  return at < 0 ? [target, ""] : [target.slice(0, at), target.slice(at)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", "%20"));
  } catch {
    return text;
  }
}

function expFault(exp: unknown, nowMs: number, strayed: boolean): string | undefined {
  const now = Math.floor(nowMs / 1000);
  if (exp === undefined) {
    return strayed
      ? "The header has no exp, because your JWT library put it into the payload: put exp into the protected header, in seconds, and sign the exact body with a plain JWS function (jose: FlattenedSign instead of SignJWT)."
      : `The header has no exp: put it into the protected header, in seconds since 1970, at most ${requestExpirySecondsMax} s ahead of now (${now}).`;
  }
  if (typeof exp !== "number" || !Number.isFinite(exp)) {
    const like =
      typeof exp === "string" && /^\d+$/.test(exp) ? "write it without quotation marks" : `such as ${now + 60}`;
    return `exp is ${quoted(exp)}, but must be a number of seconds since 1970: ${like}.`;
  }
  const ahead = exp - nowMs / 1000;
  if (ahead > 0 && ahead <= requestExpirySecondsMax) return undefined;
  const skew = `compare your clock with ours, where it is ${now}`;
  if (exp >= 0 && exp <= 86_400) {
    return `exp is ${exp}, which looks like a duration: it must be a point in time, such as ${now + 60}, a minute from now.`;
  }
  if (ahead <= 0) {
    return `exp is ${Math.ceil(-ahead)} s in the past: sign each request just before you send it, and ${skew}.`;
  }
  if (Math.abs(exp / 1000 - now) < 366 * 86_400) {
    return `exp is ${exp}, which is in milliseconds: it must be in seconds, at most ${requestExpirySecondsMax} s ahead, so divide by 1000 and round down.`;
  }
  return `exp is ${Math.floor(ahead)} s ahead, but at most ${requestExpirySecondsMax} s are allowed: shorten it to 60 s, and if you did ask for less, ${skew}.`;
}
