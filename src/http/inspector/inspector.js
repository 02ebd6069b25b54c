// The inspector: updates the page when the sandbox reports a change, runs the clocks, and copies texts. Everything else
// works without scripts. The server puts the library idiomorph in front of this text.

document.documentElement.classList.add("js");

const setText = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};
const announcement = () => document.getElementById("announcement");

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
const tick = () => {
  const clock = document.querySelector("[data-clock]");
  if (!clock) return;
  const now = Number(clock.dataset.now) + (clock.dataset.clock === "running" ? performance.now() - pageTime : 0);
  const text = new Date(now).toISOString().slice(0, 19).replace("T", " ");
  for (const element of document.querySelectorAll("[data-clock]")) setText(element, text);
  for (const element of document.querySelectorAll("[data-until]")) {
    const seconds = Math.max(0, Math.ceil((Number(element.dataset.until) - now) / 1000));
    setText(element, element.dataset.left === "digits" ? inDigits(seconds) : inWords(seconds));
  }
};
setInterval(tick, 500);

// Updates: the page becomes equal to a reloaded one, but keeps focus, scroll positions, open details and typed text.

const isKept = (node) => node.nodeType === Node.ELEMENT_NODE && node.dataset.keep !== undefined;
const isEdited = (element) => element instanceof HTMLInputElement && element.value !== element.defaultValue;
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
        if (name === "selected") return false;
        return name !== "value" || !isEdited(element);
      },
    },
  });

const statusIn = (page) => page.querySelector("[data-testid=payment]")?.dataset.status;
const address = document.body.dataset.live;
let isLoading = false;
let isStale = false;
let lastLoad = 0;
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
  try {
    const response = await fetch(address, { cache: "no-store" });
    if (response.status === 401) return location.replace(address);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (isPressed) {
      isStale = true;
      return;
    }
    const before = statusIn(document);
    const focused = document.activeElement;
    pageTime = performance.now();
    update(page);
    document.body.className = page.body.className;
    document.title = page.title;
    tick();
    const after = statusIn(document);
    if (before && after && before !== after) {
      announcement().textContent = `The payment is now ${after.replaceAll("_", " ")}.`;
    }
    if (document.activeElement !== focused) {
      const target = focused.isConnected ? focused : document.getElementById("main");
      target?.focus({ preventScroll: true });
    }
  } catch {
    // The sandbox does not respond. The change stream notices that too, and reports when it is back.
  } finally {
    isLoading = false;
    if (isStale) {
      isStale = false;
      loadSoon();
    }
  }
};
let plannedLoad;
const loadSoon = () => {
  clearTimeout(plannedLoad);
  plannedLoad = setTimeout(load, Math.max(30, lastLoad + 500 - performance.now()));
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
    loadSoon();
  });
  stream.addEventListener("change", loadSoon);
  stream.onerror = () => {
    showConnection("Reconnecting…");
    if (stream?.readyState !== EventSource.CLOSED) return;
    loadSoon();
    // The world no longer exists: the page is now the one for an unknown address.
    if (!document.querySelector("[data-testid=connection]")) return disconnect();
    plannedConnect = setTimeout(connect, 2000);
  };
};
if (address) {
  // After a refused form the location is the form's address. A reload must load the page, not submit the form again.
  // After an accepted form its result is in the location: a reload must not show it again. The hash keeps the new entry
  // in view.
  if (location.pathname + location.search !== address) history.replaceState(null, "", address + location.hash);
  connect();
  // Browsers limit the connections per server, so a hidden page closes its own.
  document.addEventListener("visibilitychange", () => (document.hidden ? disconnect() : connect()));
  addEventListener("pageshow", (event) => event.persisted && connect());
  addEventListener("pagehide", disconnect);
}

// Notices.

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-dismisses]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
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
    document.body.append(area);
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
  const page = await (await fetch(href, { cache: "no-store" })).text();
  return new DOMParser().parseFromString(page, "text/html").querySelector("pre").textContent;
};
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copies], [data-copies-target]");
  if (!button || event.ctrlKey || event.metaKey || event.shiftKey) return;
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
