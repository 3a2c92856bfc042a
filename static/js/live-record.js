// [data-live-record="kind-id"] says who changed the record on the page; it never touches what is shown or typed.
// What is sent from this page, and what came of it a moment later, is its own: the clock of this computer is not asked.
const OWN_MS = 15_000;
let sent = -Infinity;
document.addEventListener("htmx:before:request", ({ detail }) => {
  if (detail.ctx.request.method !== "GET") sent = Infinity;
});
document.addEventListener("htmx:after:request", ({ detail }) => {
  const { request, response } = detail.ctx;
  if (request.method === "GET") return;
  sent = performance.now();
  // A panel was exchanged for itself; the timeline tells of the change too.
  if (response.status === 200) document.getElementById("timeline")?.dispatchEvent(new Event("stale"));
});
document.addEventListener("htmx:error", () => { sent = performance.now(); });
document.addEventListener("live:change", ({ detail }) => {
  const place = document.querySelector(`[data-live-record="${detail.kind}-${detail.id}"]`);
  const { me, read } = document.body.dataset;
  const isOwn = detail.actor_id === me && (detail.at <= read || performance.now() - sent < OWN_MS);
  if (!place || isOwn) return;
  const note = place.querySelector("p");
  note.querySelector("span").textContent = place.dataset.words.replace("{n}", detail.actor || place.dataset.somebody);
  note.hidden = false;
});
