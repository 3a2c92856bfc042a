// form[data-mirror] shows what the address says: a morph leaves a control that the person changed as it was.
const reset = (control) => {
  if (control === document.activeElement && control.matches("input:not([type=checkbox], [type=radio]), textarea")) return;
  if (control.matches("input[type=checkbox], input[type=radio]")) control.checked = control.defaultChecked;
  else if (control.matches("select")) for (const option of control.options) option.selected = option.defaultSelected;
  else if (control.matches("input:not([type=hidden]), textarea")) control.value = control.defaultValue;
};

document.addEventListener("htmx:after:settle", () => {
  for (const form of document.querySelectorAll("form[data-mirror]")) for (const control of form.elements) reset(control);
});
