// The inspector: updates the page when the sandbox reports a change, runs the clocks, and copies texts. Everything else
// works without scripts. The server puts the library idiomorph in front of this text, and `list.js` behind it.

document.documentElement.classList.add("js");

const setText = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};
/** The live region. One outside an open dialog is not read out. */
const announcement = () =>
  document.querySelector("dialog[open] [role=status]") ?? document.getElementById("announcement");

// Clocks: the page contains the world's time; the time since then is added.

let pageTime = performance.now();
const twoDigits = (value) => String(value).padStart(2, "0");
const units = [
  ["d", 86400],
  ["h", 3600],
  ["min", 60],
  ["s", 1],
];
const inDigits = (seconds) => {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return `${hours ? `${hours}:${twoDigits(minutes)}` : minutes}:${twoDigits(seconds % 60)}`;
};
const inWords = (seconds) => {
  const counts = units.map(([unit, length], index) => {
    const rest = index === 0 ? seconds : seconds % units[index - 1][1];
    return { unit, count: Math.floor(rest / length) };
  });
  const first = counts.findIndex(({ count }) => count > 0);
  if (first < 0) return "0 s";
  const shown = counts.slice(first, first + 2).filter(({ count }) => count > 0);
  return shown.map(({ unit, count }) => `${count} ${unit}`).join(" ");
};
const inLargestUnit = (seconds) => {
  const [unit, length] = units.find(([, length]) => seconds >= length) ?? ["s", 1];
  return `${Math.floor(Math.max(0, seconds) / length)} ${unit}`;
};
const tick = () => {
  const clock = document.querySelector("[data-clock]");
  if (!clock) return;
  const now = Number(clock.dataset.now) + (clock.dataset.clock === "running" ? performance.now() - pageTime : 0);
  const shown = new Date(now + Number(clock.dataset.offset)).toISOString().slice(0, 19).replace("T", " ");
  for (const element of document.querySelectorAll("[data-clock]")) setText(element, shown);
  for (const element of document.querySelectorAll("[data-until]")) {
    const seconds = Math.max(0, Math.floor((Number(element.dataset.until) - now) / 1000));
    setText(element, element.dataset.left === "digits" ? inDigits(seconds) : inWords(seconds));
  }
  for (const element of document.querySelectorAll("[data-age]")) {
    setText(element, inLargestUnit((now - Date.parse(element.dateTime)) / 1000));
  }
};
setInterval(tick, 500);

// Updates: the page becomes equal to a reloaded one, but keeps focus, scroll positions, open details and typed text.

const isKept = (node) => node.nodeType === Node.ELEMENT_NODE && node.dataset.keep !== undefined;
const isEdited = (element) =>
  element instanceof HTMLInputElement && (element.value !== element.defaultValue || element === document.activeElement);
const update = (page) =>
  Idiomorph.morph(document.body, [...page.body.childNodes], {
    morphStyle: "innerHTML",
    // The library scrolls to the element that it focuses, so `load` restores the focus.
    restoreFocus: false,
    callbacks: {
      beforeNodeMorphed: (node) => !isKept(node),
      beforeNodeRemoved: (node) => !isKept(node),
      beforeAttributeUpdated: (name, element, change) => {
        if (name === "open") return change !== "remove";
        if (name === "selected" || name === "data-copied") return false;
        return name !== "value" || !isEdited(element);
      },
    },
  });

// The list of worlds: shows those that match, and is used with the keyboard.

