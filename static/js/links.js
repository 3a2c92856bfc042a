// htmx cancels clicks with Ctrl, Cmd or Shift on its links; opening a record in a new tab must keep working.
document.addEventListener("click", (event) => {
  if ((event.ctrlKey || event.metaKey || event.shiftKey) && event.target.closest("a[href]")) event.stopPropagation();
}, true);
