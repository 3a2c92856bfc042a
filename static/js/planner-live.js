// The sheet is read again when bookings or vehicles change, but never while somebody moves a bar, types or has a dialog open:
// an answer that was on its way when a bar was lifted waits as well.
const KINDS = new Set(["booking", "vehicle"]);
const PAUSE_MS = 1500;
let timer;
let isWaiting = false;

const isBusy = () => document.querySelector("[data-planner][data-moving], dialog[open], #plan-results details[open]")
  || document.activeElement?.matches("#plan-filters :is(input, select)");
const wait = () => {
  isWaiting = true;
  document.getElementById("plan-results").dataset.waits = "";
};
const read = () => {
  timer = undefined;
  if (!document.querySelector("#plan-results [data-planner]")) return;
  if (isBusy()) {
    wait();
    return;
  }
  isWaiting = false;
  window.htmx.ajax("GET", document.getElementById("plan-results").dataset.address, { target: "#plan-results", swap: "outerMorph show:none" });
};
const soon = () => { timer ??= setTimeout(read, PAUSE_MS); };

document.addEventListener("live:change", ({ detail }) => KINDS.has(detail.kind) && soon());
document.addEventListener("live:resync", soon);
document.addEventListener("htmx:before:swap", (event) => {
  if (event.detail.ctx.target?.id !== "plan-results" || !document.querySelector("[data-planner][data-moving]")) return;
  event.preventDefault();
  wait();
});
for (const name of ["planner:dropped", "close", "focusout"]) document.addEventListener(name, () => isWaiting && soon(), true);
