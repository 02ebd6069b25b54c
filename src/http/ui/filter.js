// Search fields that filter a list while one types. `data-filters` selects the entries. An entry matches if its text
// contains every word. A group (`details` or `.group`) without a match is hidden, and a closed one is open during a
// search.

/** The groups that a search opened. */
const openedGroups = new Set();

const applyFilter = (input, isTyping) => {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = new Map();
  let count = 0;
  const entries = document.querySelectorAll(input.dataset.filters);
  for (const entry of entries) {
    const text = entry.textContent.toLowerCase();
    entry.hidden = !words.every((word) => text.includes(word));
    if (!entry.hidden) count += 1;
    const group = entry.closest("details, .group");
    matches.set(group, matches.get(group) || !entry.hidden);
  }
  for (const [group, hasMatch] of matches) {
    group.hidden = !hasMatch;
    if (!isTyping || group.open === undefined) continue;
    if (words.length > 0 && !group.open) openedGroups.add(group);
    if (words.length > 0 || openedGroups.delete(group)) group.open = words.length > 0;
  }
  const output = document.querySelector(`output[for="${input.id}"]`);
  const result = words.length === 0 ? "" : `${count} of ${entries.length}`;
  if (output.value !== result) output.value = result;
};
const applyFilters = () => {
  for (const input of document.querySelectorAll("[data-filters]")) applyFilter(input, false);
};
document.addEventListener("input", ({ target }) => {
  if (target.dataset.filters) applyFilter(target, true);
});
document.addEventListener("updated", applyFilters);
