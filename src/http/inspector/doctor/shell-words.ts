import { excerpt, type Reading, read, unreadable } from "./reading.ts";

/** A word of a shell command. */
export interface ShellWord {
  readonly text: string;
  /** The first part that only the shell can compute: `$(…)`, a variable or backquotes. */
  readonly computed?: string;
}

/** Whether a text is a curl command. */
export function isCurl(text: string): boolean {
  return /^\s*(?:\$\s+)?curl(?:\.exe)?\s/.test(text);
}

const escapes: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
  e: "\x1b",
};
const inDoubleQuotes = /["\\$`]/;

/** Splits a command of a POSIX shell into words, up to the end of the command. Line breaks are LF. */
export function shellWords(command: string): Reading<ShellWord[]> {
  const text = command.trim().replace(/^\$\s+/, "");
  if (/\^["^\n]/.test(text)) return unreadable("This command is for cmd.exe: copy it as cURL (bash).");
  const words: ShellWord[] = [];
  let word: { text: string; computed?: string } | undefined;
  const add = (part: string) => {
    word = { ...word, text: (word?.text ?? "") + part };
  };
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const part = partAt(rest);
    if (part === undefined) return unreadable(`The quotation mark before ${excerpt(rest.slice(1))} has no end.`);
    at += part.length;
    if (part.ends === "command") break;
    if (part.ends === "word") {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    add(part.text);
    if (part.computed !== undefined && word !== undefined && word.computed === undefined) word.computed = part.computed;
  }
  if (word !== undefined) words.push(word);
  return read(words);
}

interface Part {
  /** Characters of the command. */
  readonly length: number;
  readonly text: string;
  readonly computed?: string;
  readonly ends?: "word" | "command";
}

/** The part at the start of a text; `undefined` if it has no end. */
function partAt(rest: string): Part | undefined {
  const [blank] = /^(?:[ \t]|\\\n)+/.exec(rest) ?? [];
  if (blank !== undefined) return { length: blank.length, text: "", ends: "word" };
  if (/^(?:\n|[|;<>]|&(?!&)|&&)/.test(rest)) return { length: rest.length, text: "", ends: "command" };
  if (rest.startsWith("'")) return quotedPart(rest, 1, /^([^']*)'/s, (inner) => inner);
  if (rest.startsWith("$'")) return quotedPart(rest, 2, /^((?:[^'\\]|\\.)*)'/s, unescaped);
  if (rest.startsWith('"')) return doubleQuoted(rest);
  if (rest.startsWith("\\")) return { length: 2, text: rest.charAt(1) };
  const computed = computedAt(rest);
  if (computed !== undefined) return { length: computed.length, text: computed, computed };
  const [plain = rest.charAt(0)] = /^[^\s'"\\$`|;&<>]+/.exec(rest) ?? [];
  return { length: plain.length, text: plain };
}

function quotedPart(rest: string, start: number, end: RegExp, decode: (inner: string) => string): Part | undefined {
  const found = end.exec(rest.slice(start));
  return found === null ? undefined : { length: start + found[0].length, text: decode(found[1] ?? "") };
}

/** The text of `$'…'`. */
function unescaped(inner: string): string {
  return inner.replace(/(?:\\x[\da-fA-F]{1,2})+|\\(u[\da-fA-F]{1,4}|.)/gs, (found, character?: string) => {
    if (character === undefined) return utf8Of(found.split("\\x").slice(1));
    if (/^u[\da-f]/i.test(character)) return String.fromCharCode(Number.parseInt(character.slice(1), 16));
    return escapes[character] ?? character;
  });
}

function utf8Of(hex: readonly string[]): string {
  return new TextDecoder().decode(Uint8Array.from(hex, (byte) => Number.parseInt(byte, 16)));
}

function doubleQuoted(rest: string): Part | undefined {
  let text = "";
  let computed: string | undefined;
  let at = 1;
  while (at < rest.length) {
    const character = rest.charAt(at);
    if (character === '"') return { length: at + 1, text, ...(computed === undefined ? {} : { computed }) };
    const found = computedAt(rest.slice(at));
    if (found !== undefined) {
      computed ??= found;
      text += found;
      at += found.length;
    } else if (character === "\\" && (inDoubleQuotes.test(rest.charAt(at + 1)) || rest.charAt(at + 1) === "\n")) {
      if (rest.charAt(at + 1) !== "\n") text += rest.charAt(at + 1);
      at += 2;
    } else {
      text += character;
      at += 1;
    }
  }
  return undefined;
}

/** What the shell computes at the start of a text. */
function computedAt(rest: string): string | undefined {
  const [simple] = /^(?:`[^`]*`|\$\{[^}]*\}|\$[A-Za-z_]\w*)/.exec(rest) ?? [];
  if (simple !== undefined || !rest.startsWith("$(")) return simple;
  let depth = 0;
  for (let at = 1; at < rest.length; at += 1) {
    if (rest[at] === "(") depth += 1;
    if (rest[at] === ")") depth -= 1;
    if (depth === 0) return rest.slice(0, at + 1);
  }
  return rest;
}
