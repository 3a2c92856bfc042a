// Single keys: ? help, / find, j k rows, p or Space preview, x select, e edit, "g v" and others from [data-key]; Escape [data-cancel], Ctrl+Enter sends the form.
// <html data-keys="off"> or the switch in the help turns the single keys off (WCAG 2.1.4); chords with Ctrl and Escape stay.
import { openPalette } from "./palette.js";
import { isOpen, peek } from "./peek.js";

const SEQUENCE_MS = 1200;
const root = document.documentElement;
let pressed = { key: "", at: 0 };

const rows = () => [...document.querySelectorAll("[data-rows] tbody tr")];
const currentRow = () => document.activeElement.closest("[data-rows] tbody tr");
const moveRow = (step) => {
  const all = rows();
  const at = all.indexOf(currentRow());
  const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1)];
  next?.querySelector("a[href]")?.focus();
  if (isOpen()) peek(next);
};
const help = () => document.getElementById("keys")?.showModal();
const single = {
  "?": help,
  "/": openPalette,
  j: () => moveRow(1),
  k: () => moveRow(-1),
  p: () => peek(currentRow()),
  x: () => currentRow()?.querySelector("input[type=checkbox]")?.click(),
  e: () => (currentRow() ?? document.getElementById("content"))?.querySelector("[data-edit]")?.click(),
};
const sequence = (key, now) => {
  const isSecond = now - pressed.at < SEQUENCE_MS && document.querySelector(`[data-key^="${CSS.escape(`${pressed.key} `)}"]`);
  const keys = isSecond ? `${pressed.key} ${key}` : key;
  pressed = { key, at: now };
  return document.querySelector(`[data-key="${CSS.escape(keys)}"]`);
};

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");
  if (event.key === "Escape") document.activeElement.closest("[data-escape]")?.querySelector("[data-cancel]")?.click();
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.closest("form[method=post]")?.requestSubmit();
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || root.dataset.keys === "off") return;
  if (document.querySelector("dialog[open]")) return;
  const link = sequence(event.key, event.timeStamp);
  const isOnRow = event.key === " " && event.target.matches("[data-rows] tbody a[href]");
  const act = isOnRow ? single.p : link ? () => link.click() : single[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

if (localStorage.getItem("keys") === "off") root.dataset.keys = "off";
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-keys-switch]")) return;
  root.dataset.keys = event.target.checked ? "on" : "off";
  localStorage.setItem("keys", root.dataset.keys);
});
document.addEventListener("click", (event) => event.target.closest("[data-help]") && help());
for (const box of document.querySelectorAll("[data-keys-switch]")) box.checked = root.dataset.keys !== "off";