const worldLinks = () => [...document.querySelectorAll("[data-testid=world-choice]")];
const worldOf = (link) => new URL(link.href).searchParams.get("world");
const shownWorlds = () => worldLinks().filter((link) => !link.parentElement.hidden);
const filterWorlds = () => {
  const wanted = document.getElementById("world-search")?.value.trim().toLowerCase();
  if (wanted === undefined) return;
  for (const link of worldLinks()) {
    const texts = [link.firstElementChild.textContent, worldOf(link)];
    link.parentElement.hidden = !texts.some((text) => text.toLowerCase().includes(wanted));
  }
  document.querySelector("[data-testid=no-world]").hidden = shownWorlds().length > 0;
};
const closeWorlds = () => {
  const list = document.getElementById("worlds");
  if (list) list.open = false;
};
const worldKeys = {
  ArrowDown: (links, at) => (links[at + 1] ?? links[0])?.focus(),
  ArrowUp: (links, at) => (at > 0 ? links[at - 1] : document.getElementById("world-search")).focus(),
  Escape: () => {
    closeWorlds();
    document.querySelector("#worlds > summary").focus();
  },
};
document.addEventListener("keydown", (event) => {
  const handle = event.target.closest?.("#worlds[open]") && worldKeys[event.key];
  if (!handle) return;
  event.preventDefault();
  const links = shownWorlds();
  handle(links, links.indexOf(document.activeElement));
});
document.addEventListener("input", ({ target }) => target.id === "world-search" && filterWorlds());
// Enter opens the first match. A text without a match is the processing account of a world that is not in the list.
document.addEventListener("submit", (event) => {
  const [first] = shownWorlds();
  if (event.defaultPrevented || !first || !event.target.closest("#worlds")) return;
  event.preventDefault();
  first.click();
});
document.addEventListener(
  "toggle",
  ({ target }) => {
    const isTouch = matchMedia("(pointer: coarse)").matches;
    if (target.id === "worlds" && target.open && !isTouch) document.getElementById("world-search").focus();
  },
  true,
);
document.addEventListener("click", ({ target }) => target.closest?.("#worlds") || closeWorlds());
document.addEventListener("focusin", ({ target }) => target.closest?.("#worlds") || closeWorlds());

const statusIn = (page) => page.querySelector("[data-testid=payment]")?.dataset.status;
/** The address of the page, which `list.js` changes. */
const address = () => document.body.dataset.live;
let isLoading = false;
let isStale = false;
let hasFailed = false;
let lastLoad = 0;
/** Minimum time between two loads, and the time until the next try after a failure, in milliseconds. */
const loadPauseMs = 500;
const retryMs = 2000;
// An update between press and release would move the element under the pointer, and its click would be lost.
let isPressed = false;
addEventListener("pointerdown", () => {
  isPressed = true;
});
for (const end of ["pointerup", "pointercancel", "blur"]) {
  addEventListener(end, () => {
    isPressed = false;
  });
}
const load = async () => {
  if (isLoading) {
    isStale = true;
    return;
  }
  isLoading = true;
  lastLoad = performance.now();
  const asked = address();
  try {
    const response = await fetch(asked, { cache: "no-store" });
    if (response.status >= 500) throw response;
    hasFailed = false;
    document.dispatchEvent(new Event("answered"));
    if (response.status === 401) return location.replace(asked);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (isPressed || asked !== address()) {
      isStale = true;
      return;
    }
    const before = statusIn(document);
    const focused = document.activeElement;
    pageTime = performance.now();
    update(page);
    filterWorlds();
    document.body.className = page.body.className;
    document.title = page.title;
    tick();
    const after = statusIn(document);
    if (before && after && before !== after) {
      announcement().textContent = `The payment is now ${after.replaceAll("_", " ")}.`;
    }
    document.dispatchEvent(new Event("updated"));
    if (document.activeElement !== focused) {
      const target = focused.isConnected ? focused : document.getElementById("main");
      target?.focus({ preventScroll: true });
    }
  } catch {
    // The sandbox does not respond. A hidden page loads when it is visible again.
    hasFailed = true;
    document.dispatchEvent(new Event("unanswered"));
    isStale = !document.hidden;
  } finally {
    isLoading = false;
    if (isStale) {
      isStale = false;
      loadSoon();
    }
  }
};
// The time zone changes in place: drawers, typed text and scroll positions stay.
document.addEventListener("submit", async (event) => {
  const { target, submitter, defaultPrevented } = event;
  if (defaultPrevented || !address() || !target.matches(".bar-clock")) return;
  event.preventDefault();
  try {
    await fetch(target.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(target, submitter)),
      redirect: "manual",
    });
  } finally {
    loadSoon();
  }
});
let plannedLoad;
const loadSoon = () => {
  const pauseMs = hasFailed ? retryMs : loadPauseMs;
  clearTimeout(plannedLoad);
  plannedLoad = setTimeout(load, Math.max(30, lastLoad + pauseMs - performance.now()));
};

