// Saves each answer as it is given, keeps in this window what a lost connection holds up, and shows
// the server's clock. Without this script the same forms do the same, one press of a button later.

const exam = document.getElementById("exam");
const sheet = document.getElementById("sheet");
const handIn = document.getElementById("hand-in");
const at = (id) => document.getElementById(id);
const left = at("exam-left");
const says = at("exam-says");
const open = at("exam-open");
const words = Object.fromEntries(
  [...at("exam-words").content.querySelectorAll("[data-word]")].map((one) => [one.dataset.word, one.textContent]),
);

const KEY = `exam ${exam.dataset.attempt}`;
const FIRST_RETRY = 2_000;
const LAST_RETRY = 15_000;
const PATIENCE = 10_000;
const ANNOUNCE = [10, 5, 1]; // minutes

const hour = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "numeric", minute: "2-digit" });
const chips = document.querySelectorAll(".exam__map a");

// The server's clock: its instant and the time left as it said them, carried on by the time that
// has passed since. The device's own clock is never asked.
let told = { now: Number(exam.dataset.now), left: Number(exam.dataset.secondsLeft), at: performance.now() };
let over = false;

const passed = () => performance.now() - told.at;
const secondsLeft = () => Math.max(0, Math.ceil(told.left - passed() / 1000));

function listen(said) {
  if (said.now === undefined || said.now === null) return;
  told = { now: said.now, left: said.seconds_left, at: performance.now() };
}

function say(word, count) {
  return words[word].replace("{count}", count);
}

// One entry a question, as the server wrote it and not as the browser filled it in again. `version`
// and `choice` are what we know to be saved; `pending` is the choice that is not; `tried` are
// choices that were sent and may have arrived.
const entries = [...sheet.querySelectorAll("li")].map((card, index) => ({
  card,
  place: index + 1,
  chip: chips[index],
  radios: [...card.querySelectorAll("[type=radio]")],
  version: Number(card.querySelector("[name=answer]").value.split(".")[1]) - 1,
  choice: card.querySelector("[checked]")?.value ?? "",
  pending: null,
  tried: new Set(),
  flagged: false,
  busy: false,
  again: 0,
  pause: FIRST_RETRY,
}));
const pending = () => entries.filter((entry) => entry.pending !== null);

// What is not saved yet stays in this window through a reload, and so do the flags.
function keep() {
  const unsaved = pending().map(({ place, pending, version, tried }) => ({ place, pending, version, tried: [...tried] }));
  const flags = entries.filter((entry) => entry.flagged).map((entry) => entry.place);
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ unsaved, flags }));
  } catch {
    // A window that may store nothing still saves to the server.
  }
}

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

function forget() {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Nothing was stored.
  }
}

function state(entry, text, bad = false) {
  const line = entry.card.querySelector("[data-state]");
  line.textContent = text;
  line.dataset.state = bad ? "bad" : "";
}

function show(entry, choice) {
  for (const radio of entry.radios) radio.checked = radio.value === choice;
}

// The page itself stays where it is: moved between press and release, it would swallow the click.
function follow({ chip }) {
  const strip = chip.closest(".exam__map");
  const [part, whole] = [chip.getBoundingClientRect(), strip.getBoundingClientRect()];
  strip.scrollLeft += part.left + part.width / 2 - whole.left - whole.width / 2;
}

function stateSaved(entry, instant) {
  state(entry, words.saved.replace("{at}", hour.format(new Date(instant))));
}

function count() {
  const answered = entries.filter((entry) => entry.version).length;
  const unsaved = pending().length;
  at("exam-saved").textContent = answered;
  at("exam-waiting").textContent = unsaved ? say("waiting", unsaved) : "";
  at("exam-progress").value = answered;
  const missing = entries.length - answered;
  open.textContent = !missing ? words.complete : missing === 1 ? words.missing_one : say("missing", missing);
  const marked = entries.filter((entry) => entry.flagged).length;
  at("exam-flagged").textContent = !marked ? "" : marked === 1 ? words.flagged_one : say("flagged_some", marked);
  for (const { chip, place, version, pending, flagged } of entries) {
    chip.toggleAttribute("data-answered", version > 0);
    chip.toggleAttribute("data-pending", pending !== null);
    chip.toggleAttribute("data-flagged", flagged);
    const answer = pending !== null ? words.not_saved : version ? words.answered : words.not_answered;
    chip.ariaLabel = place + answer + (flagged ? words.flagged : "");
  }
}

function choose(entry) {
  entry.pending = entry.radios.find((radio) => radio.checked).value;
  entry.again = 0;
  keep();
  count();
  send(entry);
}

