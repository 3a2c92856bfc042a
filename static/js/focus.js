// A control that is off while its request runs, or replaced by the answer, loses the focus; its successor of the same id gets it.
const senders = new WeakMap();

const giveBack = (id) => {
  if (document.activeElement && document.activeElement !== document.body) return;
  document.getElementById(id)?.focus({ preventScroll: true });
};

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const active = document.activeElement;
  if (active?.id && ctx.sourceElement.contains(active)) senders.set(ctx, active.id);
});
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  const id = senders.get(ctx);
  if (id) queueMicrotask(() => giveBack(id)); // only then is what was off on again
});
