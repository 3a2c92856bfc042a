// body[data-live="position"]: one stream of the server's events for this tab, told on as document events `live:change`,
// `live:notification` and `live:resync`. A hidden tab gives its connection up (HTTP/1.1 has six for all tabs of a
// browser) and asks for what it missed when it is seen again.
const HIDDEN_MS = 10_000;
const FIRST_MS = 2000;
const LONGEST_MS = 60_000;
const NAMES = ["change", "notification", "resync"];
let source;
let closing;
let last = document.body.dataset.live;
let pause = FIRST_MS;

const tell = (name) => (event) => {
  last = event.lastEventId;
  document.dispatchEvent(new CustomEvent(`live:${name}`, { detail: JSON.parse(event.data) }));
};

const close = () => {
  source?.close();
  source = undefined;
};

const open = () => {
  if (source || document.hidden || !last) return;
  source = new EventSource(`/live?after=${last}`);
  source.addEventListener("open", () => { pause = FIRST_MS; });
  source.addEventListener("hello", (event) => { last ||= event.lastEventId; });
  for (const name of NAMES) source.addEventListener(name, tell(name));
  source.addEventListener("error", () => {
    if (source?.readyState !== EventSource.CLOSED) return; // the browser connects again by itself
    close();
    setTimeout(open, pause);
    pause = Math.min(pause * 2, LONGEST_MS);
  });
};

document.addEventListener("visibilitychange", () => {
  clearTimeout(closing);
  if (document.hidden) closing = setTimeout(close, HIDDEN_MS);
  else open();
});
addEventListener("pagehide", close);
addEventListener("pageshow", open);
