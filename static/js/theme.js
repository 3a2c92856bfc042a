// Runs before the styles, as a classic script, so that no page flashes in the wrong theme.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const wanted = root.dataset.theme;
    root.dataset.bsTheme = wanted === "auto" ? (system.matches ? "dark" : "light") : wanted;
  };
  apply();
  system.addEventListener("change", apply);
  document.addEventListener("theme", (event) => {
    root.dataset.theme = event.detail.value;
    apply();
    for (const button of document.querySelectorAll("[name=theme]")) {
      button.setAttribute("aria-pressed", String(button.value === event.detail.value));
    }
  });
})();
