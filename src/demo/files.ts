import { readFileSync } from "node:fs";
import { menu, testingShelf } from "./goods.ts";

/** Reads a text file. The build replaces calls in this form by the text of the file. */
function readText(url: URL): string {
  return readFileSync(url, "utf8");
}

/** Selectors that show the selected item without a script. */
const chosen = [...menu, ...testingShelf].map(
  ({ id }) => `.catalogue:has([value="${id}"]:checked) [data-item="${id}"]`,
);

/** The shop's style sheet. */
export function stylesheet(): string {
  return [
    readText(new URL("./styles/base.css", import.meta.url)),
    readText(new URL("./styles/catalogue.css", import.meta.url)),
    readText(new URL("./styles/order.css", import.meta.url)),
    readText(new URL("./styles/pictures.css", import.meta.url)),
    readText(new URL("./styles/layout.css", import.meta.url)),
    `${chosen.join(",\n")} { display: block; }`,
  ].join("\n");
}

/** The script of the shop's pages. */
export function script(): string {
  return [
    readText(new URL("../http/ui/gone.js", import.meta.url)),
    readText(new URL("./shop.js", import.meta.url)),
  ].join("\n");
}
