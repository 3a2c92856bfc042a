// #dialog opens when htmx fills it; [data-close] closes; a click beside the sheet closes it while nothing was typed.
// Browsers without command/commandfor get the same here.
const knowsCommands = "commandForElement" in HTMLButtonElement.prototype;
const isDirty = (dialog) => [...dialog.querySelectorAll("input:not([type=hidden]), textarea")].some(
  (control) => control.value !== control.defaultValue || control.checked !== control.defaultChecked,
);

const openFilled = () => {
  const dialog = document.getElementById("dialog");
  if (!dialog || dialog.open || !dialog.firstElementChild) return;
  const heading = dialog.querySelector("h1, h2");
  if (heading) dialog.setAttribute("aria-label", heading.textContent.trim());
  dialog.showModal();
};

document.addEventListener("htmx:after:swap", openFilled);
document.addEventListener("click", (event) => {
  const dialog = event.target.closest("dialog");
  if (dialog && event.target.closest("[data-close]")) dialog.close();
  else if (event.target === dialog && !isDirty(dialog)) dialog.close();
  const opener = event.target.closest("button[command='show-modal']");
  if (opener && !knowsCommands) document.getElementById(opener.getAttribute("commandfor")).showModal();
});
document.addEventListener("close", (event) => {
  if (event.target.id === "dialog") event.target.replaceChildren();
}, true);

// A page answered as 422 without htmx shows its dialog open; make it modal.
for (const dialog of document.querySelectorAll("dialog.sheet[open]")) {
  dialog.close();
  dialog.showModal();
}
