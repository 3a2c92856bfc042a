// a[data-peek] of a row fills #list-drawer; the address keeps ?peek=, the row keeps the focus, Escape gives it back.
// On a telephone the drawer is the whole screen, so the focus goes into it.
const isNarrow = matchMedia("(max-width: 60rem)");
const drawer = () => document.getElementById("list-drawer");
const rowOf = (panel) => document.getElementById(panel?.dataset.row ?? "");
const mark = () => {
  for (const row of document.querySelectorAll("tr[data-peeked]")) delete row.dataset.peeked;
  const row = rowOf(drawer());
  if (row) row.dataset.peeked = "";
};
const close = () => {
  const panel = drawer();
  const row = rowOf(panel);
  const address = new URL(location.href);
  address.searchParams.delete("peek");
  history.replaceState(history.state, "", address);
  panel.replaceChildren();
  panel.hidden = true;
  delete panel.dataset.row;
  mark();
  row?.querySelector("a[href]")?.focus();
};

export const isOpen = () => drawer()?.hidden === false;
export const peek = (row) => row?.querySelector("[data-peek]")?.click();

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest("[data-peek]");
  if (link) history.replaceState(history.state, "", link.href);
  if (!event.target.closest("[data-drawer-close]") || !document.getElementById("list-results")) return;
  event.preventDefault();
  close();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !isOpen() || document.querySelector("dialog[open], details[data-menu][open]")) return;
  if (document.activeElement.closest("[data-escape]") || !document.getElementById("list-results")) return;
  close();
});
document.addEventListener("htmx:after:swap", () => {
  mark();
  if (isOpen() && isNarrow.matches && !drawer().contains(document.activeElement)) drawer().querySelector("[data-drawer-close]").focus();
});
mark();
