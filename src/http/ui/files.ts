import { asset, readText } from "./assets.ts";
import { markFile } from "./mark.ts";

const styles = () => [
  readText(new URL("./styles/shared.css", import.meta.url)),
  readText(new URL("./styles/payer-checkout.css", import.meta.url)),
  readText(new URL("./styles/payer-wallet.css", import.meta.url)),
  readText(new URL("./styles/payer-layout.css", import.meta.url)),
];

/** Style sheet of the payer's pages and of the API references. */
export const stylesheet = asset("/assets/sandbox.css", "text/css; charset=utf-8", () => styles().join("\n"));

/** Icon of the browser tab. */
export const icon = asset("/assets/mark.svg", "image/svg+xml", () => markFile);
