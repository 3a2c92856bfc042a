// [data-seconds] counts down as 14:59; at the end it says what [data-over] says. A page that comes back begins anew from its own number.
const ends = new WeakMap();

setInterval(() => {
  for (const element of document.querySelectorAll("[data-seconds]")) {
    if (!ends.has(element)) ends.set(element, performance.now() + Number(element.dataset.seconds) * 1000);
    const left = Math.ceil((ends.get(element) - performance.now()) / 1000);
    const text = left > 0 ? `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}` : element.dataset.over;
    if (element.textContent !== text) element.textContent = text;
  }
}, 500);
