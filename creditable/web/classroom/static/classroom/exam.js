// Saves each answer as it is given and shows the server's clock. Without this script the same
// forms do the same, one press of a button later.

const exam = document.getElementById("exam");
const left = document.getElementById("exam-left");
const saved = document.getElementById("exam-saved");
const progress = document.getElementById("exam-progress");
const says = document.getElementById("exam-says");
const open = document.getElementById("exam-open");
const handIn = document.getElementById("hand-in");
const questions = Number(exam.dataset.questions);

const RETRY = 4_000;
const ANNOUNCE = [600, 300, 60];

let ends = performance.now() + Number(exam.dataset.secondsLeft) * 1000;
let over = false;
const waiting = new Map(); // form -> when it may be tried again
const answered = new Set();

function clockWords(seconds) {
  const minutes = Math.floor(seconds / 60);
  const rest = String(seconds % 60).padStart(2, "0");
  return `${minutes}:${rest}`;
}

function count() {
  saved.textContent = answered.size;
  progress.value = answered.size;
  const missing = questions - answered.size;
  open.textContent = missing
    ? `${missing} ${missing === 1 ? "question has" : "questions have"} no saved answer yet; one without an answer earns nothing.`
    : "Every question has an answer.";
}

function mark(form, words, bad = false) {
  const state = form.querySelector("[data-state]");
  state.textContent = words;
  state.dataset.state = bad ? "bad" : "";
}

async function save(form) {
  if (form.dataset.busy || over) return;
  form.dataset.busy = "yes";
  waiting.set(form, Infinity);
  mark(form, "Saving…");
  const sent = new FormData(form);
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: sent,
    });
    if (answer.redirected || answer.status === 403) return signedOut(form);
    settle(form, sent, await answer.json());
  } catch {
    form.dataset.doubt = "yes"; // it may have arrived
    waiting.set(form, performance.now() + RETRY);
    mark(form, "Not saved yet: no connection. Trying again.", true);
  } finally {
    delete form.dataset.busy;
  }
}

function settle(form, sent, said) {
  if (said.seconds_left !== undefined) ends = performance.now() + said.seconds_left * 1000;
  if (said.state === "over") return finish();
  if (["saved", "stale"].includes(said.state)) form.elements.version.value = said.version + 1;
  if (said.state === "stale" && form.dataset.doubt) {
    waiting.set(form, 0); // our own earlier try had arrived: this is a change of mind
  } else if (said.state === "stale") {
    waiting.delete(form);
    form.elements.choice.value = String(said.choice); // none when nothing is saved
    if (said.version) answered.add(form);
    mark(form, said.message, true);
  } else if (said.state === "saved") {
    delete form.dataset.doubt;
    answered.add(form);
    if (form.elements.choice.value === sent.get("choice")) {
      waiting.delete(form);
      mark(form, "Saved");
    } else waiting.set(form, 0); // changed while it was on its way
  } else {
    waiting.delete(form);
    mark(form, said.message, true);
  }
  count();
}

function signedOut(form) {
  waiting.delete(form);
  mark(form, "Not saved: you are signed out here. Reload this page; saved answers stay.", true);
}

function finish() {
  if (over) return;
  over = true;
  says.textContent = "Time is up. Your saved answers are being graded.";
  handIn.submit();
}

function tick() {
  const seconds = Math.max(0, Math.ceil((ends - performance.now()) / 1000));
  left.textContent = clockWords(seconds);
  if (ANNOUNCE.includes(seconds)) says.textContent = `${seconds / 60} minutes left.`.replace(/^1 minutes/, "1 minute");
  for (const [form, when] of waiting) if (performance.now() >= when) save(form);
  if (!seconds) finish();
}

for (const form of document.querySelectorAll("[data-answer]")) {
  form.querySelector("[data-save]").hidden = true;
  if (form.elements.version.value !== "1") answered.add(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save(form);
  });
  form.addEventListener("change", () => {
    if (form.dataset.busy) waiting.set(form, 0);
    else save(form);
  });
}

// Handing in waits for what is still on its way.
handIn.addEventListener("submit", (event) => {
  if (!waiting.size || over) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  says.textContent = "Some answers are not saved yet. Wait a moment, then hand in again.";
  open.textContent = "Some answers are not saved yet. Wait a moment, then hand in again.";
});
addEventListener("beforeunload", (event) => {
  if (waiting.size && !over) event.preventDefault();
});

count();
tick();
setInterval(tick, 1000);
