import { createRequire } from "node:module";

/** The part of the DOM that the tests use: the compiler knows no DOM. */
export interface ParsedElement {
  readonly textContent: string;
  getAttribute(name: string): string | null;
}
export interface ParsedDocument {
  readonly documentElement: ParsedElement;
  getElementById(id: string): ParsedElement | null;
  querySelector(selector: string): ParsedElement | null;
  querySelectorAll(selector: string): ArrayLike<ParsedElement> & Iterable<ParsedElement>;
}

// jsdom has no declarations.
const { JSDOM } = createRequire(import.meta.url)("jsdom") as {
  readonly JSDOM: new (
    source: string,
    options: { readonly contentType: string },
  ) => { readonly window: { readonly document: ParsedDocument } };
};

/** Parses a document. Throws for XML that is not well-formed. */
export function parseDocument(source: string, contentType: "text/html" | "application/xml"): ParsedDocument {
  return new JSDOM(source, { contentType }).window.document;
}
