import { readFileSync } from "node:fs";

/** Reads a text file. The build replaces calls in this form by the text of the file. */
function readText(url: URL): string {
  return readFileSync(url, "utf8");
}

/** The style sheet of the HTML report: the inspector's colours and types, and what is the report's own. */
export function stylesheet(): string {
  return [
    readText(new URL("../../http/inspector/styles/base.css", import.meta.url)),
    readText(new URL("./report.css", import.meta.url)),
    readText(new URL("./report-cases.css", import.meta.url)),
    readText(new URL("./report-print.css", import.meta.url)),
  ].join("\n");
}
