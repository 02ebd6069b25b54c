import { asset, readText } from "../ui/assets.ts";

const read = () => readText(new URL("./reference.css", import.meta.url));

const scripts = () => [
  readText(new URL("../ui/filter.js", import.meta.url)),
  readText(new URL("./reference.js", import.meta.url)),
];

/** Style sheet of the references, in addition to the shared one. */
export const stylesheet = asset("/assets/reference.css", "text/css; charset=utf-8", read);

/** Script of the references. */
export const script = asset("/assets/reference.js", "text/javascript; charset=utf-8", () => scripts().join("\n"));
