// [data-poll="2000"] with hx-trigger="poll" is asked for again every so many milliseconds, only while somebody can see it.
const STEP_MS = 500;
let last = performance.now();

setInterval(() => {
  const element = document.querySelector("[data-poll]");
  if (!element || document.hidden || performance.now() - last < Number(element.dataset.poll)) return;
  last = performance.now();
  element.dispatchEvent(new CustomEvent("poll"));
}, STEP_MS);
