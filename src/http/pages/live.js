// The payer's pages: count down with the world's clock, show that the payer has scanned the code, reload when the
// payment changes, and return to the merchant. Without this script the same happens, but later.

const page = document.querySelector("[data-live]");
const timers = document.querySelectorAll("[role=timer]");
let leftMs = Number(page?.dataset.left);
let isRunning = page?.dataset.clock === "running";
let since = performance.now();

const twoDigits = (value) => String(value).padStart(2, "0");

const warn = (isLast) => {
  for (const note of document.querySelectorAll("[data-last-minute]")) {
    const text = isLast ? note.dataset.lastMinute : "";
    if (note.textContent !== text) note.textContent = text;
    note.parentElement.toggleAttribute("data-last", isLast);
  }
};

const showTimeLeft = () => {
  const left = leftMs - (isRunning ? performance.now() - since : 0);
  const seconds = Math.max(0, Math.floor(left / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const text = `${hours ? `${hours}:${twoDigits(minutes)}` : minutes}:${twoDigits(seconds % 60)}`;
  for (const timer of timers) if (timer.textContent !== text) timer.textContent = text;
  warn(left <= 60_000);
};

const showScanned = () => {
  const status = document.querySelector("[data-scanned]");
  if (!status || status.textContent === status.dataset.scanned) return;
  status.textContent = status.dataset.scanned;
  const [scan, confirm] = document.querySelectorAll("[data-step=scan], [data-step=confirm]");
  scan.dataset.state = "done";
  scan.removeAttribute("aria-current");
  confirm.dataset.state = "now";
  confirm.setAttribute("aria-current", "step");
};

// The server holds the request until the revision changes. After a failure the page does not wait, to notice at once
// that the sandbox is back. A hidden page polls, to free its connection.
let revision = "";
let hasFailed = false;
const poll = async () => {
  let pauseMs = 1000;
  try {
    const query = revision && !hasFailed && !document.hidden ? `?seen=${encodeURIComponent(revision)}` : "";
    const response = await fetch(page.dataset.live + query, { cache: "no-store" });
    if (response.status >= 500) throw response;
    hasFailed = false;
    document.dispatchEvent(new Event("answered"));
    if (!response.ok) return location.reload();
    const status = await response.json();
    if (!document.hidden) pauseMs = 100;
    revision = status.revision;
    if (status.status !== page.dataset.status) return location.reload();
    leftMs = status.leftMs;
    isRunning = status.clock === "running";
    since = performance.now();
    for (const note of document.querySelectorAll("[data-frozen]")) note.hidden = isRunning;
    showTimeLeft();
    if (status.scanned) showScanned();
  } catch {
    hasFailed = true;
    document.dispatchEvent(new Event("unanswered"));
  }
  setTimeout(poll, pauseMs);
};

if (page) {
  showTimeLeft();
  setInterval(showTimeLeft, 250);
  void poll();
}

const back = document.querySelector("[data-leave-after]");
const navigation = performance.getEntriesByType("navigation")[0]?.type;
if (back && navigation === "back_forward") document.querySelector(".going")?.remove();
if (back && navigation !== "back_forward") {
  const delayMs = Number(back.dataset.leaveAfter);
  const countdown = document.querySelector("[data-countdown]");
  const count = () => {
    countdown.textContent = Math.max(1, Math.ceil((delayMs - performance.now() + since) / 1000));
  };
  if (countdown) setInterval(count, 250);
  const leave = () => {
    // A field of the form can have the name "submit".
    if (back.form) return HTMLFormElement.prototype.submit.call(back.form);
    location.assign(back.href);
    // An app opens beside the page.
    if (!/^https?:$/.test(back.protocol)) document.querySelector(".going")?.remove();
  };
  setTimeout(leave, delayMs);
}

addEventListener("pageshow", (event) => event.persisted && location.reload());
