// [data-drop]: files that are dropped on it go into its file input, and its form is sent. A file beside it opens nothing.
const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
const mark = (panel) => {
  for (const other of document.querySelectorAll("[data-over]")) if (other !== panel) delete other.dataset.over;
  if (panel) panel.dataset.over = "";
};

document.addEventListener("dragover", (event) => {
  if (!hasFiles(event)) return;
  const panel = event.target.closest?.("[data-drop]");
  event.preventDefault();
  event.dataTransfer.dropEffect = panel ? "copy" : "none";
  mark(panel);
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) mark(null);
});
document.addEventListener("drop", (event) => {
  if (!hasFiles(event)) return;
  const input = event.target.closest?.("[data-drop]")?.querySelector("input[type=file]");
  event.preventDefault();
  mark(null);
  if (!input) return;
  input.files = event.dataTransfer.files;
  input.form.requestSubmit();
});
