// Event `toast` {text, tone, reference}, usually from HX-Trigger: what worked goes by itself, what needs someone stays until closed.
// With `undo`, a token, it has the button of template#toast-undo, for as long as the token is good.
const SHOWN_FOR_MS = 6000;
const UNDO_FOR_MS = 10000;
const region = () => document.getElementById("toasts");

const closable = (note) => {
  const close = document.createElement("button");
  close.type = "button";
  close.className = "icon-button";
  close.textContent = "\u00d7";
  close.setAttribute("aria-label", region().dataset.closeLabel);
  close.addEventListener("click", () => note.remove());
  note.append(close);
  const undo = note.querySelector("form");
  const leave = () => (!undo && note.matches(":hover, :focus-within") ? setTimeout(leave, SHOWN_FOR_MS) : note.remove());
  if (note.dataset.tone !== "act") setTimeout(leave, undo ? UNDO_FOR_MS : SHOWN_FOR_MS);
};

const undoForm = (token) => {
  const form = document.getElementById("toast-undo").content.firstElementChild.cloneNode(true);
  form.querySelector("[name=token]").value = token;
  return form;
};

const raise = () => {
  if (region().matches(":popover-open")) region().hidePopover();
  region().showPopover();
};

const show = ({ text, tone = "good", reference = "", undo = "" }) => {
  const note = document.createElement("div");
  const words = document.createElement("p");
  note.className = "toast-note";
  note.dataset.tone = tone;
  words.textContent = reference ? `${text} (${reference})` : text;
  note.append(words);
  if (undo) note.append(undoForm(undo));
  region().append(note);
  window.htmx.process(note);
  closable(note);
  raise();
};

const adopt = () => region()?.querySelectorAll(".toast-note:not(:has(.icon-button))").forEach(closable);

document.addEventListener("toast", (event) => show(event.detail));
document.addEventListener("htmx:error", (event) => {
  if (event.detail.ctx && !event.detail.ctx.response) show({ text: document.body.dataset.offline, tone: "act" });
});
document.addEventListener("htmx:after:settle", adopt);
adopt();
