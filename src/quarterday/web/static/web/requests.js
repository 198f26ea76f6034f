// What a reader is told while htmx asks for a part of a page, and in the place of an answer that does not come.
// The words wait in parts/requests.html, in the reader's language.
const works = document.getElementById("works");
const troubles = document.getElementById("troubles");
const told = new WeakMap(); // the place that was to change -> the words that stand before it
let asked = 0;

// A page that follows a run asks each second: it shows how far it is, and says nothing else.
const follows = (element) => (element.getAttribute("hx-trigger") || "").startsWith("every");

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (follows(detail.elt)) return;
  detail.target.setAttribute("aria-busy", "true");
  asked += 1;
  // What is there at once is not announced.
  setTimeout(() => { if (asked) works.textContent = works.dataset.words; }, 400);
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful) forget(detail.target);
  if (follows(detail.elt)) return;
  detail.target.removeAttribute("aria-busy");
  asked -= 1;
  if (!asked) works.textContent = "";
});

for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, ({ detail }) => tell(detail.target, detail.xhr.status));
}

function tell(place, status) {
  const words = troubles.content.querySelector(`[data-status="${status}"]`) || troubles.content.querySelector("[data-status]");
  // The same words are not read out twice.
  if (told.get(place)?.dataset.status === words.dataset.status) return;
  forget(place);
  const alert = words.cloneNode(true);
  place.before(alert);
  told.set(place, alert);
}

function forget(place) {
  told.get(place)?.remove();
  told.delete(place);
}
