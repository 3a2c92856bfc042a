// A bar that is lifted by pointer or keyboard: how far, onto which lane, and the page that tells what would come of it.
const column = (name, bar) => Number(bar.className.match(new RegExp(`${name}-(\\d+)`))[1]);
const shifted = (local, minutes) => new Date(Date.parse(`${local}Z`) + minutes * 60_000).toISOString().slice(0, 16);

const unmark = () => document.querySelectorAll(".lane[data-target]").forEach((lane) => delete lane.dataset.target);

let lifted;
export const current = () => lifted;
export const sheetOf = (bar) => bar.closest("[data-planner]");
export const columnWidth = (sheet) => sheet.querySelector(".lane").clientWidth / Number(sheet.dataset.columns);

export const lift = (bar) => {
  lifted = { bar, sheet: sheetOf(bar), lane: bar.closest(".lane"), start: 0, end: 0, first: column("from", bar), span: column("span", bar) };
  lifted.sheet.dataset.moving = "";
  bar.dataset.lifted = "";
};

// By how many columns each end moves; neither passes the other, and of a hire that runs only the return moves.
export const pull = (start, end) => {
  const from = lifted.bar.dataset.move === "all" ? start : 0;
  lifted.start = Math.min(from, lifted.span - 1 + end);
  lifted.end = Math.max(end, lifted.start - lifted.span + 1);
};
export const carry = (lane) => {
  unmark();
  lifted.lane = lane;
  if (lane !== lifted.bar.closest(".lane")) lane.dataset.target = "";
};
export const show = () => {
  const { bar, sheet, lane, start, end, span } = lifted;
  const width = columnWidth(sheet);
  const down = lane.getBoundingClientRect().top - bar.closest(".lane").getBoundingClientRect().top;
  Object.assign(bar.style, { translate: `${start * width}px ${down}px`, width: `${(span + end - start) * width - 2}px` });
};
export const wish = () => {
  const { bar, sheet, lane, start, end } = lifted;
  const minutes = Number(sheet.dataset.minutes);
  const wanted = new URLSearchParams({ back: location.pathname + location.search });
  if (start) wanted.set("pickup_local", shifted(bar.dataset.starts, start * minutes));
  if (end) wanted.set("return_local", shifted(bar.dataset.ends, end * minutes));
  if (lane !== bar.closest(".lane")) wanted.set("vehicle", lane.dataset.vehicle || "none");
  return wanted;
};
export const isMoved = () => wish().size > 1;
export const ask = () => window.htmx.ajax("GET", `${lifted.bar.getAttribute("href")}/move?${wish()}`, { target: "#dialog", swap: "innerHTML" });
export const drop = () => {
  if (!lifted) return;
  const { bar, sheet } = lifted;
  Object.assign(bar.style, { translate: "", width: "" });
  delete bar.dataset.lifted;
  delete sheet.dataset.moving;
  unmark();
  lifted = undefined;
  document.dispatchEvent(new CustomEvent("planner:dropped"));
};
document.addEventListener("close", (event) => event.target.id === "dialog" && drop(), true);
