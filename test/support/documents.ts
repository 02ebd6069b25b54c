import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** A fenced block of a document. */
export interface Block {
  /** The line of its fence. */
  readonly line: number;
  /** The word after the fence; empty for plain text. */
  readonly language: string;
  readonly content: string;
  /** Whether no heading is between this block and the block before it. */
  readonly continues: boolean;
}

/** Returns the text of a file. @param path relative to the root. */
export function readDocument(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** Returns the Markdown files of a folder, relative to the root. */
export function documentsIn(folder: string): string[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name));
}

/** The documents whose blocks run. */
export const documents = ["README.md", ...documentsIn("docs"), ...documentsIn("docs/how-to")];

/** Returns the fenced blocks of a Markdown text. */
export function blocksOf(markdown: string): Block[] {
  let end = 0;
  return [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map((match) => {
    const [text, language = "", content = ""] = match;
    const between = markdown.slice(end, match.index);
    end = match.index + text.length;
    const line = markdown.slice(0, match.index).split("\n").length;
    return { line, language, content, continues: !/^#/m.test(between) };
  });
}
