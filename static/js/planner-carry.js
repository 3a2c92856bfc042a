// The same by keyboard: `m` lifts the bar in focus; left and right move it in time, with Shift only its return, up and down to another
// vehicle; Enter asks what would come of it, Escape puts it back. [data-planner-says] tells where it is.
import { ask, carry, current, drop, isMoved, lift, pull, show, wish } from "./planner-lift.js";

const lanes = (sheet) => [...sheet.querySelectorAll(".lane[data-vehicle]")];
const say = (text) => {
  const place = document.querySelector("[data-planner-says]");
  if (place) place.textContent = text;
};
const tell = () => {
  const { bar, lane } = current();
  const wanted = wish();
  const starts = wanted.get("pickup_local") ?? bar.dataset.starts;
  const ends = wanted.get("return_local") ?? bar.dataset.ends;
  say(`${lane.dataset.name ?? ""} ${starts.replace("T", " ")} - ${ends.replace("T", " ")}`);
};
const toLane = (step) => {
  const { sheet, lane } = current();
  const all = lanes(sheet);
  const next = all[Math.max(all.indexOf(lane) + step, 0)];
  if (next) carry(next);
  next?.scrollIntoView({ block: "nearest" });
};
const steps = {
  ArrowLeft: (event) => pull(current().start - (event.shiftKey ? 0 : 1), current().end - 1),
  ArrowRight: (event) => pull(current().start + (event.shiftKey ? 0 : 1), current().end + 1),
  ArrowUp: () => toLane(-1),
  ArrowDown: () => toLane(1),
};

document.addEventListener("keydown", (event) => {
  const bar = event.target.closest?.("a.bar[data-move]");
  if (!bar || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "m" && !current()) {
    lift(bar);
    tell();
  } else if (!current()) return;
  else if (event.key === "Escape") {
    drop();
    say("");
  } else if (event.key === "Enter") {
    if (isMoved()) ask();
    else drop();
  } else if (event.key in steps) {
    steps[event.key](event);
    show();
    tell();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}, true);
