import { asset, readText } from "../ui/assets.ts";

const scripts = () => [
  readText(new URL("../ui/gone.js", import.meta.url)),
  readText(new URL("./live.js", import.meta.url)),
];

/** Script of the payer's pages. */
export const script = asset("/assets/live.js", "text/javascript; charset=utf-8", () => scripts().join("\n"));
