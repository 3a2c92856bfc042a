// hx-sse never retries a first connection that fails: process the element again after a while.
const RETRY_MS = 5000;

const again = (event) => {
  const element = event.target;
  if (!element.hasAttribute?.("hx-sse:connect")) return;
  setTimeout(() => {
    if (!element.isConnected) return;
    const fresh = element.cloneNode(true);
    element.replaceWith(fresh);
    window.htmx.process(fresh);
  }, RETRY_MS);
};

document.addEventListener("htmx:error", again);
document.addEventListener("htmx:response:error", again);
