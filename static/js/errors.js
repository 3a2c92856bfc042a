// A failed partial request leaves the page as it is: without this an empty 404 blanks the target and its address is pushed.
// 422 carries the form again; HX-Reswap says that the server has something to show; a whole page may be replaced.
document.addEventListener("htmx:before:swap", (event) => {
  const { ctx } = event.detail;
  const status = ctx.response?.status ?? 200;
  if (status < 400 || status === 422 || ctx.hx?.reswap || ctx.target === document.body) return;
  event.preventDefault();
});
