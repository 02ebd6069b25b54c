/** What the inspector looks like: controls, list and payment side by side; on a phone each is a page of its own. */
export const inspectorStyles = `
:root { color-scheme: light dark; --ink: #14181f; --quiet: #57606f; --ground: #f4f6f8; --card: #fff; --line: #dfe3e8; --edge: #868f9c;
  --accent: #0b7a6f; --soft: #e4f4f1; --on-accent: #fff; --good: #17692f; --soft-good: #dff3e4; --warn: #744c00; --soft-warn: #fdf0cd;
  --line-warn: #f1d48a; --bad: #b3261e; --soft-bad: #fbe6e4; --line-bad: #efb9b4;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "PingFang HK", "Microsoft JhengHei", "Noto Sans CJK HK", "Noto Sans HK", sans-serif;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
@media (prefers-color-scheme: dark) { :root { --ink: #eef1f5; --quiet: #a3adba; --ground: #0e1216; --card: #151a21; --line: #2a323c; --edge: #6b7683;
  --accent: #2bb8a8; --soft: #12312e; --on-accent: #06201d; --good: #7ddb96; --soft-good: #15321f; --warn: #f3cd74; --soft-warn: #34290f;
  --line-warn: #5f4b1b; --bad: #ff9a91; --soft-bad: #3a1d1c; --line-bad: #6b3330; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--card); color: var(--ink); font: 16px/1.5 var(--sans); }
h1, h2, h3, h4, p, dl, dd, ol, ul, pre, form { margin: 0; padding: 0; } ol, ul { list-style: none; }
a { color: var(--accent); text-underline-offset: 3px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 6px; } [tabindex="-1"]:focus { outline: 0; }
.unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; inset-inline-start: 12px; top: -60px; z-index: 2; padding: 10px 16px; border-radius: 10px; background: var(--accent); color: var(--on-accent); font-weight: 700; } .skip:focus { top: 6px; }
.inspector > header { flex: none; } .stripe { padding: 5px 16px; text-align: center; font-size: 13px; font-weight: 700; color: #3d2c00; background: repeating-linear-gradient(-45deg, #f5b833 0 14px, #ffd36b 14px 28px); }
.quiet { color: var(--quiet); font-weight: 400; } .note, .empty { color: var(--quiet); font-size: 14px; overflow-wrap: anywhere; }
.id, code, pre { font: 13px/1.55 var(--mono); overflow-wrap: anywhere; }
.foreign { overflow-wrap: anywhere; unicode-bidi: isolate; }
pre { padding: 10px 12px; border: 1px solid var(--line); border-radius: 12px; background: var(--ground); white-space: pre-wrap; unicode-bidi: plaintext; max-height: 26rem; overflow: auto; }
.mark { flex: none; width: 28px; height: 28px; fill: var(--accent); } .mark path { fill: none; stroke: var(--on-accent); stroke-width: 2.4; stroke-linecap: round; }
.brand { display: flex; align-items: center; gap: 10px; min-height: 44px; color: inherit; font-size: 16px; font-weight: 700; line-height: 1.25; text-decoration: none; }

button, .button, select, input { min-height: 44px; min-width: 0; max-width: 100%; padding: 6px 14px; border: 1px solid var(--edge); border-radius: 11px; background: var(--card); color: var(--ink); font: inherit; font-size: 15px; }
button, .button { border-color: var(--line); cursor: pointer; text-align: center; text-decoration: none; } .button { display: inline-grid; align-content: center; }
button:hover, .button:hover { border-color: var(--edge); background: var(--ground); }
select { cursor: pointer; text-overflow: ellipsis; } input::placeholder { color: var(--quiet); opacity: 1; }
.primary { border-color: var(--accent); background: var(--accent); color: var(--on-accent); font-weight: 600; } .primary:hover { border-color: var(--ink); background: var(--accent); }
button.danger { border-color: var(--bad); color: var(--bad); font-weight: 600; }
.copy { display: none; } .js .copy { display: inline-block; } .js .copy.small { display: inline-grid; place-items: center; flex: none; width: 44px; padding: 0; border-color: transparent; background: none; color: var(--quiet); }
.copy svg { width: 20px; height: 20px; fill: none; stroke: currentColor; stroke-width: 1.7; } .copy.small:hover { color: var(--accent); }
.copy[data-copied] { color: var(--accent); } .copy.small[data-copied] { border-color: var(--accent); } .copy:not(.small)[data-copied]::after { content: " ✓"; }
.buttons { display: flex; flex-wrap: wrap; gap: 8px; } .stack { display: grid; gap: 8px; padding-top: 6px; } .stack label, .pair label { font-size: 14px; color: var(--quiet); }
.line { display: flex; gap: 8px; } .line > :is(select, input) { flex: 1 1 0; width: 0; } .stack > :is(input, select) { width: 100%; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 13rem), 1fr)); gap: 8px 12px; align-items: end; } .pair > div { display: grid; gap: 4px; }
.pill { display: inline-block; padding: 2px 10px; border-radius: 999px; font-size: 13px; font-weight: 600; line-height: 1.5; white-space: nowrap; }
.pill.good { background: var(--soft-good); color: var(--good); } .pill.warn { background: var(--soft-warn); color: var(--warn); }
.pill.bad { background: var(--soft-bad); color: var(--bad); } .pill.given { background: var(--soft); color: var(--accent); }
.badges { display: flex; flex-wrap: wrap; gap: 8px; } .badge { display: inline-flex; align-items: center; min-height: 44px; padding: 0 11px; border: 1px solid; border-radius: 11px; font-size: 14px; font-weight: 600; text-decoration: none; }
.badge.warn { border-color: var(--line-warn); background: var(--soft-warn); color: var(--warn); } .badge.bad { border-color: var(--line-bad); background: var(--soft-bad); color: var(--bad); } .badge:hover { text-decoration: underline; }
summary { display: flex; align-items: center; min-height: 44px; cursor: pointer; font-weight: 600; font-size: 15px; list-style: none; border-radius: 8px; } summary::-webkit-details-marker { display: none; }
summary::before { content: ""; flex: none; width: 7px; height: 7px; margin: 0 11px 0 3px; border: solid var(--quiet); border-width: 0 2px 2px 0; transform: rotate(-45deg); } details[open] > summary::before { transform: rotate(45deg); }

.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 0 20px; padding: 4px 18px; border-bottom: 1px solid var(--line); }
.bar nav { display: flex; gap: 4px; } .bar nav a { display: grid; place-items: center; min-height: 44px; padding: 0 12px; border-radius: 10px; color: var(--quiet); font-weight: 600; text-decoration: none; }
.bar nav a:hover { color: var(--ink); } .bar nav a[aria-current] { color: var(--accent); box-shadow: inset 0 -2px var(--accent); border-radius: 0; }
.bar .base { color: var(--quiet); } .bar-clock { font-variant-numeric: tabular-nums; font-size: 14px; } .connection { margin-inline-start: auto; font-size: 14px; }
.controls { background: var(--ground); } .controls > * { padding: 9px 18px 11px; border-bottom: 1px solid var(--line); display: grid; gap: 8px; } .controls > :last-child { border: 0; }
.controls h2 { font-size: 14px; font-weight: 400; color: var(--quiet); } .controls .note, .controls label { font-size: 14px; color: var(--quiet); } .controls p { min-width: 0; overflow-wrap: anywhere; } .world { font-weight: 600; } .world .id { display: block; }
.clock { font-size: 17px; font-weight: 700; font-variant-numeric: tabular-nums; } .clock time { margin-inline-end: 2px; } .clock .quiet { font-size: 13px; }
.controls h2 .pill { float: inline-end; } .controls .buttons { gap: 6px; } .controls .buttons button { padding-inline: 9px; } .controls .clock { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 6px; }
.queue li { font-size: 14px; font-weight: 600; overflow-wrap: anywhere; }
.environment { display: grid; gap: 2px; } .environment > div { display: grid; } .environment dt { font: 11.5px/1.3 var(--mono); color: var(--quiet); overflow-wrap: anywhere; }
.environment dd { display: flex; align-items: center; gap: 4px; min-height: 28px; min-width: 0; } .environment code { flex: 1; min-width: 0; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
.environment dd .copy.small { margin-block: -8px; }
.controls pre { background: var(--card); max-height: 14rem; } .controls details.danger summary { color: var(--bad); } .controls .links { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; } .links a { display: inline-grid; align-content: center; min-height: 44px; }

.search { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 8px; padding: 14px; border-bottom: 1px solid var(--line); } .search input { grid-column: 1 / -1; width: 100%; }
.rows a { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 3px 12px; align-items: center; padding: 11px 16px; border-bottom: 1px solid var(--line); border-inline-start: 3px solid transparent; color: inherit; text-decoration: none; }
.rows a > :nth-child(even) { justify-self: end; text-align: end; } .rows a:hover { background: var(--ground); } .rows a:focus-visible { outline-offset: -3px; }
.rows a[aria-current] { border-inline-start-color: var(--accent); background: var(--soft); }
.rows a[aria-current] .pill.given { background: var(--card); } .rows .amount { font-size: 17px; font-weight: 700; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; } .rows .reference { overflow: hidden; font: 13px/1.5 var(--mono); color: var(--quiet); white-space: nowrap; text-overflow: ellipsis; } .rows .reference .foreign { overflow-wrap: normal; }
.rows [data-testid=row-note] { font-size: 14px; } [data-testid=row-note] > span + span::before { content: " · "; } .rows .wrong { color: var(--bad); } [data-until] { font-variant-numeric: tabular-nums; }
.paging { display: flex; gap: 8px; padding: 10px 16px 20px; } .paging a { display: inline-grid; align-content: center; min-height: 44px; padding: 0 14px; border: 1px solid var(--line); border-radius: 11px; text-decoration: none; color: var(--ink); } .paging:not(:has(a)) { display: none; } .list .empty { padding: 28px 18px; text-align: center; }

.subject { min-width: 0; padding: 20px 30px 48px; } .subject h2 { font-size: 22px; line-height: 1.3; } .subject h3 { font-size: 16px; } .subject h4 { margin: 10px 0 4px; font-size: 13px; font-weight: 600; color: var(--quiet); }
.subject > article { display: grid; gap: 16px; max-width: 56rem; grid-template-columns: minmax(0, 1fr); } .back { display: none; justify-self: start; align-content: center; min-height: 44px; }
.payment > header { display: flex; flex-wrap: wrap; align-items: end; justify-content: space-between; gap: 10px 20px; } .payment > header > div { min-width: 0; } .payment > header .id { display: flex; align-items: center; min-height: 32px; color: var(--quiet); } .payment > header .copy { margin-block: -8px; }
.payment > header h2 { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 14px; } .payment .amount { font-size: clamp(28px, 8vw, 36px); line-height: 1.15; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.why { display: grid; gap: 10px; padding: 13px 16px; border: 1px solid var(--line); border-radius: 14px; background: var(--ground); overflow-wrap: anywhere; } .why + .why { margin-top: 10px; } .subject > .why { max-width: 56rem; margin-bottom: 16px; } .controls > .why { margin: 12px; padding: 12px 14px; border: 1px solid var(--line-bad); }
.why.waiting { border-color: var(--line-warn); background: var(--soft-warn); color: var(--warn); } .why.wrong { border-color: var(--line-bad); background: var(--soft-bad); color: var(--bad); }
.why button:not(.primary) { border-color: var(--edge); } .why .line { flex: 1 1 20rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 14.5rem), 1fr)); gap: 3px 24px; font-size: 15px; } .facts > div { display: flex; align-items: baseline; gap: 10px; min-width: 0; } .facts dt { flex: none; font-size: 14px; color: var(--quiet); } .facts dd { min-width: 0; overflow-wrap: anywhere; } .facts > div:nth-child(-n+2) { grid-column: 1 / -1; }
.powers { display: flex; flex-wrap: wrap; gap: 8px; } .powers:not(:has(*)) { display: none; } .panel { border: 1px solid var(--line); border-radius: 11px; } .panel summary { padding-inline: 12px 16px; } .panel[open] { flex: 1 1 100%; padding: 0 14px 14px; } .panel[open] > summary { margin-inline: -14px; } .things li { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 6px 12px; min-height: 48px; overflow-wrap: anywhere; } .things li > span { min-width: 0; }
.timeline { margin-top: 6px; } .timeline > li { display: grid; grid-template-columns: 104px 76px minmax(0, 1fr); gap: 0 14px; padding: 11px 0 9px; border-top: 1px solid var(--line); } .timeline > li.note { display: block; }
.timeline time { font: 13px/1.7 var(--mono); color: var(--quiet); } .day { display: block; } .tag { font-size: 11.5px; line-height: 23px; font-weight: 700; letter-spacing: 0.06em; text-transform: uppercase; color: var(--quiet); }
[data-kind=Status] .tag { color: var(--accent); } .timeline h3 { font-size: 16px; font-weight: 600; line-height: 1.45; overflow-wrap: anywhere; } .timeline .what { min-width: 0; } .timeline .what p { font-size: 14.5px; overflow-wrap: anywhere; }
.timeline .wrong :is(.tag, h3) { color: var(--bad); } .doctor { padding: 6px 0 2px; color: var(--ink); } .more summary { display: block; min-height: 0; margin-block: -11px; padding-block: 11px; font-size: 14.5px; font-weight: 400; overflow-wrap: anywhere; } .more summary::before { content: none; } .more summary::after { content: ""; display: inline-block; width: 7px; height: 7px; margin: 0 3px 3px 9px; border: solid var(--quiet); border-width: 0 2px 2px 0; transform: rotate(45deg); } .more[open] > summary::after { margin-bottom: -1px; transform: rotate(-135deg); } .more[open] { padding-bottom: 4px; } .more > :last-child { margin-bottom: 8px; } .more .copy { margin-top: 8px; }
.filters { display: flex; flex-wrap: wrap; gap: 8px; } .filters a { display: inline-flex; align-items: center; gap: 6px; min-height: 44px; padding: 0 14px; border: 1px solid var(--line); border-radius: 11px; color: var(--ink); text-decoration: none; } .filters a[aria-current] { border-color: var(--accent); background: var(--soft); font-weight: 600; } .requests .paging, .requests .empty { padding-inline: 0; }
.plain { background: var(--ground); } .card { display: grid; gap: 14px; max-width: 26rem; margin: 24px auto; padding: 24px; border: 1px solid var(--line); border-radius: 18px; background: var(--card); box-shadow: 0 6px 24px rgb(20 24 31 / 7%); } .card h1 { font-size: 24px; }

@media (min-width: 1100px) {
  .inspector { display: flex; flex-direction: column; height: 100dvh; } .panes { flex: 1; display: grid; grid-template-columns: 280px 330px minmax(0, 1fr); grid-template-rows: minmax(0, 1fr); min-height: 0; }
  .panes > * { overflow-y: auto; } .panes > .controls, .panes > .list { border-inline-end: 1px solid var(--line); } .to-controls, .bar-clock { display: none !important; }
}
@media (max-width: 1099px) { .panes > .controls, .at-controls .subject { display: none; } .at-controls .panes > .controls { display: block; } .bar .base { display: none; } }
@media (min-width: 760px) and (max-width: 1099px) {
  .inspector { display: flex; flex-direction: column; height: 100dvh; } .panes { flex: 1; display: grid; grid-template-columns: 310px minmax(0, 1fr); grid-template-rows: minmax(0, 1fr); min-height: 0; }
  .panes > * { overflow-y: auto; } .panes > .list { border-inline-end: 1px solid var(--line); } .at-controls .panes { grid-template-columns: minmax(0, 1fr) 310px; } .subject { padding-inline: 22px; }
}
@media (max-width: 759px) {
  .at-payment .list, .at-requests .list, .at-controls .list { display: none; } .back { display: inline-grid; } .subject { padding: 12px 16px 40px; } .bar { padding-inline: 14px; gap: 0 12px; } .bar nav { margin-inline: -12px; }
  .bar h1 { margin-inline-end: auto; } .bar-clock { order: 1; } .bar nav { order: 2; flex: 1 1 100%; } .connection { order: 3; } .connection:not(:empty) { flex: 1 1 100%; } .timeline > li { grid-template-columns: auto minmax(0, 1fr); } .timeline .what { grid-column: 1 / -1; } .day { display: inline; } .at-home .subject { border-top: 1px solid var(--line); padding-top: 20px; }
}
@media (prefers-reduced-motion: no-preference) { button, .rows a { transition: background-color 120ms, border-color 120ms; } }
`;
