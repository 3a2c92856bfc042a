// [data-marks] holds a drawing of zones and a form: a tap, Enter or Space on a zone puts its place into the form.
const choose = (zone, at) => {
  const holder = zone.closest("[data-marks]");
  const form = holder.querySelector("form");
  const here = holder.querySelector("[data-here]");
  for (const other of holder.querySelectorAll("[data-zone]")) other.setAttribute("aria-pressed", String(other === zone));
  form.elements.zone.value = zone.dataset.zone;
  form.elements.x.value = Math.round(at.x);
  form.elements.y.value = Math.round(at.y);
  here.setAttribute("cx", form.elements.x.value);
  here.setAttribute("cy", form.elements.y.value);
  form.elements.kind.focus();
};
const centre = (zone) => ({
  x: zone.x.baseVal.value + zone.width.baseVal.value / 2,
  y: zone.y.baseVal.value + zone.height.baseVal.value / 2,
});

document.addEventListener("click", (event) => {
  const zone = event.target.closest?.("[data-marks] [data-zone]");
  if (!zone) return;
  const drawing = zone.ownerSVGElement;
  choose(zone, new DOMPoint(event.clientX, event.clientY).matrixTransform(drawing.getScreenCTM().inverse()));
});
document.addEventListener("keydown", (event) => {
  const zone = event.target.closest?.("[data-marks] [data-zone]");
  if (!zone || (event.key !== "Enter" && event.key !== " ")) return;
  event.preventDefault();
  event.stopPropagation();
  choose(zone, centre(zone));
});
// Another zone chosen from the list has no point of its own: it stands in the middle.
document.addEventListener("change", (event) => {
  const form = event.target.closest?.("[data-marks] form");
  if (!form || event.target.name !== "zone") return;
  form.elements.x.value = "";
  form.elements.y.value = "";
  const zone = form.closest("[data-marks]").querySelector(`[data-zone="${CSS.escape(event.target.value)}"]`);
  const here = form.closest("[data-marks]").querySelector("[data-here]");
  const at = zone ? centre(zone) : { x: -50, y: -50 };
  here.setAttribute("cx", at.x);
  here.setAttribute("cy", at.y);
});
// Once a mark is kept, the next one begins with nothing.
document.addEventListener("htmx:after:swap", (event) => {
  const form = event.detail.ctx?.sourceElement?.closest?.("[data-marks] form");
  if (!form || event.detail.ctx.response?.status !== 200) return;
  form.reset();
  form.elements.x.value = form.elements.y.value = "";
  form.closest("[data-marks]").querySelector("[data-here]").setAttribute("cx", -50);
});
