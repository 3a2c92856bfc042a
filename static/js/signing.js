// [data-signing] is a pad: its lines are kept as points in the hidden input of the form, and drawn again from them.
const WIDTH = 600;
const HEIGHT = 200;
const lines = new WeakMap();

const draw = (canvas) => {
  const pen = canvas.getContext("2d");
  pen.clearRect(0, 0, WIDTH, HEIGHT);
  pen.strokeStyle = getComputedStyle(canvas).color;
  pen.lineWidth = 3;
  pen.lineCap = pen.lineJoin = "round";
  for (const line of lines.get(canvas) ?? []) {
    pen.beginPath();
    line.forEach(([x, y], index) => (index ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    if (line.length === 1) pen.lineTo(line[0][0] + 0.1, line[0][1]);
    pen.stroke();
  }
  canvas.closest("[data-signing]").querySelector("input").value = lines.get(canvas)?.length ? JSON.stringify(lines.get(canvas)) : "";
};
const point = (canvas, event) => {
  const box = canvas.getBoundingClientRect();
  const clamp = (value, most) => Math.max(0, Math.min(most, Math.round(value)));
  return [clamp(((event.clientX - box.left) / box.width) * WIDTH, WIDTH), clamp(((event.clientY - box.top) / box.height) * HEIGHT, HEIGHT)];
};
const padOf = (event) => event.target.closest?.("[data-signing] canvas");

document.addEventListener("pointerdown", (event) => {
  const canvas = padOf(event);
  if (!canvas || !event.isPrimary) return;
  canvas.setPointerCapture(event.pointerId);
  lines.set(canvas, [...(lines.get(canvas) ?? []), [point(canvas, event)]]);
  draw(canvas);
});
document.addEventListener("pointermove", (event) => {
  const canvas = padOf(event);
  if (!canvas?.hasPointerCapture(event.pointerId)) return;
  lines.get(canvas).at(-1).push(point(canvas, event));
  draw(canvas);
});
document.addEventListener("click", (event) => {
  const canvas = event.target.closest?.("[data-wipe]")?.closest("[data-signing]").querySelector("canvas");
  if (!canvas) return;
  lines.delete(canvas);
  draw(canvas);
});

// Without a script the typed name alone stands for the signature.
const show = () => document.querySelectorAll("[data-signing]").forEach((pad) => { pad.hidden = false; });
document.addEventListener("htmx:after:swap", show);
show();
