// a.bar[data-move] is dragged: along the time, to another lane, or by one of its ends. A finger holds it for a moment first,
// so that the sheet can still be scrolled. Escape puts it back; letting go asks what would come of it.
import { ask, carry, columnWidth, drop, isMoved, lift, pull, sheetOf, show } from "./planner-lift.js";

const EDGE = 8;
const LEAST = 4;
const HOLD_MS = 350;
const SLIP = 10;
let drag;

const begin = () => {
  drag.isOn = true;
  lift(drag.bar);
};
const end = () => {
  clearTimeout(drag?.timer);
  drag = undefined;
};
const swallow = (event) => {
  event.preventDefault();
  event.stopPropagation();
};
const part = (bar, place) => {
  const { left, right, width } = bar.getBoundingClientRect();
  if (width > 3 * EDGE && right - place < EDGE) return "end";
  return width > 3 * EDGE && place - left < EDGE && bar.dataset.move === "all" ? "start" : "all";
};

document.addEventListener("pointerdown", (event) => {
  const bar = event.target.closest?.("a.bar[data-move]");
  if (!bar || event.button || document.querySelector("dialog[open]")) return;
  drag = { bar, x: event.clientX, y: event.clientY, part: part(bar, event.clientX), isTouch: event.pointerType === "touch" };
  if (drag.isTouch) drag.timer = setTimeout(begin, HOLD_MS);
});
document.addEventListener("pointermove", (event) => {
  if (!drag) return;
  const across = event.clientX - drag.x;
  const far = Math.hypot(across, event.clientY - drag.y);
  if (!drag.isOn && drag.isTouch && far >= SLIP) end(); // a finger that goes on before the time scrolls
  else if (!drag.isOn && !drag.isTouch && far >= LEAST) begin();
  if (!drag?.isOn || drag.isOver) return;
  const columns = Math.round(across / columnWidth(sheetOf(drag.bar)));
  pull(drag.part === "end" ? 0 : columns, drag.part === "start" ? 0 : columns);
  const lane = drag.part === "all" && document.elementsFromPoint(event.clientX, event.clientY).find((one) => one.matches(".lane"));
  if (lane) carry(lane);
  show();
});
document.addEventListener("pointerup", () => {
  if (drag?.isOn) {
    addEventListener("click", swallow, { capture: true, once: true, signal: AbortSignal.timeout(0) });
    if (!drag.isOver && isMoved()) ask();
    else drop();
  }
  end();
});
document.addEventListener("pointercancel", () => { if (drag?.isOn) drop(); end(); });
document.addEventListener("touchmove", (event) => drag?.isOn && event.preventDefault(), { passive: false });
document.addEventListener("contextmenu", (event) => drag?.isTouch && event.preventDefault()); // a long press is ours
document.addEventListener("dragstart", (event) => event.target.closest?.("a.bar[data-move]") && event.preventDefault());
document.addEventListener("planner:dropped", () => { if (drag) drag.isOver = true; }); // letting go is no click any more
