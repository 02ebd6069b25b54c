import { createHash } from "node:crypto";
import { type DoctorCheck, quoted } from "./check.ts";
import { textOf } from "./text-encodings.ts";

/** Facts about a signature beside what is expected. */
export interface SignatureFacts {
  /** The members of the protected header; absent if it cannot be read. */
  readonly header?: readonly HeaderMember[];
  /** What the signature must cover, beside what it covers. Empty for a right signature. */
  readonly comparisons: readonly Comparison[];
}

/** Removes secrets from every text of the facts. @param clean removes them from one text. */
export function cleanFacts({ header, comparisons }: SignatureFacts, clean: (text: string) => string): SignatureFacts {
  const cleanMember = (member: HeaderMember): HeaderMember => ({
    ...member,
    name: clean(member.name),
    ...(member.given === undefined ? {} : { given: clean(member.given) }),
  });
  const cleanExcerpt = (excerpt: Excerpt): Excerpt => ({ ...excerpt, text: clean(excerpt.text) });
  return {
    ...(header === undefined ? {} : { header: header.map(cleanMember) }),
    comparisons: comparisons.map(({ expected, given, ...rest }) => ({
      ...rest,
      expected: cleanExcerpt(expected),
      ...(given === undefined ? {} : { given: cleanExcerpt(given) }),
    })),
  };
}

/** A member of the protected header, with what it must be. */
export interface HeaderMember {
  readonly name: string;
  /** `unknown`: an earlier fault prevents the check. `ignored`: nothing checks this member. */
  readonly verdict: DoctorCheck["verdict"] | "ignored";
  /** The value as JSON, at most 200 characters; absent if the header does not have the member. */
  readonly given?: string;
  /** What is expected: a value as JSON, or words. Absent for an ignored member. */
  readonly expected?: string;
}

/** What a check expects of a member. An `optional` one is listed only if the header has it. */
export interface ExpectedMember {
  readonly name: string;
  readonly expected: string;
  readonly verdict: DoctorCheck["verdict"];
  readonly optional?: true;
}

/** Maximum number of members that are listed. */
const membersMax = 20;
/** Maximum length of a name. */
const nameMax = 60;

/** The members of a header: first the expected ones, then those that nothing checks. */
export function headerMembers(
  header: Readonly<Record<string, unknown>>,
  expected: readonly ExpectedMember[],
): HeaderMember[] {
  const checked = expected
    .filter(({ name, optional }) => optional === undefined || Object.hasOwn(header, name))
    .map(({ name, expected, verdict }) => ({ name, expected, verdict, ...givenIn(header, name) }));
  const ignored = Object.keys(header)
    .filter((name) => !checked.some((member) => member.name === name))
    .map((name) => ({ name: name.slice(0, nameMax), verdict: "ignored" as const, ...givenIn(header, name) }));
  return [...checked, ...ignored].slice(0, membersMax);
}

function givenIn(header: Readonly<Record<string, unknown>>, name: string): Pick<HeaderMember, "given"> {
  return Object.hasOwn(header, name) ? { given: quoted(header[name]) } : {};
}

/** `aud`: method and path, or the URL. `signing_input`: the bytes that the signature covers. */
export type ComparedPart = "aud" | "body" | "signing_input";

/** A part of the signed content, as expected and as given. */
export interface Comparison {
  readonly part: ComparedPart;
  readonly expected: Excerpt;
  /** Absent if it is not known: a signature does not contain what was signed. */
  readonly given?: Excerpt;
  /** Offset of the first difference, in bytes. */
  readonly differsAt?: number;
}

/** Some bytes as text. */
export interface Excerpt {
  /** UTF-8. If one of the compared parts is not, every byte that is not printable ASCII is `\xNN`. */
  readonly text: string;
  /** Offsets of the text, in bytes. */
  readonly start: number;
  readonly end: number;
  /** Size of the whole, in bytes. */
  readonly size: number;
  /** SHA-256 of the whole, in hex. */
  readonly sha256: string;
}

/** Maximum size of an excerpt, in bytes. */
const excerptMax = 2048;
/** Bytes of an excerpt before the first difference. */
const contextMax = 512;

/** Compares two contents, in the part around their first difference. @param given `undefined` if it is not known. */
export function compare(part: ComparedPart, expected: string | Uint8Array, given?: string | Uint8Array): Comparison {
  const right = Buffer.from(expected);
  const other = given === undefined ? undefined : Buffer.from(given);
  const differsAt = other === undefined ? undefined : firstDifference(right, other);
  const start = startOf(right, Math.max(0, (differsAt ?? 0) - contextMax));
  const isText = [right, other].every((bytes) => bytes === undefined || textOf(bytes) !== undefined);
  return {
    part,
    expected: excerpt(right, start, isText),
    ...(other === undefined ? {} : { given: excerpt(other, start, isText) }),
    ...(differsAt === undefined ? {} : { differsAt }),
  };
}

function firstDifference(one: Uint8Array, other: Uint8Array): number | undefined {
  const longer = one.length > other.length ? one : other;
  const at = longer.findIndex((_, index) => one[index] !== other[index]);
  return at < 0 ? undefined : at;
}

function excerpt(bytes: Buffer, start: number, isText: boolean): Excerpt {
  const end = start + excerptMax < bytes.length ? startOf(bytes, start + excerptMax) : bytes.length;
  const part = bytes.subarray(start, end);
  return {
    text: isText ? part.toString("utf8") : escaped(part),
    start: Math.min(start, bytes.length),
    end,
    size: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}

/** The start of the UTF-8 character at an offset. */
function startOf(bytes: Uint8Array, offset: number): number {
  let start = offset;
  while (start > 0 && offset - start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1;
  return start;
}

function escaped(bytes: Buffer): string {
  return bytes
    .toString("latin1")
    .replace(/[^ -~]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
