/** What all pages of the sandbox look like: colours, the stripe on top, one card in the middle, and controls. */
export const sharedStyles = `
:root { color-scheme: light dark; --ink: #14181f; --quiet: #57606f; --ground: #f4f6f8; --card: #fff; --line: #dfe3e8;
  --accent: #0b7a6f; --soft: #e4f4f1; --on-accent: #fff; --danger: #b3261e; --soft-danger: #fbeae8; --lift: 0 6px 24px rgb(20 24 31 / 7%);
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "PingFang HK", "Microsoft JhengHei", "Noto Sans CJK HK", "Noto Sans HK", sans-serif;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
:root:lang(zh-CN) { --sans: system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif; }
@media (prefers-color-scheme: dark) { :root { --ink: #eef1f5; --quiet: #a3adba; --ground: #0e1216; --card: #171d24; --line: #2d3641;
  --accent: #2bb8a8; --soft: #12312e; --on-accent: #06201d; --danger: #ff8a80; --soft-danger: #3a1d1c; --lift: 0 6px 24px rgb(0 0 0 / 30%); } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 var(--sans); }
.stripe { margin: 0; padding: 6px 16px; text-align: center; font-size: 13px; font-weight: 700; color: #3d2c00;
  background: repeating-linear-gradient(-45deg, #f5b833 0 14px, #ffd36b 14px 28px); }
main { max-width: 26rem; margin: 24px auto; padding: 24px; background: var(--card); border: 1px solid var(--line); border-radius: 18px;
  box-shadow: var(--lift); }
h1 { margin: 0 0 4px; font-size: 15px; font-weight: 400; color: var(--quiet); }
.amount { margin: 0; font-size: 40px; line-height: 1.2; font-weight: 700; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; color: var(--ink); }
dl { margin: 16px 0; display: grid; grid-template-columns: auto 1fr; gap: 6px 16px; }
dt { color: var(--quiet); } dd { margin: 0; text-align: end; overflow-wrap: anywhere; }
.id { font: 13px/1.8 var(--mono); }
.note { color: var(--quiet); font-size: 14px; overflow-wrap: anywhere; }
form { margin: 12px 0; display: grid; gap: 10px; }
button, .button, select { min-height: 44px; padding: 8px 16px; border: 1px solid var(--line); border-radius: 12px; background: var(--card);
  color: var(--ink); font: inherit; text-align: center; text-decoration: none; cursor: pointer; }
.button { display: grid; align-content: center; }
button:hover, .button:hover { border-color: var(--quiet); }
.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 700; }
.primary:hover { border-color: var(--ink); }
.status { font-weight: 700; } .status.bad { color: var(--danger); } .status.good { color: var(--accent); }
fieldset { min-width: 0; margin: 12px 0; padding: 12px; border: 1px solid var(--line); border-radius: 12px; } legend { color: var(--quiet); font-size: 14px; padding: 0 6px; }
fieldset form { margin: 0; } select { width: 100%; min-width: 0; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
@media (max-width: 28rem) { main { margin: 12px; padding: 18px; } }
`;
