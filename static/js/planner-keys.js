// [data-planner]: the arrows go from bar to bar: left and right along the lane, up and down to the bar nearest in time.
const lanes = (sheet) => [...sheet.querySelectorAll(".lane")].filter((lane) => lane.querySelector("a.bar"));
const bars = (lane) => [...lane.querySelectorAll("a.bar")];
const middle = (bar) => {
  const { left, right } = bar.getBoundingClientRect();
  return (left + right) / 2;
};
const nearest = (lane, place) => bars(lane).reduce(
  (best, bar) => (Math.abs(middle(bar) - place) < Math.abs(middle(best) - place) ? bar : best),
);

const along = (bar, step) => {
  const all = bars(bar.closest(".lane"));
  return all[all.indexOf(bar) + step];
};
const across = (sheet, bar, step) => {
  const all = lanes(sheet);
  const lane = all[all.indexOf(bar.closest(".lane")) + step];
  return lane && nearest(lane, middle(bar));
};
const steps = {
  ArrowLeft: (sheet, bar) => along(bar, -1),
  ArrowRight: (sheet, bar) => along(bar, 1),
  ArrowUp: (sheet, bar) => across(sheet, bar, -1),
  ArrowDown: (sheet, bar) => across(sheet, bar, 1),
  Home: (sheet, bar) => bars(bar.closest(".lane"))[0],
  End: (sheet, bar) => bars(bar.closest(".lane")).at(-1),
};

document.addEventListener("keydown", (event) => {
  const sheet = event.target.closest("[data-planner]:not([data-moving])");
  if (!sheet || event.ctrlKey || event.metaKey || event.altKey || !(event.key in steps)) return;
  const bar = event.target.closest("a.bar");
  const next = bar ? steps[event.key](sheet, bar) : event.key === "ArrowDown" && sheet.querySelector("a.bar");
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.scrollIntoView({ block: "nearest", inline: "nearest" });
});
