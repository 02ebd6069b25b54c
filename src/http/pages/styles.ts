/** What the payer's pages look like besides: the bar, the QR page in two halves, the wallet, and the result. */
export const payerStyles = `
.bar { display: flex; align-items: center; justify-content: space-between; gap: 8px; max-width: 62rem; margin: 0 auto; padding: 14px 20px 0; }
body:has(.beside) .bar { max-width: 78rem; }
.brand { display: flex; align-items: center; gap: 10px; min-width: 0; margin: 0; font-weight: 700; line-height: 1.25; }
.mark { flex: none; width: 28px; height: 28px; fill: var(--accent); } .mark path { fill: none; stroke: var(--on-accent); stroke-width: 2.4; stroke-linecap: round; }
.bar nav { display: flex; flex: none; }
.bar nav a { display: grid; place-items: center; min-width: 44px; min-height: 44px; border-radius: 12px; color: var(--quiet); font-size: 14px; text-decoration: none; }
.bar nav a:hover { color: var(--ink); text-decoration: underline; text-underline-offset: 4px; }
.bar nav a[aria-current] { color: var(--accent); font-weight: 700; text-decoration: underline 2px; text-underline-offset: 6px; }
main.checkout { max-width: 62rem; margin: 14px auto 32px; padding: 0 20px; background: none; border: 0; border-radius: 0; box-shadow: none; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 20px; box-shadow: var(--lift); }
.halves > section { min-width: 0; padding: 28px clamp(16px, 5.5vw, 24px); } .halves > section + section { border-top: 1px solid var(--line); }
.halves > .steps { margin: 0; padding: 0 clamp(16px, 5.5vw, 24px) 28px; }
.label { display: block; font-size: 14px; font-weight: 400; line-height: 1.6; color: var(--quiet); }
h1 .amount { display: block; } .amount { letter-spacing: -0.02em; }
.halves > section, .wallet { container-type: inline-size; }
.checkout .amount { font-size: 30px; font-size: clamp(22px, 12cqi, 48px); line-height: 1.15; }
.headline { margin: 0 0 12px; color: var(--ink); font-size: 28px; line-height: 1.2; font-weight: 700; }
.facts { display: block; margin: 20px 0; }
.facts > div { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 2px 16px; align-items: baseline; padding: 5px 0; }
.facts small { display: block; font-size: 13px; line-height: 1.5; color: var(--quiet); text-wrap: balance; word-break: keep-all; } .facts [hidden] { display: none; }
.halves > section > .facts:last-child { margin-bottom: 0; } .facts .who { display: flex; align-items: center; justify-content: end; gap: 8px; } .facts .who bdi { min-width: 0; }
.facts .avatar { flex: none; width: 28px; height: 28px; border-radius: 9px; font-size: 11px; }
.facts .long { display: block; } .facts .long dd { text-align: start; justify-content: start; align-items: start; }
.left { font-weight: 600; font-variant-numeric: tabular-nums; }
.steps { margin: 24px 0 0; padding: 0; list-style: none; }
.steps li { position: relative; padding: 0 0 18px 32px; color: var(--quiet); } .steps li:last-child { padding-bottom: 0; }
.steps li::before { content: ""; position: absolute; inset-inline-start: 4px; top: 5px; width: 14px; height: 14px; border: 2px solid var(--line); border-radius: 50%; background: var(--card); z-index: 1; }
.steps li::after { content: ""; position: absolute; inset-inline-start: 10px; top: 12px; bottom: -8px; width: 2px; background: var(--line); } .steps li:last-child::after { content: none; }
.steps small { display: block; font-size: 14px; font-weight: 400; color: var(--quiet); }
.steps [data-state=done]::before { border-color: var(--accent); background: var(--accent); } .steps [data-state=done]::after { background: var(--accent); }
.steps [data-state=now] { color: var(--ink); font-weight: 700; } .steps [data-state=now]::before { border-color: var(--accent); box-shadow: 0 0 0 5px var(--soft); }
.steps [data-state=stopped]::before { border-color: var(--danger); background: var(--danger); }
.code { display: flex; flex-direction: column; align-items: center; text-align: center; } .code p { max-width: 24rem; }
.qr { width: 100%; max-width: 280px; padding: 4px; background: #fff; border: 1px solid var(--line); border-radius: 18px; }
.qr svg { display: block; width: 100%; height: auto; aspect-ratio: 1; }
.note code { font: 13px/1.6 var(--mono); white-space: nowrap; }
.code .status { margin: 16px 0 0; } .code .note { margin: 2px 0 0; }
.question { margin: 24px 0 8px; font-size: 14px; font-weight: 700; }
.leave { margin: 20px 0 0; justify-content: center; }
.quiet { border-color: transparent; background: none; color: var(--quiet); text-decoration: underline; text-underline-offset: 3px; } .quiet:hover { color: var(--ink); }
.avatar { display: grid; place-items: center; width: 60px; height: 60px; border-radius: 18px; background: var(--soft); color: var(--accent); font-size: 20px; font-weight: 700; letter-spacing: 0.02em; }
main.phone { max-width: 25rem; margin: 0 auto; padding: 8px 18px 28px; background: none; border: 0; border-radius: 0; box-shadow: none; }
.wallet h1, .wallet h2 { display: grid; justify-items: center; margin: 8px 0 0; font-size: 18px; font-weight: 700; line-height: 1.4; text-align: center; color: var(--ink); overflow-wrap: anywhere; }
.wallet bdi { min-width: 0; max-width: 100%; } .wallet .avatar { margin-bottom: 10px; }
.wallet > .amount { margin: 4px 0 18px; font-size: 30px; font-size: clamp(22px, 12cqi, 44px); text-align: center; }
.wallet .card { padding: 12px 18px; border-radius: 16px; box-shadow: none; } .wallet .facts { margin: 16px 0; } .wallet .card > .facts { margin: 0; }
.wallet form { margin: 0; } .wallet .primary { min-height: 52px; font-size: 18px; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 10px; }
.switch { display: grid; grid-template-columns: 1fr 1fr; margin: 8px 0; padding: 0; border: 0; } .switch legend { padding: 0; margin-bottom: 4px; }
.switch label { position: relative; }
.switch input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: pointer; }
.switch span { display: grid; place-items: center; min-height: 44px; height: 100%; padding: 4px 12px; border: 1px solid var(--line); border-start-start-radius: 12px; border-end-start-radius: 12px; color: var(--quiet); font-size: 14px; text-align: center; }
.switch label + label span { border-radius: 0; border-start-end-radius: 12px; border-end-end-radius: 12px; }
.switch :checked + span { border-color: var(--accent); background: var(--soft); color: var(--accent); font-weight: 700; box-shadow: inset 0 0 0 1px var(--accent); }
.switch :focus-visible + span { outline: 3px solid var(--accent); outline-offset: 2px; }
.wallet details.card { padding: 0 18px; } .wallet details[open] { padding-bottom: 18px; }
summary { display: flex; align-items: center; min-height: 48px; border-radius: 8px; font-weight: 700; cursor: pointer; list-style: none; } summary::-webkit-details-marker { display: none; }
summary::before { content: ""; flex: none; width: 7px; height: 7px; margin: 0 14px 0 4px; border: solid var(--quiet); border-width: 0 2px 2px 0; transform: rotate(-45deg); }
details[open] > summary::before { transform: rotate(45deg); }
summary small { margin-inline-start: 4px; font-size: 14px; font-weight: 400; color: var(--quiet); }
details fieldset { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: 8px; margin: 0; padding: 0; border: 0; } details .wide { grid-template-columns: 1fr; }
details fieldset + fieldset { margin-top: 14px; } details legend { padding: 0; margin-bottom: 6px; } details button { padding: 8px; font-size: 14px; line-height: 1.35; }
.seal { display: block; width: 64px; height: 64px; margin: 0 0 14px; fill: var(--soft); } .seal path { fill: none; stroke: var(--accent); stroke-width: 4; stroke-linecap: round; stroke-linejoin: round; }
.seal.bad { fill: var(--soft-danger); } .seal.bad path { stroke: var(--danger); }
.result h1.status { display: block; margin: 0; font-size: 22px; font-weight: 700; line-height: 1.35; } .result .status.bad { color: var(--danger); } .result .status.good { color: var(--accent); }
.going { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0 12px; margin: 6px 0 0; } .result .going .note { margin: 0; } .going .button { padding-inline: 4px; font-size: 14px; }
.why { margin: 2px 0 0; color: var(--quiet); } .result .amount { margin: 10px 0 20px; } .result form { margin: 0; } .result .note { margin: 12px 0 0; }
.result .halves { align-items: start; } .checkout .result .facts { margin-top: 0; }
.wallet.result { padding-top: 20px; text-align: center; } .wallet .going { justify-content: center; } .wallet.result .seal { margin-inline: auto; } .wallet.result .card { margin: 0 0 18px; text-align: start; } .wallet.result .amount { font-size: clamp(22px, 11cqi, 36px); }
@media (max-width: 30rem) { .facts .avatar { display: none; } }
@media (min-width: 46rem) {
  .halves { display: grid; grid-template: auto 1fr / minmax(0, 1.15fr) minmax(0, 1fr); } .halves > section { padding: 36px 40px; }
  .halves > .code { grid-area: 1 / 2 / 3; } .halves > section:has(~ .steps):not(.code) { padding-bottom: 28px; } .halves > .steps { padding: 0 40px 36px; }
  .halves > section + section { border-top: 0; border-inline-start: 1px solid var(--line); }
  main.phone { min-height: 42rem; }
  main.phone, section.phone { margin-top: 14px; margin-bottom: 32px; padding: 24px 22px 32px; background: var(--ground); border: 9px solid #262c35; border-radius: 46px; box-shadow: var(--lift); }
}
section.phone { width: 100%; max-width: 25rem; margin: 0 auto 24px; }
@media (max-width: 70rem) { .beside { display: flex; flex-direction: column-reverse; } .beside > * { align-self: stretch; } .beside > section.phone { align-self: center; } }
@media (min-width: 70rem) {
  main.beside { display: grid; grid-template-columns: minmax(0, 1fr) 23.5rem; gap: 28px; align-items: start; max-width: 78rem; }
  .beside section.phone { margin: 0; } .beside .halves > section { padding-inline: 28px; } .beside .halves > .steps { padding-inline: 28px; }
}
@media (prefers-reduced-motion: no-preference) {
  .steps [data-state=now]::before { animation: wait 2s ease-in-out infinite; } @keyframes wait { 50% { box-shadow: 0 0 0 8px transparent; } }
  button, .button { transition: border-color 0.15s; }
}
@media (prefers-color-scheme: dark) { main.phone, section.phone { border-color: #39424e; } }
@media (forced-colors: active) { .steps [data-state=done]::before, .switch :checked + span { border-color: Highlight; } .mark path, .seal path { stroke: CanvasText; } }
`;
