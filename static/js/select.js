// input[data-select-page] in the head of a list selects the rows of its page, and shows whether all, some or none are.
// Whoever acts on selected rows listens to "forecourt:selected" on the document; detail.count says how many there are.
const boxes = (table) => [...table.querySelectorAll("tbody .pick input[type=checkbox]")];
const tell = (table) => {
  const whole = table.querySelector("[data-select-page]");
  if (!whole) return;
  const count = boxes(table).filter((box) => box.checked).length;
  whole.checked = count > 0 && count === boxes(table).length;
  whole.indeterminate = count > 0 && !whole.checked;
  table.dispatchEvent(new CustomEvent("forecourt:selected", { bubbles: true, detail: { count } }));
};

document.addEventListener("change", (event) => {
  const table = event.target.closest("table[data-rows]");
  if (!table || !event.target.closest(".pick")) return;
  if (event.target.matches("[data-select-page]")) for (const box of boxes(table)) box.checked = event.target.checked;
  tell(table);
});
document.addEventListener("htmx:after:settle", () => {
  for (const table of document.querySelectorAll("table[data-rows]")) tell(table);
});
