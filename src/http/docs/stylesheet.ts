/** What the reference page needs beyond the stylesheet of all pages. */
export const stylesheet = `
main:has(> .reference) { max-width: 64rem; }
.reference h1, .reference h2, .reference h3, .reference h4 { color: var(--ink); font-weight: 700; line-height: 1.3; overflow-wrap: anywhere; scroll-margin-top: 12px; }
.reference h1 { font-size: 28px; } .reference h2 { margin: 48px 0 8px; font-size: 22px; }
.reference h3 { margin: 40px 0 8px; padding-top: 16px; border-top: 1px solid var(--line); font-size: 17px; }
.reference h4 { margin: 24px 0 4px; font-size: 15px; }
.reference a { color: var(--accent); }
.reference nav ul { columns: 20rem; margin: 0 0 16px; padding: 0; list-style: none; } .reference nav p { margin: 0; font-weight: 700; }
.reference nav a { display: inline-block; min-height: 28px; overflow-wrap: anywhere; } .reference nav li a { text-decoration: none; }
.reference nav li span + span { text-decoration: underline; } .reference nav li { break-inside: avoid; }
.reference code, .reference pre { font: 13px/1.6 ui-monospace, monospace; overflow-wrap: anywhere; }
.reference pre { margin: 8px 0; padding: 12px; background: var(--ground); border: 1px solid var(--line); border-radius: 12px; white-space: pre-wrap; }
.reference dl { grid-template-columns: minmax(5rem, auto) 1fr; } .reference dd { text-align: start; }
.reference .method { display: inline-block; min-width: 3.5em; color: var(--accent); }
.reference .table { overflow-x: auto; }
.reference table { width: 100%; border-collapse: collapse; font-size: 14px; }
.reference th, .reference td { padding: 8px 12px 8px 0; border-top: 1px solid var(--line); text-align: start; vertical-align: top; font-weight: 400; }
.reference th code { overflow-wrap: normal; white-space: nowrap; }
.reference thead th { border: 0; color: var(--quiet); } .reference td { min-width: 6rem; }
@media (max-width: 44rem) {
  .reference thead { display: none; } .reference th code { white-space: normal; }
  .reference tr { display: block; padding: 8px 0; border-top: 1px solid var(--line); }
  .reference th, .reference td { display: block; padding: 0; border: 0; }
}
`;
