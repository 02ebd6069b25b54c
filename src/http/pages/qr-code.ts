import { html, raw } from "hono/html";
import type { Html } from "../ui/layout.ts";

/** Modules of white that a reader wants around the code. */
const quietZone = 4;

/** Draws a text as a QR code: one path, with a rectangle for each run of dark modules in a row. */
export async function drawQrCode(text: string): Promise<Html> {
  // Loaded when the first code is drawn: the program starts sooner without it.
  const { encode } = await import("uqr");
  const { data, size } = encode(text, { ecc: "M", border: quietZone });
  const runs = data.flatMap((row, y) => {
    const line = row.map((dark) => (dark ? "#" : " ")).join("");
    return [...line.matchAll(/#+/g)].map(({ index, 0: { length } }) => `M${index} ${y}h${length}v1h-${length}z`);
  });
  return html`<svg viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges" aria-hidden="true"><path d="${raw(runs.join(""))}"/></svg>`;
}
