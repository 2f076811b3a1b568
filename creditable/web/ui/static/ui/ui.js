// What every page gets. Nothing here is needed to use a page.

// A refused form is sent back with a summary of what is wrong: start there.
document.querySelector("[data-focus]")?.focus();

// The server writes instants in its own time zone; here they are told in the reader's.
const told = new Intl.DateTimeFormat(document.documentElement.lang, {
  year: "numeric",
  month: "long",
  day: "numeric",
  hour: "numeric",
  minute: "2-digit",
  timeZoneName: "short",
});
for (const time of document.querySelectorAll('time[datetime*="T"]')) {
  time.textContent = told.format(new Date(time.dateTime));
}

// On a phone the side navigation is one line that scrolls: show where one is.
const side = document.querySelector(".side-nav ul");
const here = side?.querySelector("[aria-current]");
if (here) side.scrollLeft = here.offsetLeft - (side.clientWidth - here.offsetWidth) / 2;

// <form data-once>: a second press while the first is on its way does nothing.
// The server is what makes a repeat harmless; this spares the person the doubt.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  const button = event.submitter;
  if (!button) return;
  button.setAttribute("aria-disabled", "true");
  if (!button.dataset.busy) return;
  button.dataset.idle = button.textContent;
  button.textContent = button.dataset.busy;
});

// Coming back with the Back button shows the page as it was: let the form be sent again.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    const button = form.querySelector("button[aria-disabled]");
    button?.removeAttribute("aria-disabled");
    if (button?.dataset.idle) button.textContent = button.dataset.idle;
  }
});
