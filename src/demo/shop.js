// Keeps the page of an order up to date, and says on every page that the sandbox does not respond. Without this script
// the page of an order reloads itself.

const main = document.querySelector("main[data-state]");

/** Replaces the changed parts, and keeps open details, typed text and the focus. */
const update = async () => {
  const text = await (await fetch(location.href, { cache: "no-store" })).text();
  const page = new DOMParser().parseFromString(text, "text/html");
  const newMain = page.querySelector("main[data-state]");
  if (!newMain) return location.reload();
  const open = [...main.querySelectorAll("details[open]")].map(({ id }) => id);
  const inputs = [...main.querySelectorAll("input[id]")].map(({ id, value }) => ({ id, value }));
  const focusedId = document.activeElement?.id || document.activeElement?.closest("[id]")?.id;
  for (const id of ["order", "exchange"]) {
    const [current, next] = [document.getElementById(id), page.getElementById(id)];
    if (current.innerHTML !== next.innerHTML) current.innerHTML = next.innerHTML;
  }
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  for (const { id, value } of inputs) {
    const input = document.getElementById(id);
    if (input) input.value = value;
  }
  restoreFocus(document.getElementById(focusedId));
  if (document.title !== page.title) document.getElementById("announcement").textContent = page.title;
  document.title = page.title;
  main.dataset.version = newMain.dataset.version;
};

const restoreFocus = (element) => {
  if (!element || element === document.activeElement) return;
  const target = element.matches("details") ? element.querySelector("summary") : element;
  target.focus({ preventScroll: true });
};

const poll = async () => {
  let pauseMs = 1000;
  try {
    const response = await fetch(main.dataset.state, { cache: "no-store" });
    if (response.status >= 500) throw response;
    document.dispatchEvent(new Event("answered"));
    if (response.status === 404) return location.reload();
    const { version, settled } = await response.json();
    if (String(version) !== main.dataset.version) await update();
    if (settled) pauseMs = 3000;
  } catch {
    document.dispatchEvent(new Event("unanswered"));
  }
  setTimeout(poll, pauseMs);
};
if (main) void poll();
