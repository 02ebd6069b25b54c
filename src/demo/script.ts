/** Keeps an order's page up to date; without script the page asks for itself again. */
export const script = `
const main = document.querySelector("main[data-state]");

/** Puts in what is new, and leaves open and typed what was. */
const renew = async () => {
  const text = await (await fetch(location.href, { cache: "no-store" })).text();
  const fresh = new DOMParser().parseFromString(text, "text/html");
  const news = fresh.querySelector("main[data-state]");
  if (!news) return location.reload();
  const open = [...main.querySelectorAll("details[open]")].map(({ id }) => id);
  const typed = [...main.querySelectorAll("input[id]")].map(({ id, value }) => [id, value]);
  const focused = document.activeElement?.id || document.activeElement?.closest("[id]")?.id;
  for (const id of ["order", "exchange"]) {
    const [old, next] = [document.getElementById(id), fresh.getElementById(id)];
    if (old.innerHTML !== next.innerHTML) old.innerHTML = next.innerHTML;
  }
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  for (const [id, value] of typed) if (document.getElementById(id)) document.getElementById(id).value = value;
  const again = document.getElementById(focused);
  if (again !== document.activeElement) (again?.matches("details") ? again.querySelector("summary") : again)?.focus({ preventScroll: true });
  if (document.title !== fresh.title) document.getElementById("announcement").textContent = fresh.title;
  document.title = fresh.title;
  main.dataset.version = news.dataset.version;
};

const ask = async () => {
  let pause = 1000;
  try {
    const answer = await fetch(main.dataset.state, { cache: "no-store" });
    if (answer.status === 404) return location.reload();
    const { version, settled } = await answer.json();
    if (String(version) !== main.dataset.version) await renew();
    if (settled) pause = 3000;
  } catch {}
  setTimeout(ask, pause);
};
if (main) ask();
`;
