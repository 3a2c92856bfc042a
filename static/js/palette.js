// The finder: a[data-palette], "/" (keys.js) and Ctrl+K open it; arrows choose, Enter goes. Without JavaScript the link is the search page.
const dialog = () => document.getElementById("palette");
const input = () => dialog().querySelector("input");
const options = () => [...dialog().querySelectorAll("[role=option]")];

// Keys may be pressed before htmx has bound the input: then the first question waits for it, at most some seconds.
const ask = (frames = 300) => {
  if (frames && !input().hasAttribute("data-htmx-powered")) requestAnimationFrame(() => ask(frames - 1));
  else input().dispatchEvent(new CustomEvent("palette", { bubbles: true }));
};

export const openPalette = () => {
  if (!dialog() || document.querySelector("dialog[open]")) return;
  dialog().showModal();
  input().select();
  ask();
};

const choose = (index) => {
  const all = options();
  const chosen = all[(index + all.length) % all.length];
  for (const option of all) option.setAttribute("aria-selected", String(option === chosen));
  if (chosen) input().setAttribute("aria-activedescendant", chosen.id);
  else input().removeAttribute("aria-activedescendant");
  chosen?.scrollIntoView({ block: "nearest" });
};

const chosenIndex = () => options().findIndex((option) => option.getAttribute("aria-selected") === "true");

document.addEventListener("click", (event) => {
  const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey);
  if (!isPlain || !event.target.closest("[data-palette]")) return;
  event.preventDefault();
  openPalette();
});
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
  }
  if (event.target !== dialog()?.querySelector("input")) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) choose(chosenIndex() + step);
  else if (event.key === "Enter") options()[Math.max(chosenIndex(), 0)]?.click();
  else return;
  event.preventDefault();
});
document.addEventListener("htmx:after:swap", () => {
  if (dialog()?.open) choose(0);
});
