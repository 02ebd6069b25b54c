import { asset, readText } from "../ui/assets.ts";

const read = () => readText(new URL("./reference.css", import.meta.url));

/** Style sheet of the API reference, in addition to the shared one. */
export const stylesheet = asset("/assets/reference.css", "text/css; charset=utf-8", read);
