// details[data-menu] behaves as a menu: one open at a time, closed by Escape and by a click elsewhere.
const closeOthers = (kept) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) if (menu !== kept) menu.open = false;
};

document.addEventListener("click", (event) => closeOthers(event.target.closest("details[data-menu]")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
