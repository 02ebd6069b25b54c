import { asset, readText } from "../ui/assets.ts";

const styles = () => [
  readText(new URL("./styles/base.css", import.meta.url)),
  readText(new URL("./styles/elements.css", import.meta.url)),
  readText(new URL("./styles/header.css", import.meta.url)),
  readText(new URL("./styles/connect.css", import.meta.url)),
  readText(new URL("./styles/controls.css", import.meta.url)),
  readText(new URL("./styles/queue.css", import.meta.url)),
  readText(new URL("./styles/list.css", import.meta.url)),
  readText(new URL("./styles/payment.css", import.meta.url)),
  readText(new URL("./styles/doctor.css", import.meta.url)),
  readText(new URL("./styles/webhooks.css", import.meta.url)),
  readText(new URL("./styles/rules.css", import.meta.url)),
  readText(new URL("./styles/layout.css", import.meta.url)),
  readText(new URL("./styles/forced-colors.css", import.meta.url)),
  readText(new URL("./styles/print.css", import.meta.url)),
  readText(new URL("./styles/notice.css", import.meta.url)),
];

const scripts = () => [
  readText(new URL("../../../node_modules/idiomorph/dist/idiomorph.min.js", import.meta.url)),
  readText(new URL("../ui/filter.js", import.meta.url)),
  readText(new URL("../ui/gone.js", import.meta.url)),
  readText(new URL("./inspector.js", import.meta.url)),
  readText(new URL("./list.js", import.meta.url)),
];

/** Style sheet of the inspector. */
export const stylesheet = asset("/assets/inspector.css", "text/css; charset=utf-8", () => styles().join("\n"));

/** Script of the inspector. */
export const script = asset("/assets/inspector.js", "text/javascript; charset=utf-8", () => scripts().join("\n"));
