// Says on a page that the sandbox does not respond, and sends no forms meanwhile. Another script reports each request
// with the event `answered` or `unanswered`. One failure may be the end of a connection, so the notice appears at the
// second one in a row.

let failures = 0;
const noteFailures = (count) => {
  failures = count;
  const notice = document.querySelector("[data-gone]");
  if (!notice) return;
  const text = failures > 1 ? notice.dataset.gone : "";
  if (notice.textContent !== text) notice.textContent = text;
};
document.addEventListener("answered", () => noteFailures(0));
document.addEventListener("unanswered", () => noteFailures(failures + 1));
addEventListener("submit", (event) => {
  if (failures > 1 && event.target.method !== "dialog") event.preventDefault();
});
