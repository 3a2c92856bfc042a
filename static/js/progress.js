// form[data-progress]: fetch cannot tell how much of a body is sent, so the request goes by XMLHttpRequest and drives the form's <progress>.
const NO_BODY = [204, 304];

const headersOf = (request) => new Headers(
  request.getAllResponseHeaders().trim().split(/\r?\n/).filter(Boolean).map((line) => {
    const at = line.indexOf(":");
    return [line.slice(0, at), line.slice(at + 1).trim()];
  }),
);

const send = (bar) => (address, options) => new Promise((resolve, reject) => {
  const request = new XMLHttpRequest();
  request.open(options.method, address);
  for (const [name, value] of Object.entries(options.headers)) request.setRequestHeader(name, value);
  request.upload.addEventListener("progress", (event) => {
    if (bar && event.lengthComputable) bar.value = event.loaded / event.total;
  });
  request.addEventListener("load", () => {
    const body = NO_BODY.includes(request.status) ? null : request.responseText;
    resolve(new Response(body, { status: request.status, headers: headersOf(request) }));
  });
  request.addEventListener("error", () => reject(new TypeError("The upload did not reach the server.")));
  request.addEventListener("abort", () => reject(new DOMException("The upload was stopped.", "AbortError")));
  options.signal?.addEventListener("abort", () => request.abort());
  if (bar) bar.hidden = false;
  request.send(options.body);
});

document.addEventListener("htmx:config:request", (event) => {
  const form = event.target.closest?.("form[data-progress]");
  if (form) event.detail.ctx.fetch = send(form.querySelector("progress"));
});
