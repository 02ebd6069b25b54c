import { html, raw } from "hono/html";
import type { Html } from "../ui/html.ts";

/** Width of the white border that readers need, in modules. */
const quietZone = 4;

/** Draws a text as a QR code: one path with a rectangle for each horizontal run of dark modules. */
export async function drawQrCode(text: string): Promise<Html> {
  // Loaded on first use, for a faster start.
  const { encode } = await import("uqr");
  const { data, size } = encode(text, { ecc: "M", border: quietZone });
  const runs = data.flatMap((row, y) => {
    const modules = row.map((dark) => (dark ? "#" : " ")).join("");
    return [...modules.matchAll(/#+/g)].map(({ index, 0: { length } }) => `M${index} ${y}h${length}v1h-${length}z`);
  });
  const path = raw(`<path d="${runs.join("")}"/>`);
  return html`<svg viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges" aria-hidden="true">${path}</svg>`;
}
