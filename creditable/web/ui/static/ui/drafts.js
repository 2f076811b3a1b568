// <form data-keep="name">: what is typed into it is kept in this tab, so that a sign-out in between
// loses nothing. It is forgotten when the form was sent, when the person signs out, and when
// another person signs in. Never kept: passwords, codes, hidden fields, files, and ticks, since a
// tick may be a consent.
//
// It also runs on the sign-in page that one is led to: what was being sent then did not arrive.

const STORE = "drafts"; // {person, forms: {"path name": {typed: {field: value}, sent}}}
const NEVER = "[type=password], [type=hidden], [type=file], [type=checkbox], [autocomplete=one-time-code]";

const signedIn = document.getElementById("idle")?.dataset;

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(STORE)) ?? { forms: {} };
  } catch {
    return { forms: {} };
  }
}

function write(kept) {
  try {
    if (Object.keys(kept.forms).length) sessionStorage.setItem(STORE, JSON.stringify(kept));
    else sessionStorage.removeItem(STORE);
  } catch {
    // This browser keeps nothing; the form works all the same.
  }
}

const name = (form) => `${location.pathname} ${form.dataset.keep}`;
const fields = (form) => [...form.elements].filter((field) => field.name && field.matches("input, select, textarea") && !field.matches(NEVER));

// By its attribute: where a control is named "action", `form.action` is that control.
const goesTo = (form) => new URL(form.getAttribute("action") ?? "", location).pathname;

function keep(form, sent = false) {
  const kept = read();
  kept.person = signedIn.person;
  const typed = {};
  for (const field of fields(form)) if (field.type !== "radio" || field.checked) typed[field.name] = field.value;
  kept.forms[name(form)] = { typed, sent };
  write(kept);
}

function bringBack(form, typed) {
  let changed = false;
  for (const field of fields(form)) {
    if (!Object.hasOwn(typed, field.name)) continue;
    const value = typed[field.name];
    if (field.type === "radio" ? field.checked || field.value !== value : field.value === value) continue;
    if (field.type === "radio") field.checked = true;
    else field.value = value;
    field.closest("details")?.setAttribute("open", "");
    changed = true;
  }
  if (changed) form.prepend(document.getElementById("kept").content.cloneNode(true));
}

function onPage() {
  const kept = read();
  if (kept.person !== signedIn.person) kept.forms = {};
  const forms = [...document.querySelectorAll("form[data-keep]")];
  const typed = new Map(forms.map((form) => [form, kept.forms[name(form)]]));
  for (const [key, draft] of Object.entries(kept.forms)) if (draft.sent) delete kept.forms[key];
  write(kept);
  for (const [form, draft] of typed) {
    if (form.querySelector("[aria-invalid=true]")) keep(form); // it came back to be corrected
    else if (draft && !draft.sent) bringBack(form, draft.typed);
  }
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form?.matches("[data-keep]") && !event.target.matches(NEVER)) keep(form);
  });
  document.addEventListener("submit", ({ target: form }) => {
    if (goesTo(form) === signedIn.signOut) write({ forms: {} });
    else if (form.matches("[data-keep]")) keep(form, true);
  });
}

function onSignIn() {
  const kept = read();
  for (const draft of Object.values(kept.forms)) draft.sent = false;
  write(kept);
  const typed = document.getElementById("typed");
  if (typed) typed.hidden = !Object.keys(kept.forms).length;
}

if (signedIn) onPage();
else onSignIn();
