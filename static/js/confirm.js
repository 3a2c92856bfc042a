// form[data-confirm="question"] asks in #confirm before it is sent; data-confirm-button names the answer.
const confirmed = new WeakSet();
// A region that is asked for again and again may have replaced the form while somebody thought about the question.
const successor = (form) => [...document.forms].find((other) => other.getAttribute("action") === form.getAttribute("action"));

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
    const present = form.isConnected ? form : successor(form);
    if (dialog.returnValue !== "confirm" || !present) return;
    confirmed.add(present);
    present.requestSubmit(submitter?.isConnected ? submitter : null);
  }, { once: true });
  dialog.showModal();
}, true);
