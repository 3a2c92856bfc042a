// form[data-bulk], the bar of selected rows: says how many there are; "all that match" stands for more than the page shows.
// Clearing it unticks the rows' boxes, which belong to it, and tells the list.
let ticked = 0;
const say = () => {
  const bar = document.querySelector("form[data-bulk]");
  if (!bar) return;
  const all = bar.querySelector("[data-bulk-all]");
  bar.querySelector("[data-bulk-count]").textContent = all?.checked ? all.dataset.bulkAll : String(ticked);
};

document.addEventListener("forecourt:selected", (event) => {
  ticked = event.detail.count;
  say();
});
document.addEventListener("change", (event) => event.target.matches("[data-bulk-all]") && say());
document.addEventListener("reset", (event) => {
  if (!event.target.matches("form[data-bulk]")) return;
  requestAnimationFrame(() => {
    const box = document.querySelector("[data-rows] tbody .pick input");
    box?.dispatchEvent(new Event("change", { bubbles: true }));
  });
});
