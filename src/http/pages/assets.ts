/** The one stylesheet of the hosted pages. */
export const stylesheet = `
:root { color-scheme: light dark; --ink: #14181f; --quiet: #57606f; --ground: #f4f6f8; --card: #fff; --line: #dfe3e8;
  --accent: #0b7a6f; --on-accent: #fff; --danger: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #eef1f5; --quiet: #a3adba; --ground: #11151a; --card: #1a2028;
  --line: #313944; --accent: #2bb8a8; --on-accent: #06201d; --danger: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, "PingFang HK", "Noto Sans CJK TC", sans-serif; }
.stripe { margin: 0; padding: 6px 16px; text-align: center; font-size: 13px; font-weight: 700; color: #3d2c00;
  background: repeating-linear-gradient(-45deg, #f5b833 0 14px, #ffd36b 14px 28px); }
main { max-width: 26rem; margin: 24px auto; padding: 24px; background: var(--card); border: 1px solid var(--line); border-radius: 18px;
  box-shadow: 0 6px 24px rgb(0 0 0 / 6%); }
h1 { margin: 0 0 4px; font-size: 15px; font-weight: 400; color: var(--quiet); }
.amount { margin: 0; font-size: 40px; line-height: 1.2; font-weight: 700; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
dl { margin: 16px 0; display: grid; grid-template-columns: auto 1fr; gap: 6px 16px; }
dt { color: var(--quiet); } dd { margin: 0; text-align: end; overflow-wrap: anywhere; }
.id { font: 13px/1.8 ui-monospace, monospace; }
.qr { margin: 16px 0; padding: 12px; background: #fff; border: 1px solid var(--line); border-radius: 14px; text-align: center; }
.qr svg { display: block; width: 100%; max-width: 260px; height: auto; margin: 0 auto; }
.note { color: var(--quiet); font-size: 14px; overflow-wrap: anywhere; }
form { margin: 12px 0; display: grid; gap: 10px; }
button, .button, select { min-height: 44px; padding: 8px 16px; border: 1px solid var(--line); border-radius: 12px; background: var(--card);
  color: var(--ink); font: inherit; text-align: center; text-decoration: none; cursor: pointer; }
.button { display: block; }
.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 700; }
.status { font-weight: 700; } .status.bad { color: var(--danger); } .status.good { color: var(--accent); }
fieldset { min-width: 0; margin: 12px 0; padding: 12px; border: 1px solid var(--line); border-radius: 12px; } legend { color: var(--quiet); font-size: 14px; padding: 0 6px; }
fieldset form { margin: 0; } select { width: 100%; min-width: 0; }
@media (max-width: 28rem) { main { margin: 12px; padding: 18px; } }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
`;

/** Notices by itself when the payment has moved on, and asks for the page again; without script the page does so anyway. */
export const script = `
const page = document.querySelector("[data-live]");
const ask = async () => {
  try {
    const answer = await fetch(page.dataset.live, { cache: "no-store" });
    if (!answer.ok) return location.reload();
    const { status, scanned } = await answer.json();
    if (status !== page.dataset.status) return location.reload();
    if (scanned) document.querySelector("[data-testid=status]").textContent = page.dataset.scanned;
  } catch {}
  setTimeout(ask, 1000);
};
if (page) ask();
`;
