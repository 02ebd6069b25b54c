import { menu, testingShelf } from "./goods.ts";

/** Shows what is chosen, without script. */
const chosen = [...menu, ...testingShelf]
  .map(({ id }) => `.catalogue:has([value="${id}"]:checked) [data-item="${id}"]`)
  .join(",\n");

/** The shop's one stylesheet. */
export const stylesheet = `
:root { color-scheme: light dark; --ink: #14181f; --quiet: #57606f; --ground: #f4f6f8; --card: #fff; --line: #dfe3e8;
  --accent: #0b7a6f; --on-accent: #fff; --tint: #e3f3f0; --bad: #b3261e; --bad-tint: #fce8e6; --wait: #7a4d00; --wait-tint: #fdf1d6;
  --china: #fff; --china-edge: #cfd6dd; --coffee: #6f4a33; --milk: #f3e6d6; --tea: #c98f5f; --bun: #d9963f; --crust: #f0c04a; --bag: #2f5d62; }
@media (prefers-color-scheme: dark) { :root { --ink: #eef1f5; --quiet: #a3adba; --ground: #11151a; --card: #1a2028; --line: #313944;
  --accent: #2bb8a8; --on-accent: #06201d; --tint: #12332f; --bad: #ff8a80; --bad-tint: #3a1c1a; --wait: #f5c565; --wait-tint: #37290c;
  --china: #e4e8ec; --china-edge: #aeb7c1; --coffee: #7d563d; --milk: #efdfcb; --tea: #bd8355; --bun: #c7862f; --crust: #e0af3d; --bag: #3c7379; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, "PingFang HK", "Noto Sans CJK TC", sans-serif; }
.stripe { margin: 0; padding: 6px 16px; text-align: center; font-size: 13px; font-weight: 700; color: #3d2c00;
  background: repeating-linear-gradient(-45deg, #f5b833 0 14px, #ffd36b 14px 28px); }
.bar, main, footer { width: 100%; max-width: 72rem; margin: 0 auto; padding: 0 24px; }
.bar { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0 16px; padding-block: 16px; }
.brand { display: flex; align-items: center; gap: 12px; min-height: 44px; font-weight: 700; color: inherit; text-decoration: none; }
.logo { width: 32px; height: 32px; } .logo rect { fill: var(--accent); } .logo path { stroke: var(--on-accent); stroke-width: 2; stroke-linecap: round; }
nav a { display: inline-flex; align-items: center; min-height: 44px; padding: 0 12px; }
a { color: var(--accent); }
main { flex: 1; }
footer { margin-top: 48px; padding-block: 8px 24px; color: var(--quiet); font-size: 14px; } footer p { margin: 4px 0; }
footer a { display: inline-block; min-height: 44px; padding: 10px 0; }
h1, h2, h3 { line-height: 1.25; } h1 { margin: 8px 0 20px; font-size: 28px; } h2 { margin: 0 0 12px; font-size: 18px; }
.quiet, h1.quiet, h2.quiet { color: var(--quiet); font-size: 14px; font-weight: 400; }
h1.quiet, h2.quiet { margin: 0 0 4px; font-size: 15px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 18px; box-shadow: 0 6px 24px rgb(0 0 0 / 6%); }
.amount { display: block; margin: 0; font-size: clamp(30px, 10vw, 40px); line-height: 1.2; font-weight: 700; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.price { font-weight: 700; font-variant-numeric: tabular-nums; } .name { font-weight: 700; }
code, .id, pre, .heading, .headers { font-family: ui-monospace, monospace; font-size: 13px; overflow-wrap: anywhere; }
button, .button { display: block; width: 100%; min-height: 44px; padding: 9px 16px; border: 1px solid var(--line); border-radius: 12px;
  background: var(--card); color: var(--ink); font: inherit; text-align: center; text-decoration: none; cursor: pointer; }
.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 700; }
button:hover, .button:hover { border-color: var(--accent); } .primary:hover { filter: brightness(1.08); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
summary { cursor: pointer; border-radius: 12px; }
.unseen { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.message, .list { max-width: 34rem; margin: 16px auto; padding: 24px; }

.catalogue { display: grid; grid-template-columns: minmax(0, 1fr) 22rem; gap: 24px; align-items: start; }
.menu { display: grid; grid-template-columns: 1fr 1fr; gap: 16px; }
.item { position: relative; display: grid; grid-template-columns: 1fr auto; gap: 0 12px; padding: 20px; cursor: pointer; }
.item input, .flow input, .test input { margin: 0; accent-color: var(--accent); width: 20px; height: 20px; }
.item input { position: absolute; inset-block-start: 16px; inset-inline-end: 16px; }
.item:has(:checked), .flow:has(:checked), .test:has(:checked) { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
.item:has(:focus-visible), .flow:has(:focus-visible), .test:has(:focus-visible) { outline: 3px solid var(--accent); outline-offset: 2px; }
.item input:focus-visible, .flow input:focus-visible, .test input:focus-visible { outline: 0; }
.picture { grid-column: 1 / -1; width: 128px; height: 124px; margin: 4px auto 16px; }
.words { grid-column: 1 / -1; }
.shelf { margin-top: 16px; box-shadow: none; } .shelf > summary { padding: 12px 20px; min-height: 48px; font-weight: 700; }
.shelf > summary .quiet { margin-inline-start: 6px; }
.tests { display: grid; grid-template-columns: 1fr 1fr; gap: 8px; padding: 4px 16px 16px; }
.test, .flow { display: grid; grid-template-columns: auto 1fr auto; gap: 0 12px; align-items: center; align-content: start; padding: 10px 14px; border: 1px solid var(--line);
  border-radius: 12px; cursor: pointer; }
.test .price { font-size: 14px; font-weight: 400; color: var(--quiet); }
.test .words, .flow .words { grid-column: 2 / -1; }
.checkout { position: sticky; top: 16px; padding: 24px; }
.chosen { display: none; margin: 0 0 16px; }
${chosen} { display: block; }
fieldset { min-width: 0; margin: 0 0 16px; padding: 0; border: 0; display: grid; gap: 8px; } legend { padding: 0; margin-bottom: 6px; font-weight: 700; }
.checkout > p:last-child { margin: 12px 0 0; }

.order { display: grid; grid-template-columns: 24rem minmax(0, 1fr); gap: 32px; align-items: start; padding-top: 8px; }
#order { padding: 24px; } #order > p { margin: 12px 0; } #order > .amount { margin: 0; }
.badge { display: inline-block; padding: 2px 12px; border-radius: 99px; font-weight: 700; font-size: 14px; }
.good { color: var(--accent); background: var(--tint); } .badge.bad { color: var(--bad); background: var(--bad-tint); } .wait { color: var(--wait); background: var(--wait-tint); }
.notice { padding: 10px 14px; border-radius: 12px; color: var(--bad); background: var(--bad-tint); }
dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 6px 16px; margin: 20px 0 0; } dt { color: var(--quiet); } dd { margin: 0; text-align: end; overflow-wrap: anywhere; }
.refunds { margin-top: 20px; padding-top: 20px; border-top: 1px solid var(--line); }
ul, ol { margin: 0; padding: 0; list-style: none; }
.refunds li { display: flex; justify-content: space-between; padding: 4px 0; font-variant-numeric: tabular-nums; }
.refunds form { display: grid; gap: 8px; margin-top: 8px; } .row { display: grid; grid-template-columns: minmax(4rem, 1fr) auto; gap: 8px; }
input[inputmode] { width: 100%; min-height: 44px; padding: 8px 12px; border: 1px solid var(--quiet); border-radius: 12px; background: var(--card); color: var(--ink); font: inherit; }
.exchange li { border-top: 1px solid var(--line); } .exchange li:last-child { border-bottom: 1px solid var(--line); }
.entry summary, div.entry { display: grid; grid-template-columns: 5.5rem minmax(0, 1fr); gap: 2px 12px; padding: 12px 28px 12px 4px; position: relative; list-style: none; }
.entry summary::-webkit-details-marker { display: none; }
.entry summary::after { content: ""; position: absolute; inset-inline-end: 8px; inset-block-start: 18px; width: 8px; height: 8px; border: solid var(--quiet);
  border-width: 0 2px 2px 0; transform: rotate(45deg); }
.entry[open] summary::after { transform: rotate(225deg); inset-block-start: 22px; }
.tag { padding-top: 2px; font-size: 12px; font-weight: 700; letter-spacing: 0.04em; text-transform: uppercase; color: var(--quiet); }
.heading { font-size: 14px; font-weight: 700; } .note { grid-column: 2; } .entry.bad .heading, .entry.bad .tag { color: var(--bad); }
.entry h3 { margin: 8px 0 4px; font-size: 14px; } details.entry > :not(summary) { margin-inline: 4px; }
.entry > pre:last-child, .entry > dl:last-child { margin-bottom: 16px; }
.headers { grid-template-columns: auto minmax(0, 1fr); gap: 2px 12px; margin-top: 0; } .headers dd { text-align: start; } .headers .quiet { font-size: 13px; }
pre { margin: 8px 0; padding: 12px 14px; background: var(--card); border: 1px solid var(--line); border-radius: 12px; line-height: 1.5; white-space: pre-wrap; }
.list ul { margin-bottom: 20px; } .list li { border-top: 1px solid var(--line); }
.list li a { display: grid; grid-template-columns: auto minmax(0, 1fr) auto; gap: 4px 12px; align-items: center; padding: 12px 4px; color: inherit; text-decoration: none; }
.list li a:hover .name { color: var(--accent); } .list .name { grid-column: 1 / 3; } .list .badge { grid-column: 2 / -1; } .list .badge, .list .price { justify-self: end; }

.shade { fill: var(--line); } .china { fill: var(--china); stroke: var(--china-edge); stroke-width: 2; } .rim { fill: var(--china); stroke: var(--china-edge); stroke-width: 2; }
.handle { fill: none; stroke: var(--china-edge); stroke-width: 5; } .coffee { fill: var(--coffee); } .milk { fill: var(--milk); }
.steam { fill: none; stroke: var(--quiet); stroke-width: 3; stroke-linecap: round; opacity: 0.5; }
.glass { fill: var(--china); stroke: var(--china-edge); stroke-width: 2; opacity: 0.85; } .tea { fill: var(--tea); } .ice { fill: #fff; opacity: 0.55; }
.straw { stroke: var(--accent); stroke-width: 5; stroke-linecap: round; } .bun { fill: var(--bun); } .crust { fill: var(--crust); }
.lines { stroke: var(--bun); stroke-width: 2; fill: none; opacity: 0.7; } .butter { stroke: var(--milk); stroke-width: 6; stroke-linecap: round; } .bag, .fold { fill: var(--bag); } .fold { opacity: 0.75; }
.label { fill: var(--milk); } .bean { fill: var(--coffee); } .crease { fill: none; stroke: var(--milk); stroke-width: 2; }

@media (max-width: 60rem) {
  .catalogue, .order { grid-template-columns: minmax(0, 1fr); } .checkout { position: static; } .order { gap: 28px; }
}
@media (max-width: 40rem) {
  .bar, main, footer { padding-inline: 16px; } .bar { padding-block: 8px; } h1 { font-size: 24px; margin-bottom: 16px; }
  .menu, .tests { grid-template-columns: minmax(0, 1fr); } .menu { gap: 10px; }
  .item { grid-template-columns: 64px minmax(0, 1fr); align-items: center; padding: 12px 48px 12px 12px; gap: 0 14px; }
  .item input { inset-block-start: calc(50% - 10px); } .picture { grid-column: 1; grid-row: 1 / 3; width: 64px; height: 62px; margin: 0; }
  .item .name { align-self: end; } .item .price { align-self: start; font-weight: 400; color: var(--quiet); } .item .words { display: none; }
  .test { grid-template-columns: auto minmax(0, 1fr); } .test .price { grid-column: 2; }
  .checkout, #order, .message, .list { padding: 18px; }
  .entry summary, div.entry { grid-template-columns: minmax(0, 1fr); } .note { grid-column: 1; }
  .headers { grid-template-columns: minmax(0, 1fr); } .headers dd { margin-bottom: 6px; }
}
@media (prefers-reduced-motion: no-preference) { .entry summary::after { transition: transform 0.15s; } }
`;
