import { formatNumber } from "./format.ts";
import type { Result, Row } from "./result.ts";

/** Figures that the chart shows, in its order. */
const shown = ["creates", "reads", "signed", "captured", "start", "memory-filled"];

const width = 860;
const left = 320;
const barMax = 390;
const rowHeight = 24;
const headingHeight = 52;

/** Light by default. The card has a background of its own, so that it can be read on any page. */
const stylesheet = `
  .card { fill: #ffffff; stroke: #d0d7de; }
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
  .heading { font-size: 15px; font-weight: 600; }
  .quiet { fill: #59636e; }
  .floor { fill: #b6bec8; }
  .peer { fill: #8794a5; }
  .sandbox { fill: #0969da; }
  .spread { stroke: #1f2328; stroke-width: 1.5; }
  @media (prefers-color-scheme: dark) {
    .card { fill: #0d1117; stroke: #3d444d; }
    text { fill: #f0f6fc; }
    .quiet { fill: #9198a1; }
    .floor { fill: #4a535e; }
    .peer { fill: #6b7888; }
    .sandbox { fill: #4493f8; }
    .spread { stroke: #f0f6fc; }
  }`;

/** A bar chart of the most important figures, as an SVG document. */
export function chartOf(results: readonly Result[]): string {
  const charted = shown.flatMap((name) => results.filter((result) => result.name === name));
  let top = 12;
  const groups = charted.map((result) => {
    const group = groupOf(result, top);
    top += headingHeight + result.rows.length * rowHeight;
    return group;
  });
  const height = top + 20;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"
  role="img" aria-labelledby="title">
<title id="title">Benchmarks: this sandbox beside floors and peers. docs/benchmarks.md has the figures.</title>
<style>${stylesheet}
</style>
<rect class="card" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
${groups.join("\n")}
</svg>
`;
}

function groupOf({ title, unit, better, rows }: Result, top: number): string {
  const greatest = Math.max(...rows.map(({ value }) => (value === "cannot" ? 0 : value.max)));
  const remark = `${unit}, ${better === "higher" ? "more" : "less"} is better`;
  const texts = [`<tspan class="heading">${escaped(title)}</tspan>`, `<tspan class="quiet" dx="10">${remark}</tspan>`];
  const heading = `<text x="24" y="${top + 32}">${texts.join("")}</text>`;
  const bars = rows.map((row, index) => barOf(row, top + headingHeight - 8 + index * rowHeight, greatest));
  return [heading, ...bars].join("\n");
}

function barOf({ name, title, value }: Row, top: number, greatest: number): string {
  const baseline = top + 16;
  const label = `<text x="${left - 12}" y="${baseline}" text-anchor="end">${escaped(title)}</text>`;
  if (value === "cannot") return `${label}<text class="quiet" x="${left}" y="${baseline}">cannot</text>`;
  const length = (amount: number) => Math.round((amount / greatest) * barMax * 10) / 10;
  const [bar, least, most] = [length(value.median), left + length(value.min), left + length(value.max)];
  const middle = top + 11;
  const spread = value.min === value.max ? "" : `<path class="spread" d="M${least} ${middle}H${most}"/>`;
  const number = `<text x="${most + 8}" y="${baseline}">${formatNumber(value.median)}</text>`;
  const shape = `x="${left}" y="${top + 3}" width="${bar}" height="16" rx="2"`;
  return `${label}<rect class="${classOf(name)}" ${shape}/>${spread}${number}`;
}

function classOf(name: string): "floor" | "sandbox" | "peer" {
  if (name.startsWith("sandbox")) return "sandbox";
  return name === "node" || name.startsWith("hono") ? "floor" : "peer";
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
