/**
 * What the payer's pages do by themselves: count down by the world's clock, notice that the payer has scanned or that the
 * payment has moved on, and go back to the merchant. All of it happens without script too, if less promptly.
 */
export const liveScript = `
const page = document.querySelector("[data-live]");
const timers = document.querySelectorAll("[role=timer]");
const two = (value) => String(value).padStart(2, "0");
let left = Number(page?.dataset.left), runs = page?.dataset.clock === "running", since = performance.now();

const show = () => {
  const seconds = Math.max(0, Math.ceil((left - (runs ? performance.now() - since : 0)) / 1000));
  const hours = Math.floor(seconds / 3600), minutes = Math.floor(seconds / 60) % 60;
  const text = (hours ? hours + ":" + two(minutes) : minutes) + ":" + two(seconds % 60);
  for (const timer of timers) if (timer.textContent !== text) timer.textContent = text;
};

const markScanned = () => {
  const status = document.querySelector("[data-scanned]");
  if (!status || status.textContent === status.dataset.scanned) return;
  status.textContent = status.dataset.scanned;
  const [scan, confirm] = document.querySelectorAll("[data-step=scan], [data-step=confirm]");
  scan.dataset.state = "done";
  scan.removeAttribute("aria-current");
  confirm.dataset.state = "now";
  confirm.setAttribute("aria-current", "step");
};

// The server answers when there is something new; a page that nobody looks at asks now and then.
let seen = "";
const ask = async () => {
  let pause = 1000;
  try {
    const held = seen && !document.hidden ? "?seen=" + encodeURIComponent(seen) : "";
    const answer = await fetch(page.dataset.live + held, { cache: "no-store" });
    if (answer.status >= 500) throw answer;
    if (!answer.ok) return location.reload();
    const now = await answer.json();
    if (!document.hidden) pause = 100;
    seen = now.standing;
    if (now.status !== page.dataset.status) return location.reload();
    left = now.leftMs;
    runs = now.clock === "running";
    since = performance.now();
    for (const note of document.querySelectorAll("[data-stands]")) note.hidden = runs;
    show();
    if (now.scanned) markScanned();
  } catch {}
  setTimeout(ask, pause);
};

if (page) {
  show();
  setInterval(show, 250);
  ask();
}

const back = document.querySelector("[data-leave-after]");
const came = performance.getEntriesByType("navigation")[0]?.type;
if (back && came !== "back_forward") {
  setTimeout(() => (back.submit ? back.submit() : location.assign(back.href)), Number(back.dataset.leaveAfter));
}

addEventListener("pageshow", (event) => event.persisted && location.reload());
`;
