// Small comforts. Every page works without them.
const secure = location.protocol === "https:" ? "; Secure" : "";

for (const button of document.querySelectorAll("[data-theme-toggle]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const next = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
    document.documentElement.dataset.bsTheme = next;
    document.cookie = `theme=${next}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  });
}

// "Choose all" for a list of checkboxes: <input type="checkbox" data-choose-all="name">
document.addEventListener("change", (event) => {
  const name = event.target.dataset && event.target.dataset.chooseAll;
  if (!name) return;
  for (const box of event.target.form.querySelectorAll(`input[type=checkbox][name="${name}"]`)) {
    box.checked = event.target.checked;
  }
  event.target.form.dispatchEvent(new Event("change", { bubbles: true }));
});

// What a field was refused for says nothing about what stands in it now.
document.addEventListener("change", ({ target }) => {
  const field = target.closest(".q-wrong");
  if (!field) return;
  field.classList.remove("q-wrong");
  for (const told of field.querySelectorAll(".invalid-feedback")) told.remove();
  for (const asked of field.querySelectorAll("[aria-invalid]")) asked.removeAttribute("aria-invalid");
});

// An open menu closes with Escape, by a click beside it, and when the keyboard has gone on.
const MENUS = "details.q-actions[open], details.q-menu[open]";
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.activeElement.closest(MENUS);
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
for (const elsewhere of ["click", "focusin"]) {
  document.addEventListener(elsewhere, (event) => {
    for (const menu of document.querySelectorAll(MENUS)) if (!menu.contains(event.target)) menu.open = false;
  });
}

// A form that costs money is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!("once" in form.dataset)) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
});
addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; });
