/**
 * What the inspector does by itself: it shows what has changed as soon as the sandbox hints at it, lets clocks tick, and
 * copies. Everything else works without script.
 */
export const inspectorScript = `
document.documentElement.classList.add("js");
const two = (value) => String(value).padStart(2, "0");
const news = () => document.getElementById("news");

// Clocks: the world's time when the page was written, and what has passed since.
let since = performance.now();
const units = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
const inDigits = (seconds) => {
  const hours = Math.floor(seconds / 3600), minutes = Math.floor(seconds / 60) % 60;
  return (hours ? hours + ":" + two(minutes) : minutes) + ":" + two(seconds % 60);
};
const inWords = (seconds) => {
  const counts = units.map(([unit, length], index) => [Math.floor((index ? seconds % units[index - 1][1] : seconds) / length), unit]);
  const first = counts.findIndex(([count]) => count > 0);
  return first < 0 ? "0 s" : counts.slice(first, first + 2).filter(([count]) => count > 0).map((part) => part.join(" ")).join(" ");
};
const write = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};
const tick = () => {
  const clock = document.querySelector("[data-clock]");
  if (!clock) return;
  const now = Number(clock.dataset.now) + (clock.dataset.clock === "running" ? performance.now() - since : 0);
  const text = new Date(now).toISOString().slice(0, 19).replace("T", " ");
  for (const element of document.querySelectorAll("[data-clock]")) write(element, text);
  for (const element of document.querySelectorAll("[data-until]")) {
    const seconds = Math.max(0, Math.ceil((Number(element.dataset.until) - now) / 1000));
    write(element, element.dataset.left === "digits" ? inDigits(seconds) : inWords(seconds));
  }
};
setInterval(tick, 500);

// Making the page what it would be if it were loaded again, without touching what is the same: focus, scroll, what was
// opened and what is being typed stay.
const keyOf = (node) => (node.nodeType === 1 ? node.id || node.dataset.key || "" : "");
const keeps = (node) => node?.nodeType === 1 && node.dataset.keep !== undefined;
const alike = (one, other) => one.nodeName === other.nodeName && keyOf(one) === keyOf(other);
const change = (from, to) => {
  if (from.nodeType !== 1) {
    if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
    return;
  }
  if (keeps(from)) return;
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name) && !(name === "open" && from.nodeName === "DETAILS")) from.removeAttribute(name);
  }
  for (const { name, value } of to.attributes) if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  changeInside(from, to);
};
const changeInside = (from, to) => {
  const wanted = [...to.childNodes];
  const keys = new Set(wanted.map(keyOf));
  const kept = new Map([...from.children].filter(keyOf).map((child) => [keyOf(child), child]));
  let place = from.firstChild;
  const pass = (node) => {
    while (place && ((keeps(place) && !keeps(node)) || (keyOf(place) && !keys.has(keyOf(place)) && !keeps(place)))) {
      const next = place.nextSibling;
      if (!keeps(place)) place.remove();
      place = next;
    }
  };
  for (const node of wanted) {
    pass(node);
    const found = keyOf(node) ? kept.get(keyOf(node)) : place;
    if (found && alike(found, node)) {
      if (found === place) place = place.nextSibling;
      else from.insertBefore(found, place);
      change(found, node);
    } else {
      from.insertBefore(document.importNode(node, true), place);
    }
  }
  while (place) {
    const next = place.nextSibling;
    if (!keeps(place)) place.remove();
    place = next;
  }
};

const statusOf = (page) => page.querySelector("[data-testid=payment]")?.dataset.status;
const address = document.body.dataset.live;
let reading = false, stale = false, last = 0;
const read = async () => {
  if (reading) {
    stale = true;
    return;
  }
  reading = true;
  last = performance.now();
  try {
    const answer = await fetch(address, { cache: "no-store" });
    if (answer.status === 401) return location.replace(address);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const before = statusOf(document), focused = document.activeElement;
    since = performance.now();
    changeInside(document.body, page.body);
    document.body.className = page.body.className;
    document.title = page.title;
    tick();
    const after = statusOf(document);
    if (before && after && before !== after) news().textContent = "The payment is now " + after.replaceAll("_", " ") + ".";
    if (focused && !focused.isConnected) document.getElementById("main")?.focus({ preventScroll: true });
  } catch {
    // The sandbox has gone away: the stream of hints notices too, and says when it is back.
  } finally {
    reading = false;
    if (stale) {
      stale = false;
      soon();
    }
  }
};
let planned;
const soon = () => {
  clearTimeout(planned);
  planned = setTimeout(read, Math.max(30, last + 500 - performance.now()));
};

let source, again;
const say = (words) => {
  const place = document.querySelector("[data-testid=connection]");
  if (place) write(place, words);
};
const leave = () => {
  clearTimeout(again);
  source?.close();
  source = undefined;
};
const listen = () => {
  leave();
  source = new EventSource("/_sandbox/events?processingAccountId=" + encodeURIComponent(document.body.dataset.world));
  source.addEventListener("hello", () => {
    say("");
    soon();
  });
  source.addEventListener("change", soon);
  source.onerror = () => {
    say("Reconnecting…");
    if (source?.readyState !== EventSource.CLOSED) return;
    soon();
    // The world is gone, and the page says so.
    if (!document.querySelector("[data-testid=connection]")) return leave();
    again = setTimeout(listen, 2000);
  };
};
if (address) {
  // After a form that was refused the address is the form's: a reload is to ask for the page, not to send it again.
  if (location.pathname + location.search !== address) history.replaceState(null, "", address);
  listen();
  // A browser has few connections for one server: a page that nobody sees needs none.
  document.addEventListener("visibilitychange", () => (document.hidden ? leave() : listen()));
  addEventListener("pageshow", (event) => event.persisted && listen());
  addEventListener("pagehide", leave);
}

const copy = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Off loopback and without https there is no clipboard but this one.
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "unseen";
    document.body.append(area);
    const focused = document.activeElement;
    area.select();
    document.execCommand("copy");
    area.remove();
    focused?.focus();
  }
};
document.addEventListener("click", async ({ target }) => {
  const button = target.closest?.("[data-copies]");
  if (!button) return;
  await copy(document.getElementById(button.dataset.copies).textContent);
  button.dataset.copied = "";
  news().textContent = "";
  setTimeout(() => (news().textContent = "Copied."), 50);
  setTimeout(() => delete button.dataset.copied, 2000);
});
`;
