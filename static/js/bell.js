// a[data-bell] opens #bell with the newest notifications; its count follows the stream. a[data-reads] marks what it leads to.
const MOST = 99;
const bell = () => document.querySelector("[data-bell]");
const menu = () => document.getElementById("bell");

const count = (unread) => {
  const { label, labelUnread } = bell().dataset;
  const shown = unread > MOST ? `${MOST}+` : String(unread);
  const badge = bell().querySelector(".bell-count");
  badge.textContent = unread ? shown : "";
  badge.hidden = !unread;
  bell().setAttribute("aria-label", unread ? labelUnread.replace("{n}", shown) : label);
};

const settle = (line) => {
  line?.removeAttribute("data-unread");
  line?.querySelector("form")?.remove();
};

document.addEventListener("click", (event) => {
  const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey);
  if (isPlain && event.target.closest("[data-bell]")) {
    event.preventDefault();
    menu().togglePopover();
    if (menu().matches(":popover-open")) menu().dispatchEvent(new CustomEvent("open-bell"));
  }
  const link = event.target.closest("a[data-reads]");
  if (!link) return;
  const headers = { ...JSON.parse(document.body.getAttribute("hx-headers:inherited")), "hx-request": "true" };
  fetch(link.dataset.reads, { method: "POST", headers, keepalive: true });
  settle(link.closest("li"));
});
document.addEventListener("htmx:after:request", (event) => {
  const form = event.target.closest?.("form[data-read]");
  if (form && event.detail.ctx.response?.status === 204) settle(form.closest("li"));
});
document.addEventListener("live:notification", ({ detail }) => {
  if (!bell()) return;
  count(detail.unread);
  if (menu().matches(":popover-open")) menu().dispatchEvent(new CustomEvent("open-bell"));
});
document.addEventListener("live:resync", async () => {
  if (!bell()) return;
  const answer = await fetch("/api/v1/notifications?limit=1");
  if (answer.ok) count((await answer.json()).unread);
});