let stream;
let plannedConnect;
const showConnection = (text) => {
  const element = document.querySelector("[data-testid=connection]");
  if (element) setText(element, text);
};
const disconnect = () => {
  clearTimeout(plannedConnect);
  stream?.close();
  stream = undefined;
};
const connect = () => {
  disconnect();
  stream = new EventSource(document.body.dataset.events);
  stream.addEventListener("hello", () => {
    showConnection("");
    hasFailed = false;
    loadSoon();
  });
  stream.addEventListener("change", loadSoon);
  stream.onerror = () => {
    showConnection("Reconnecting…");
    document.dispatchEvent(new Event("unanswered"));
    loadSoon();
    if (stream?.readyState !== EventSource.CLOSED) return;
    // The world no longer exists: the page is now the one for an unknown address.
    if (!document.querySelector("[data-testid=connection]")) return disconnect();
    plannedConnect = setTimeout(connect, retryMs);
  };
};
if (address()) {
  // After a refused form the location is the form's address. A reload must load the page, not submit the form again.
  // After an accepted form its result is in the location: a reload must not show it again. The hash keeps the new entry
  // in view.
  if (location.pathname + location.search !== address()) history.replaceState(null, "", address() + location.hash);
  connect();
  // Browsers limit the connections per server, so a hidden page closes its own.
  document.addEventListener("visibilitychange", () => (document.hidden ? disconnect() : connect()));
  addEventListener("pageshow", (event) => event.persisted && connect());
  addEventListener("pagehide", disconnect);
}

// A link that opens a part of its page in the dialog.

const partOf = async (href, selector) => {
  const page = await (await fetch(href, { cache: "no-store" })).text();
  return new DOMParser().parseFromString(page, "text/html").querySelector(selector);
};
const isPlain = (event) => !event.ctrlKey && !event.metaKey && !event.shiftKey;
document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("[data-opens]");
  if (!link || link.hasAttribute("aria-current") || !isPlain(event)) return;
  event.preventDefault();
  try {
    const part = await partOf(link.href, `.${link.dataset.opens}`);
    if (!part) throw new Error("the page has no such part");
    const dialog = document.getElementById("dialog");
    dialog.querySelector("div").replaceChildren(part);
    dialog.showModal();
  } catch {
    // Without an answer, or with the sign-in page, the link shows why.
    location.assign(link.href);
  }
});

// Notices.

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-dismisses]");
  if (!link || !isPlain(event)) return;
  event.preventDefault();
  document.getElementById(link.dataset.dismisses).remove();
  document.getElementById("main").focus({ preventScroll: true });
});

// Copying.

const copy = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Browsers offer the clipboard API only over HTTPS and on the loopback interface.
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "unseen";
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    const focused = document.activeElement;
    area.select();
    document.execCommand("copy");
    area.remove();
    focused?.focus();
  }
};
/** The text to copy: of an element here, or of the page that a link leads to. */
const textFor = async ({ dataset, href }) => {
  if (dataset.copies) return document.getElementById(dataset.copies).textContent;
  return (await partOf(href, "pre")).textContent;
};
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copies], [data-copies-target]");
  if (!button || !isPlain(event)) return;
  event.preventDefault();
  try {
    await copy(await textFor(button));
  } catch {
    // Without an answer, or with the sign-in page, the link shows why.
    return location.assign(button.href);
  }
  button.dataset.copied = "";
  announcement().textContent = "";
  setTimeout(() => {
    announcement().textContent = "Copied.";
  }, 50);
  setTimeout(() => delete button.dataset.copied, 2000);
});
