// details[data-menu] behaves as a menu: one open at a time, closed by Escape and by a click elsewhere. What a filter offers
// is counted only while somebody looks: a menu[data-later] has the list answer again with its values.
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
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  if (document.querySelector("details[data-menu][open]")) ctx.request.headers["X-Menus"] = "open";
});
document.addEventListener(
  "toggle",
  ({ target }) => {
    if (target.matches("details[data-later][open]")) target.closest("section").dispatchEvent(new CustomEvent("menus"));
  },
  true,
);
