import { html } from "hono/html";
import type { Html } from "../ui/html.ts";

/** The keys and what they do. `list.js` has the same keys. */
const keys: readonly (readonly [key: string, effect: string])[] = [
  ["/", "Go to the search"],
  ["j", "Open the next payment of the list"],
  ["k", "Open the previous payment"],
  ["?", "Open and close this list"],
];

/** The button of the dialog. */
export function keysButton(): Html {
  return html`<button type="button" class="square" popovertarget="keys" data-testid="keys-open"><span
      aria-hidden="true">?</span><span class="unseen">Keyboard shortcuts</span></button>`;
}

/** The list of the keys. Without scripts it opens too, and says that the keys need them. */
export function keysDialog(): Html {
  return html`<dialog id="keys" class="keys" popover aria-labelledby="keys-heading" data-testid="keys" data-keep>
      <h2 id="keys-heading">Keyboard shortcuts</h2>
      <dl>${keys.map(([key, effect]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${effect}</dd></div>`)}</dl>
      <p class="note without-script">The shortcuts need JavaScript.</p>
      <label class="with-script"><input type="checkbox" id="keys-switch" checked data-testid="keys-switch">
        Use these keys in this browser</label>
      <button type="button" popovertarget="keys" popovertargetaction="hide" autofocus
        data-testid="keys-close">Close</button>
    </dialog>`;
}
