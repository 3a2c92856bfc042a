// [data-live-record="kind-id"] says who changed the record on the page; it never touches what is shown or typed.
document.addEventListener("live:change", ({ detail }) => {
  const place = document.querySelector(`[data-live-record="${detail.kind}-${detail.id}"]`);
  const { me, read } = document.body.dataset;
  if (!place || (detail.actor_id === me && detail.at <= read)) return;
  const note = place.querySelector("p");
  note.querySelector("span").textContent = place.dataset.words.replace("{n}", detail.actor || place.dataset.somebody);
  note.hidden = false;
});
