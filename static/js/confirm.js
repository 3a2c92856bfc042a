// form[data-confirm="question"] asks in #confirm before it is sent; data-confirm-button names the answer.
const confirmed = new WeakSet();

document.addEventListener("submit", (event) => {
  const form = event.target;
  const dialog = document.getElementById("confirm");
  const question = event.submitter?.dataset.confirm ?? form.dataset.confirm;
  if (!question || confirmed.delete(form)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const submitter = event.submitter;
  const accept = dialog.querySelector("[value=confirm]");
  dialog.querySelector("p").textContent = question;
  accept.textContent = form.dataset.confirmButton ?? accept.dataset.confirmLabel;
  dialog.returnValue = "cancel";
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "confirm") return;
    confirmed.add(form);
    form.requestSubmit(submitter);
  }, { once: true });
  dialog.showModal();
}, true);
