// The sheet is read again when bookings or vehicles change, but never while somebody moves a bar, types or has a dialog open.
const KINDS = new Set(["booking", "vehicle"]);
const PAUSE_MS = 1500;
let timer;
let isWaiting = false;

const isBusy = () => document.querySelector("[data-planner][data-moving], dialog[open], #plan-results details[open]")
  || document.activeElement?.matches("#plan-filters :is(input, select)");
const read = () => {
  timer = undefined;
  if (!document.querySelector("#plan-results [data-planner]")) return;
  if (isBusy()) {
    isWaiting = true;
    return;
  }
  isWaiting = false;
  window.htmx.ajax("GET", document.getElementById("plan-results").dataset.address, { target: "#plan-results", swap: "outerMorph show:none" });
};
const soon = () => { timer ??= setTimeout(read, PAUSE_MS); };

document.addEventListener("live:change", ({ detail }) => KINDS.has(detail.kind) && soon());
document.addEventListener("live:resync", soon);
for (const name of ["planner:dropped", "close", "focusout"]) document.addEventListener(name, () => isWaiting && soon(), true);
