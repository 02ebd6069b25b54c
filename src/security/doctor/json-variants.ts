type Members = Readonly<Record<string, unknown>>;

/** Deeper values are left alone: to serialise them would exhaust the stack. */
const depthMax = 100;

/** The object that a JSON text holds, unless it is nested very deeply. */
export function jsonObject(text: string): Members | undefined {
  const value = parsed(text);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Members) : undefined;
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isShallow(value, depthMax) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return levels > 0 && Object.values(value).every((member) => isShallow(member, levels - 1));
}

/** The JSON text as other serialisers write it, each with its description. */
export function* reserialised(text: string): Generator<readonly [form: string, what: string]> {
  const value = parsed(text);
  if (value === undefined) return;
  const forms = (of: unknown, order: string): readonly (readonly [string, string])[] => [
    [JSON.stringify(of), `the body as compact JSON${order}`],
    [spaced(of), `the body as JSON with ", " and ": " between${order}, as Python's json.dumps writes it`],
    [JSON.stringify(of, null, 2), `the body as JSON indented by 2 spaces${order}`],
    [JSON.stringify(of, null, 4), `the body as JSON indented by 4 spaces${order}`],
    [JSON.stringify(of, null, "\t"), `the body as JSON indented by tabs${order}`],
  ];
  const all: (readonly [string, string])[] = [
    ...forms(value, ""),
    [text.replace(/("(?:[^"\\]+|\\.)*")|\s+/g, "$1"), "the body as compact JSON"],
    ...forms(sorted(value), " with sorted keys"),
  ];
  const escapedForms = all.flatMap(([form, what]): (readonly [string, string])[] => [
    [escaped(form, nonAscii), `${what}, with non-ASCII characters escaped`],
    [form.replaceAll("/", "\\/"), `${what}, with slashes escaped as PHP does`],
    [escaped(form, nonAscii).replaceAll("/", "\\/"), `${what}, with slashes and non-ASCII escaped as PHP does`],
    [escaped(form, markup), `${what}, with <, > and & escaped as Go does`],
  ]);
  const seen = new Set([text]);
  for (const [form, what] of [...all, ...escapedForms]) {
    if (!seen.has(form)) yield [form, what];
    seen.add(form);
  }
}

/** The same object, the members of every object in the order of their names. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]));
}

function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, member]) => `${JSON.stringify(name)}: ${spaced(member)}`)
    .join(", ")}}`;
}

const nonAscii = /[\u007f-\uffff]/g;
const markup = /[<>&\u2028\u2029]/g;

function escaped(text: string, characters: RegExp): string {
  return text.replace(characters, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The body with JWT claims appended, or sorted among its members, as libraries of several languages write it. */
export function* withClaims(
  body: Members,
  now: number,
  headerExp: number | undefined,
  aud: string,
): Generator<Claimed> {
  const seen = new Set<string>();
  const fresh = (added: readonly string[], form: string): Claimed[] => {
    if (seen.has(form)) return [];
    seen.add(form);
    return [{ form, added }];
  };
  for (const claims of nearClaims(now, headerExp, aud)) {
    const added = Object.keys(claims);
    const whole = { ...body, ...claims };
    const appended = JSON.stringify(whole);
    yield* fresh(added, appended);
    yield* fresh(added, escaped(appended, nonAscii));
    yield* fresh(added, escaped(JSON.stringify(sorted(whole)), markup));
  }
  for (const claims of farClaims(now, headerExp)) {
    yield* fresh(Object.keys(claims), JSON.stringify({ ...body, ...claims }));
  }
}

/** A JSON text with the names of the members that a JWT library added. */
interface Claimed {
  readonly form: string;
  readonly added: readonly string[];
}

type JwtClaims = { readonly [name in "iat" | "exp" | "aud"]?: number | string };

/** How long JWTs live, in seconds. */
const lifetimes = [60, 120, 180, 300];
const longLifetimes = [600, 3600];

/** Signed just now, or when the header's `exp` tells, should the clocks differ: members in every order. */
function nearClaims(now: number, headerExp: number | undefined, aud: string): JwtClaims[] {
  const exps = headerExp === undefined ? [] : [headerExp];
  const instants = [
    ...[now, now - 1, now - 2].map((iat) => ({
      iat,
      exps: [...exps, ...[...lifetimes, ...longLifetimes].map((lifetime) => iat + lifetime)],
    })),
    ...exps.flatMap((exp) => lifetimes.map((lifetime) => ({ iat: exp - lifetime, exps }))),
  ];
  return [
    ...exps.map((exp) => ({ exp })),
    ...instants.map(({ iat }) => ({ iat })),
    { aud },
    ...instants.flatMap(({ iat, exps }) => pairs(iat, exps)),
    ...instants.flatMap(({ iat, exps }) => withAud(iat, exps, aud)),
  ];
}

/** Up to ten minutes old: both times while it is fresh, then one of them alone. */
function* farClaims(now: number, headerExp: number | undefined): Generator<JwtClaims> {
  const exps = headerExp === undefined ? [] : [headerExp];
  for (let age = -60; age <= 600; age++) {
    const iat = now - age;
    yield { iat };
    if (age >= -2 && age <= 20) yield* pairs(iat, [...exps, ...lifetimes.map((lifetime) => iat + lifetime)]);
  }
  for (let ahead = 0; ahead <= 600; ahead++) yield { exp: now + ahead };
}

function pairs(iat: number, exps: readonly number[]): JwtClaims[] {
  return exps.flatMap((exp) => [{ iat, exp }, { exp, iat }, { exp }]);
}

function withAud(iat: number, exps: readonly number[], aud: string): JwtClaims[] {
  const whole = exps.flatMap((exp) => [
    { iat, exp, aud },
    { iat, aud, exp },
    { aud, iat, exp },
    { aud, exp, iat },
    { exp, iat, aud },
    { exp, aud, iat },
    { exp, aud },
    { aud, exp },
  ]);
  return [{ iat, aud }, { aud, iat }, ...whole];
}
