// The references: marks the entry of the index whose section is at the top of the window. The server puts the search in
// front of this text.

document.documentElement.classList.add("js");

const index = document.getElementById("index");
const links = new Map([...index.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]));
const headings = [...document.querySelectorAll("h2, h3")].filter(({ id }) => links.has(id));

/** Maximum distance of a heading from the top of the window, in pixels, at which its section is the current one. */
const topMax = 60;

let current;
const showCurrent = () => {
  const heading = headings.findLast((one) => one.getBoundingClientRect().top <= topMax);
  const link = links.get(heading?.id);
  if (link === current) return;
  current?.removeAttribute("aria-current");
  link?.setAttribute("aria-current", "true");
  current = link;
  if (!link?.checkVisibility()) return;
  const entry = link.getBoundingClientRect();
  const area = index.getBoundingClientRect();
  const isInView = entry.top > area.top + area.height / 4 && entry.bottom < area.bottom;
  if (!isInView) index.scrollTop += entry.top - area.top - area.height / 2;
};
let isPlanned = false;
const plan = () => {
  if (isPlanned) return;
  isPlanned = true;
  requestAnimationFrame(() => {
    isPlanned = false;
    showCurrent();
  });
};
addEventListener("scroll", plan, { passive: true });
addEventListener("resize", plan);
plan();