async function send(entry) {
  if (entry.busy || over) return;
  entry.busy = true;
  const sent = entry.pending;
  entry.tried.add(sent);
  keep();
  const { place, version } = entry;
  const body = new URLSearchParams({
    token: sheet.elements.token.value,
    answer: `${place}.${version + 1}`,
    [`q${place}`]: sent,
  });
  state(entry, words.saving);
  try {
    const answer = await fetch(sheet.action, {
      method: "POST",
      headers: { Accept: "application/json" },
      body,
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (answer.status === 403) signedOut(entry);
    else hear(entry, sent, await answer.json());
    entry.pause = FIRST_RETRY;
  } catch {
    entry.again = performance.now() + entry.pause; // it may have arrived: `tried` remembers it
    entry.pause = Math.min(entry.pause * 2, LAST_RETRY);
    state(entry, words.unsaved, true);
  } finally {
    entry.busy = false;
    keep();
    count();
    if (entry.pending !== null && entry.again === 0) send(entry);
  }
}

function hear(entry, sent, said) {
  listen(said);
  if (said.state === "over") return finish();
  if (said.state === "saved") {
    stands(entry, said.version, sent);
    if (entry.pending === sent) rest(entry, said.at);
    else entry.again = 0; // changed while it was on its way
  } else if (said.state === "stale") {
    agree(entry, said.version, said.choice === null ? "" : String(said.choice), said.at);
  } else {
    entry.pending = null;
    entry.tried.clear();
    state(entry, said.message, true);
  }
}

function stands(entry, version, choice) {
  entry.version = version;
  entry.choice = choice;
}

function rest(entry, instant) {
  entry.pending = null;
  entry.tried.clear();
  stateSaved(entry, instant);
}

// The server knows of another version than we do. Either an earlier try of ours had arrived, or
// somebody answered on another device.
function agree(entry, version, choice, instant) {
  const ours = version === entry.version + 1 && entry.tried.has(choice);
  stands(entry, version, choice);
  if (ours && entry.pending === choice) return rest(entry, instant);
  if (ours) {
    entry.again = 0; // a change of mind since
    return;
  }
  entry.pending = null;
  entry.tried.clear();
  show(entry, choice);
  state(entry, version ? words.elsewhere : words.gone, true);
}

function signedOut(entry) {
  entry.again = Infinity;
  state(entry, words.signed_out, true);
}

// Asks for the time when the page comes back, and sends at once what waits.
async function resume() {
  for (const entry of pending()) if (entry.again !== Infinity) entry.again = 0;
  const said = await ask();
  if (said?.state === "over") finish();
}

async function ask() {
  try {
    const answer = await fetch("clock/", { signal: AbortSignal.timeout(PATIENCE) });
    if (answer.redirected || !answer.ok) return { state: "away" };
    const said = await answer.json();
    listen(said);
    return said;
  } catch {
    return null;
  }
}

// The exam has ended: by our clock, or, while that still runs, because it was handed in elsewhere.
function finish() {
  if (over) return;
  const elsewhere = secondsLeft() > 0;
  over = true;
  for (const entry of entries) {
    entry.card.querySelector("fieldset").disabled = true;
    if (entry.pending !== null) state(entry, elsewhere ? words.ended : words.late, true);
    entry.pending = null;
  }
  forget();
  handIn.querySelector("button").disabled = true;
  announce(elsewhere ? words.elsewhere_ended : words.up);
  conclude();
}

// The result opens as soon as the server can be reached; until then the page stays.
async function conclude() {
  if (await ask()) {
    location.assign(exam.dataset.result); // which ends an attempt whose time is up
    return;
  }
  announce(words.up_offline);
  setTimeout(conclude, 5_000);
}

function announce(text) {
  if (says.textContent !== text) says.textContent = text;
  open.textContent = text;
}

let before = secondsLeft();

function tick() {
  const seconds = secondsLeft();
  left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  at("exam-now").textContent = hour.format(new Date(told.now + passed()));
  for (const minutes of ANNOUNCE) {
    if (before > minutes * 60 && seconds <= minutes * 60 && seconds) {
      says.textContent = minutes === 1 ? words.minute : say("minutes", minutes);
    }
  }
  before = seconds;
  for (const entry of pending()) if (performance.now() >= entry.again) send(entry);
  if (!seconds && !over) finish();
}

function flag(entry, flagged) {
  const button = entry.card.querySelector("[data-flag]");
  entry.flagged = flagged;
  button.setAttribute("aria-pressed", String(flagged));
  button.firstChild.textContent = flagged ? words.unflag : words.flag;
}

const { unsaved = [], flags = [] } = kept();
for (const entry of entries) {
  const { card, place } = entry;
  card.querySelector("[name=answer]").hidden = true;
  card.querySelector("p").append(at("exam-flag").content.cloneNode(true));
  const button = card.querySelector("[data-flag]");
  button.lastChild.textContent = `: ${place}`;
  flag(entry, flags.includes(place));
  button.addEventListener("click", () => {
    flag(entry, !entry.flagged);
    keep();
    count();
  });
  const { savedAt } = card.querySelector("[data-state]").dataset;
  if (savedAt) stateSaved(entry, Number(savedAt));
  card.addEventListener("change", () => choose(entry));
  card.addEventListener("focusin", () => follow(entry));

  const held = unsaved.find((one) => one.place === place);
  if (!held) {
    show(entry, entry.choice);
    continue;
  }
  entry.pending = held.pending;
  entry.tried = new Set(held.tried);
  if (held.version !== entry.version) {
    const { version, choice } = entry;
    entry.version = held.version;
    agree(entry, version, choice, savedAt ? Number(savedAt) : told.now);
  }
  if (entry.pending !== null) show(entry, entry.pending);
}
keep();
sheet.addEventListener("submit", (event) => event.preventDefault());

// Handing in waits for what is still on its way, and for the connection: the page stays until then.
handIn.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (over) return;
  if (pending().length) return announce(words.wait);
  const button = handIn.querySelector("button");
  button.setAttribute("aria-disabled", "true");
  const said = await ask();
  if (!said) announce(words.not_handed_in);
  else if (said.state === "over") finish();
  else {
    button.textContent = button.dataset.busy;
    if (entries.every((entry) => entry.version)) forget(); // else one is asked first, and may go back
    handIn.submit();
    return;
  }
  button.removeAttribute("aria-disabled");
});
addEventListener("beforeunload", (event) => {
  if (pending().length && !over) event.preventDefault();
});
addEventListener("online", resume);
addEventListener("focus", resume);
addEventListener("pageshow", (event) => event.persisted && resume());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && resume());

at("exam-clock").hidden = false;
count();
tick();
setInterval(tick, 1000);
