// a[data-live-pill="kind"]: counts what is new and changed since the list was read, and reads it again when clicked: rows
// never move by themselves. A shown row's [data-state] takes its new words in place.
const fresh = new Set();
const changed = new Set();
const pill = () => document.querySelector("[data-live-pill]");

// One's own changes are known; those made before the page was read may still come over the stream.
const isOwn = ({ actor_id: actor }) => actor === document.body.dataset.me;

const words = (form, count) => (count ? form.replace("{n}", count) : "");
const show = () => {
  const link = pill();
  if (!link) return;
  const { new: isNew, changed: isChanged } = link.dataset;
  link.textContent = [words(isNew, fresh.size), words(isChanged, changed.size)].filter(Boolean).join(", ");
  link.hidden = !link.textContent;
};

const restate = (cell, state) => {
  if (cell.textContent === state.words) return;
  cell.textContent = state.words;
  cell.toggleAttribute("data-on", state.is_on);
  if (state.tone) cell.dataset.tone = state.tone;
  else delete cell.dataset.tone;
  cell.removeAttribute("data-fresh");
  requestAnimationFrame(() => cell.setAttribute("data-fresh", ""));
};

document.addEventListener("live:change", ({ detail }) => {
  if (pill()?.dataset.livePill !== detail.kind) return;
  const row = document.getElementById(`${detail.kind}-${detail.id}`);
  const cell = row?.querySelector("[data-state]");
  if (cell && detail.state) restate(cell, detail.state);
  if (isOwn(detail)) return;
  if (row) changed.add(detail.id);
  else if (detail.version === 1) fresh.add(detail.id);
  show();
});
document.addEventListener("live:resync", () => {
  const link = pill();
  if (link) Object.assign(link, { textContent: link.dataset.resync, hidden: false });
});
document.addEventListener("htmx:after:swap", (event) => {
  if (!event.target.closest?.("section") || !pill()?.hidden) return;
  fresh.clear();
  changed.clear();
});
