// The list of payments: filters that apply at once, keys, and the selected row in view. It uses `inspector.js`.

// Filters. The address changes with them, so that a reload shows the same list.

/** The list follows the text when nothing was typed for this time, in milliseconds. */
const typingPauseMs = 200;

let plannedFilter;
let isFiltering = false;
const filter = () => {
  clearTimeout(plannedFilter);
  const url = new URL(address(), location);
  for (const [name, value] of new FormData(document.querySelector("form.search"))) {
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  url.searchParams.delete("cursor");
  const next = url.pathname + url.search;
  if (next === address()) return;
  document.body.dataset.live = next;
  history.replaceState(null, "", next);
  isFiltering = true;
  load();
};
document.addEventListener("input", (event) => {
  if (!event.target.closest?.("form.search")) return;
  clearTimeout(plannedFilter);
  plannedFilter = setTimeout(filter, typingPauseMs);
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form.search")) return;
  event.preventDefault();
  filter();
});
document.addEventListener("updated", () => {
  if (!isFiltering) return;
  isFiltering = false;
  const count = document.querySelectorAll("[data-testid=payments] > li").length;
  const more = document.querySelector("[data-testid=older]") ? " or more" : "";
  announcement().textContent = `${count}${more} ${count === 1 && !more ? "payment" : "payments"}.`;
});

// Keys. A person can turn them off, because speech input can press them by accident.

const offKey = "alipay-hk-sandbox.keys-off";
const keysSwitch = document.getElementById("keys-switch");
const keysList = document.getElementById("keys");
try {
  if (keysSwitch) keysSwitch.checked = localStorage.getItem(offKey) === null;
} catch {
  // The browser stores nothing: the switch holds for this page.
}
keysSwitch?.addEventListener("change", () => {
  try {
    if (keysSwitch.checked) localStorage.removeItem(offKey);
    else localStorage.setItem(offKey, "");
  } catch {
    // As above.
  }
});
const openRow = (step) => {
  const rows = [...document.querySelectorAll("[data-testid=payments] [data-testid=payment-row]")];
  const next = rows[rows.findIndex((row) => row.ariaCurrent) + step];
  const older = step > 0 && rows.length > 0 ? document.querySelector("[data-testid=older]") : undefined;
  (next ?? older)?.click();
};
const keyEffects = {
  "/": () => document.getElementById("q").focus(),
  j: () => openRow(1),
  k: () => openRow(-1),
  "?": () => {
    // At its end the browser gives the focus back to the element that had it.
    if (document.activeElement === document.body) document.getElementById("main").focus({ preventScroll: true });
    keysList.togglePopover();
  },
};
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest?.("input:not([type=checkbox]), select, textarea");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (!keysSwitch?.checked || !Object.hasOwn(keyEffects, event.key)) return;
  if (event.key !== "?" && keysList.matches(":popover-open")) return;
  event.preventDefault();
  keyEffects[event.key]();
});

// The selected row may be below the visible part of the list.
document.querySelector("#list [aria-current]")?.scrollIntoView({ block: "nearest" });
