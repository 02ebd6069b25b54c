import { asset } from "../ui/assets.ts";
import { markFile } from "../ui/mark.ts";
import { sharedStyles } from "../ui/shared-styles.ts";
import { liveScript } from "./live-script.ts";
import { payerStyles } from "./styles.ts";

/** The one stylesheet of the pages. */
export const stylesheet = asset("/assets/sandbox.css", "text/css; charset=utf-8", sharedStyles + payerStyles);
/** The one script of the payer's pages. */
export const script = asset("/assets/live.js", "text/javascript; charset=utf-8", liveScript);
/** What stands in the tab of the browser. */
export const icon = asset("/assets/mark.svg", "image/svg+xml", markFile);
