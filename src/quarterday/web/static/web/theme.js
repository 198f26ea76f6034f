// Light or dark: the reader's choice (a cookie, which the server reads), else what the system prefers.
(() => {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => { root.dataset.bsTheme = system.matches ? "dark" : "light"; };
  if (!/(?:^|; )theme=(light|dark)/.test(document.cookie)) {
    follow();
    system.addEventListener("change", follow);
  }
})();
