// [data-mentions="/address"] offers colleagues after an @ in its textarea: arrows choose, Enter or Tab takes, Escape leaves.
const TYPED = /(?:^|[^\w@])@([\p{L}\p{N}.'-]*(?: [\p{L}\p{N}.'-]*)?)$/u;
const PAUSE_MS = 150;
let [timer, asked] = [0, 0];
const partsOf = (box) => ({ list: box.querySelector("[role=listbox]"), told: box.querySelector("[role=status]") });
const options = (list) => [...list.children];
const close = (area, { list, told }) => {
  list.hidden = true;
  told.textContent = "";
  area.removeAttribute("aria-activedescendant");
};
const choose = (area, list, index) => {
  const all = options(list);
  const chosen = all[(index + all.length) % all.length];
  for (const option of all) option.setAttribute("aria-selected", String(option === chosen));
  if (chosen) area.setAttribute("aria-activedescendant", chosen.id);
};
const take = (area, parts, option) => {
  const typed = area.value.slice(0, area.selectionStart).match(TYPED);
  if (typed) area.setRangeText(`${option.dataset.word} `, area.selectionStart - typed[1].length, area.selectionStart, "end");
  close(area, parts);
};
const ask = async (area, box, parts) => {
  const typed = area.value.slice(0, area.selectionStart).match(TYPED);
  const mine = ++asked;
  if (!typed) return close(area, parts);
  const answer = await fetch(`${box.dataset.mentions}?${new URLSearchParams({ q: typed[1].trim() })}`, { headers: { accept: "text/html" } });
  if (!answer.ok || mine !== asked) return undefined;
  const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelectorAll("[role=option]");
  parts.list.replaceChildren(...found);
  if (!found.length) return close(area, parts);
  parts.list.hidden = false;
  parts.told.textContent = parts.told.dataset.told;
  return choose(area, parts.list, 0);
};

document.addEventListener("input", (event) => {
  const box = event.target.closest("[data-mentions]");
  if (!box) return;
  clearTimeout(timer);
  timer = setTimeout(() => ask(event.target, box, partsOf(box)), PAUSE_MS);
});
document.addEventListener("keydown", (event) => {
  const parts = event.target.closest("[data-mentions]") && partsOf(event.target.closest("[data-mentions]"));
  if (!parts || parts.list.hidden || event.ctrlKey || event.metaKey) return;
  const at = options(parts.list).findIndex((option) => option.getAttribute("aria-selected") === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) choose(event.target, parts.list, at + step);
  else if (event.key === "Enter" || event.key === "Tab") take(event.target, parts, options(parts.list)[Math.max(at, 0)]);
  else if (event.key === "Escape") close(event.target, parts);
  else return;
  event.preventDefault();
}, true);
document.addEventListener("mousedown", (event) => {
  const option = event.target.closest("[data-mentions] [role=option]");
  const box = option?.closest("[data-mentions]");
  if (!box) return;
  event.preventDefault();
  take(box.querySelector("textarea"), partsOf(box), option);
});
