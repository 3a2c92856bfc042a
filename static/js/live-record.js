// [data-live-record="kind-id"] says who changed the record on the page; it never touches what is shown or typed.
// What was just sent from this page is on it already.
document.addEventListener("htmx:after:request", ({ detail }) => {
  if (detail.ctx.request.method !== "GET") document.body.dataset.read = new Date().toISOString();
});
document.addEventListener("live:change", ({ detail }) => {
  const place = document.querySelector(`[data-live-record="${detail.kind}-${detail.id}"]`);
  const { me, read } = document.body.dataset;
  if (!place || (detail.actor_id === me && detail.at <= read)) return;
  const note = place.querySelector("p");
  note.querySelector("span").textContent = place.dataset.words.replace("{n}", detail.actor || place.dataset.somebody);
  note.hidden = false;
});
