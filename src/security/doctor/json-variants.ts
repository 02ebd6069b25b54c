type JsonObject = Readonly<Record<string, unknown>>;

/** Maximum depth: to serialise a deeper value would exhaust the stack. */
const depthMax = 100;

/** The object in a JSON text, unless it is nested too deeply. */
export function parseJsonObject(text: string): JsonObject | undefined {
  const value = parseJson(text);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** The value of a JSON text; `undefined` if it is none, or nested too deeply. */
export function parseJson(text: string): unknown {
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

/** A JSON text, and what distinguishes it from the body as it was sent. */
type Variant = readonly [text: string, description: string];

/** The JSON text as other serialisers write it. A variant of a large text takes time, so it is made when asked for. */
export function* reserialised(text: string): Generator<Variant> {
  if (parseJson(text) === undefined) return;
  const seen = new Set([text]);
  for (const variant of serialisations(text)) {
    if (!seen.has(variant[0])) yield variant;
    seen.add(variant[0]);
  }
}

function* serialisations(text: string): Generator<Variant> {
  const plain: Variant[] = [[text, "the body"]];
  for (const variant of plainSerialisations(text)) {
    plain.push(variant);
    yield variant;
  }
  for (const variant of plain) yield* withOtherNumbers(variant);
  for (const variant of plain) {
    const [json, description] = variant;
    if (!escapable.test(json)) continue;
    yield [withEscapes(json, nonAscii), `${description}, with non-ASCII characters escaped`];
    yield* asPhp(variant);
    yield [withEscapes(json, markup), `${description}, with <, > and & escaped as Go does`];
  }
}

function* plainSerialisations(text: string): Generator<Variant> {
  const value = parseJson(withMarkedNumbers(text));
  for (const order of ["", " with sorted keys"]) {
    const ordered = order === "" ? value : withSortedKeys(value);
    for (const { layout, name, note = "" } of layouts) {
      yield [withoutMarks(layout(ordered)), `the body as ${name}${order}${note}`];
    }
  }
  yield [text.replace(/("(?:[^"\\]+|\\.)*")|\s+/g, "$1"), "the body as compact JSON"];
  yield [text.replaceAll("\\/", "/"), "the body with slashes that are not escaped, as PHP with JSON_UNESCAPED_SLASHES"];
}

interface Layout {
  readonly layout: (value: unknown) => string;
  readonly name: string;
  readonly note?: string;
}

const layouts: readonly Layout[] = [
  { layout: (value) => JSON.stringify(value), name: "compact JSON" },
  { layout: withSpaces, name: 'JSON with spaces after "," and ":"', note: ", as Python's json.dumps writes it" },
  { layout: (value) => JSON.stringify(value, null, 2), name: "JSON indented by 2 spaces" },
  { layout: (value) => JSON.stringify(value, null, 4), name: "JSON indented by 4 spaces" },
  { layout: (value) => JSON.stringify(value, null, "\t"), name: "JSON indented by tabs" },
];

/** A JSON text as a JSON string literal: serialised twice. */
export function serialisedTwice(text: string): readonly Variant[] {
  const literal: Variant = [JSON.stringify(text), "the body as a JSON string literal (serialised twice)"];
  return [literal, ...asPhp(literal)];
}

/** A JSON text as PHP's json_encode writes it, and with JSON_UNESCAPED_UNICODE. */
function asPhp([text, description]: Variant): readonly Variant[] {
  return [
    [text.replaceAll("/", "\\/"), `${description}, with slashes escaped as PHP does`],
    [
      withEscapes(text, nonAscii).replaceAll("/", "\\/"),
      `${description}, with slashes and non-ASCII escaped as PHP does`,
    ],
  ];
}

/** Strings, which are left as they are, and numbers. */
const stringsAndNumbers = /("(?:[^"\\]+|\\.)*")|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** A JSON text whose numbers are strings that begin with U+0001: the parser would change 200.00 to 200. */
function withMarkedNumbers(text: string): string {
  return text.replace(stringsAndNumbers, (found, literal) => literal ?? `"\\u0001${found}"`);
}

function withoutMarks(text: string): string {
  return text.replace(/"\\u0001([\d.eE+-]+)"/g, "$1");
}

/** How serialisers write a number: JavaScript as 200, others as 200.0 or 200.00. */
const numberForms: readonly ((number: string) => string)[] = [
  (number) => JSON.stringify(Number(number)),
  (number) => (/^-?\d+$/.test(number) ? `${number}.0` : number),
  (number) => (/^-?\d+(\.\d)?$/.test(number) ? Number(number).toFixed(2) : number),
];

/** A JSON text with its numbers in other forms. */
function* withOtherNumbers([text, description]: Variant): Generator<Variant> {
  for (const form of numberForms) {
    let change: string | undefined;
    const variant = text.replace(stringsAndNumbers, (found, literal) => {
      if (literal !== undefined) return found;
      const number = form(found);
      if (number !== found) change ??= `${number} in place of ${found}`;
      return number;
    });
    if (change !== undefined) yield [variant, `${description}, with ${change}`];
  }
}

/** The same value with the members of every object sorted by name. */
function withSortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSortedKeys);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, withSortedKeys(member)]));
}

function withSpaces(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(withSpaces).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, member]) => `${JSON.stringify(name)}: ${withSpaces(member)}`)
    .join(", ")}}`;
}

const nonAscii = /[\u007f-\uffff]/g;
const markup = /[<>&\u2028\u2029]/g;
/** Characters that a serialiser may escape. */
const escapable = /[/<>&\u007f-\uffff]/;

function withEscapes(text: string, characters: RegExp): string {
  return text.replace(characters, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** A JSON text, with the names of the claims that a JWT library added. */
interface ClaimedBody {
  readonly text: string;
  readonly addedClaims: readonly string[];
}

/** The body with JWT claims appended, or sorted among its members, as libraries of several languages write it. */
export function* withClaims(
  body: JsonObject,
  nowSeconds: number,
  headerExp: number | undefined,
  aud: string,
): Generator<ClaimedBody> {
  const seen = new Set<string>();
  const ifNew = (addedClaims: readonly string[], text: string): ClaimedBody[] => {
    if (seen.has(text)) return [];
    seen.add(text);
    return [{ text, addedClaims }];
  };
  for (const claims of likelyClaims(nowSeconds, headerExp, aud)) {
    const names = Object.keys(claims);
    const claimed = { ...body, ...claims };
    const appended = JSON.stringify(claimed);
    yield* ifNew(names, appended);
    yield* ifNew(names, withEscapes(appended, nonAscii));
    yield* ifNew(names, withEscapes(JSON.stringify(withSortedKeys(claimed)), markup));
  }
  for (const claims of unlikelyClaims(nowSeconds, headerExp)) {
    yield* ifNew(Object.keys(claims), JSON.stringify({ ...body, ...claims }));
  }
}

type JwtClaims = { readonly [name in "iat" | "exp" | "aud"]?: number | string };

/** Usual lifetimes of a JWT, in seconds. */
const lifetimes = [60, 120, 180, 300];
const longLifetimes = [600, 3600];

/** Claims of a token signed now or, if the clocks differ, at the time that header's `exp` implies; in every order. */
function likelyClaims(now: number, headerExp: number | undefined, aud: string): JwtClaims[] {
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

/** Claims of a token up to ten minutes old: both times for the first 20 seconds, then only one of them. */
function* unlikelyClaims(now: number, headerExp: number | undefined): Generator<JwtClaims> {
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
