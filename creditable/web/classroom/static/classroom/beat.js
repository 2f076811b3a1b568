// A lesson reports that it is being read or watched, and comes back to the place where it was left.
// All counting is the server's: what is sent from here can only make the time less.

const clock = document.getElementById("clock");
const text = document.getElementById("text");
const state = clock.querySelector(".clock__state");
const time = document.getElementById("clock-time");
const bar = clock.querySelector("progress");
const courseBar = document.querySelector("#course-meter progress");
const courseText = document.querySelector("#course-meter .meter__text");
const outline = document.querySelectorAll(".outline [data-minutes]"); // one line a lesson
const here = document.querySelector(".outline__here");
const examLine = document.getElementById("outline-exam");
const examClosed = document.getElementById("exam-closed");
const examLink = document.getElementById("clock-exam");

const player = document.querySelector("course-player");
const lostLine = document.getElementById("clock-lost");
const lostSaid = document.getElementById("clock-lost-said");
const nextLocked = document.getElementById("next-locked");
const backLine = document.getElementById("back");

const BEAT = Number(clock.dataset.beat) * 1000;
const GAP = Number(clock.dataset.gap) * 1000;
const IDLE = 10 * 60_000;
const RETRY = 5_000;
const SETTLED = 2_000; // after scrolling, before the new place is reported
const SELDOM = 10_000; // and no more often than this
const SELDOM_SAID = 120_000; // what did not count is read out no more often than this
const SOON = 1_500; // two reports are no closer than this, but for the last one

// What is said here stands, translated, in the page.
const words = Object.fromEntries(
  [...document.getElementById("clock-words").content.querySelectorAll("[data-word]")].map((one) => [one.dataset.word, one.textContent]),
);
const fill = (word, values) => words[word].replace(/\{(\w+)\}/g, (_, name) => values[name]);
const outOf = (done, all) => fill("of", { done, all });

const cap = Number(clock.dataset.cap);
const courseCap = Number(clock.dataset.courseCap);
const coursePlan = document.getElementById("course-meter").dataset.plan;
let counted = Number(clock.dataset.counted);
let course = Number(clock.dataset.course);
let token = clock.dataset.token;
let spoke = performance.now(); // when the server last heard from us
let moved = performance.now(); // when the person last moved
let away = true; // the time since the server last heard from us was not spent reading
let pauses = 0;
let scrolling = 0;
let sending = false;
let failedAt = 0;
let ended = false;
let signedOut = false; // so that it ended
let paused = "";
let why = ""; // of the pause: "hidden" or "idle"
let touched = false; // somebody moved or typed since the server last heard from us
let begun = false; // the server has answered once
let still = ""; // why nothing of the last report counted: "text" of reading, "again" of watching
let lostSaidAt = -SELDOM_SAID;
const lost = {}; // seconds that did not count on this page, by reason

// The place in the text: number of the block at the top times 1000, plus the share above it.

const blocks = [...text.querySelectorAll("[id^=b]")].filter((block) => /^b\d+$/.test(block.id));
const edge = () => clock.offsetHeight + 8; // below the clock where it sticks

function position() {
  const top = edge();
  let current = null;
  for (const block of blocks) {
    if (block.getBoundingClientRect().top > top) break;
    current = block;
  }
  if (!current) return 0;
  const box = current.getBoundingClientRect();
  const share = Math.min(Math.max((top - box.top) / (box.height || 1), 0), 0.999);
  return Number(current.id.slice(1)) * 1000 + Math.floor(share * 1000);
}

function comeBack() {
  const seen = Number(clock.dataset.position);
  const asked = location.hash.slice(1);
  const block = document.getElementById(`b${Math.floor(seen / 1000)}`);
  const again = performance.getEntriesByType("navigation")[0]?.type !== "navigate";
  if (!block || again || (asked && asked !== block.id)) return;
  const box = block.getBoundingClientRect();
  scrollTo({ top: scrollY + box.top + (box.height * (seen % 1000)) / 1000 - edge(), behavior: "instant" });
}

// What the person sees

// Whole minutes, in the words of the server's own `duration`.
function duration(seconds) {
  const whole = Math.floor(seconds / 60);
  const hours = Math.floor(whole / 60);
  const rest = whole % 60;
  if (!hours) return fill("minutes", { minutes: rest });
  if (rest) return fill("hours_minutes", { hours, minutes: rest });
  return hours === 1 ? words.hour : fill("hours", { hours });
}

function running(seconds) {
  const whole = Math.floor(seconds);
  if (whole < 60) return fill("seconds", { seconds: whole });
  if (whole >= 3600 || whole % 60 === 0) return duration(whole);
  return fill("and_seconds", { time: duration(whole), seconds: whole % 60 });
}

function write(element, told) {
  if (element.textContent !== told) element.textContent = told;
}

function say(told, mood) {
  write(state, told);
  clock.dataset.mood = mood;
}

function tickOff(line) {
  if (!line.classList.replace("next", "done")) return;
  const check = document.getElementById("mark-done").content.cloneNode(true);
  line.querySelector(".timeline__mark").replaceChildren(check);
  write(line.querySelector("p"), fill("done", { time: line.dataset.minutes }));
}

function openExam() {
  if (!examClosed?.isConnected) return;
  examClosed.remove();
  examLink.hidden = false;
  const open = document.getElementById("mark-exam").content.cloneNode(true);
  examLine.querySelector(".timeline__mark").replaceChildren(open);
}

// Done is what the server has counted; what runs here until its answer is only shown.
const lessonDone = () => counted >= cap;
const courseDone = () => course >= courseCap;

function show() {
  const stuck = still === (player?.playing ? "again" : "text");
  const since = paused || ended || stuck ? 0 : Math.min(performance.now() - spoke, GAP) / 1000;
  const now = Math.min(cap, counted + since);
  write(time, running(now));
  bar.value = now;
  bar.setAttribute("aria-valuetext", outOf(duration(now), here.dataset.minutes));
  const all = course + now - counted;
  courseBar.value = all;
  write(courseText, outOf(duration(Math.min(all, courseBar.max)), coursePlan));
  courseBar.setAttribute("aria-valuetext", courseText.textContent);
  if (lessonDone()) {
    tickOff(here);
    openNext();
  } else if (now >= 60) write(here.querySelector("p"), outOf(duration(now), here.dataset.minutes));
  if (courseDone()) {
    outline.forEach(tickOff);
    openExam();
  }
  if (ended) return;
  if (courseDone()) say(words.all_done, "good");
  else if (lessonDone()) say(words.lesson_done, "good");
  else if (paused) say(paused, "warn");
  else if (failedAt && performance.now() - spoke > GAP) say(words.offline_long, "bad");
  else if (failedAt) say(words.offline, "warn");
  else if (stuck) say(words[`still_${still}`], "warn");
  else if (player?.playing) say(words.counting_video, "good");
  else say(words.counting, "good");
}

// A full lesson loses nothing; what is below a few seconds is rounding.
function account(reason, seconds) {
  if (!reason || reason === "full" || seconds < 3) return;
  const kept = reason === "away" ? why || "hidden" : reason;
  lost[kept] = (lost[kept] ?? 0) + seconds;
  const told = Object.entries(lost).map(([name, sum]) => fill(name, { time: running(sum) }));
  write(lostLine, fill("lost", { times: told.join("; ") }));
  lostLine.hidden = false;
}

// The line is there to read at any time; it is read out now and then, and said once.
function announceLost(now) {
  const words = lostLine.textContent;
  if (!words || lostLine.dataset.said === words || now - lostSaidAt < SELDOM_SAID) return;
  lostSaidAt = now;
  lostLine.dataset.said = words;
  write(lostSaid, words);
  setTimeout(() => write(lostSaid, ""), SELDOM);
}

// The lesson that this one kept closed is open now.
function openNext() {
  if (!nextLocked?.isConnected) return;
  nextLocked.remove();
  document.getElementById("next-open").hidden = false;
}

// After a sign-out for idleness one comes back here, and is told what did not count.
function welcome() {
  const left = JSON.parse(sessionStorage.getItem("signed-out") ?? "null");
  if (left?.place !== location.pathname) return;
  sessionStorage.removeItem("signed-out");
  const when = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short" });
  write(backLine, fill("back", { at: when.format(left.at) }));
  backLine.hidden = false;
}

// What the server hears

async function report() {
  if (sending || ended) return;
  sending = true;
  const reading = !away;
  const before = pauses;
  const sent = performance.now();
  const alive = touched;
  const played = player?.drain() ?? [];
  const film = player ? { played, video_position: player.place } : {};
  touched = false;
  try {
    const answer = await fetch(clock.dataset.url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token, position: position(), reading, touched: alive, ...film }),
      keepalive: true,
    });
    const said = await answer.json();
    if (said.token) {
      token = said.token;
      still = begun && said.lesson_seconds === counted && ["text", "again"].includes(said.reason) ? said.reason : "";
      counted = said.lesson_seconds;
      course = said.course_seconds;
      spoke = sent;
      failedAt = 0;
      player?.covered(said.covered);
      if (begun) account(said.reason, said.lost);
      begun = true;
      document.dispatchEvent(new CustomEvent("idle-left", { detail: said.idle_left }));
      if (!paused && before === pauses) away = false;
    } else if (answer.status < 500) {
      ended = true;
      say(said.message, "bad");
      if (["signed_out", "session"].includes(said.state)) offerSignIn();
      signedOut = said.state !== "closed";
    } else fail();
  } catch {
    fail();
  } finally {
    sending = false;
    show();
  }

  function fail() {
    failedAt = performance.now();
    touched ||= alive;
    player?.giveBack(played);
  }
}

function offerSignIn() {
  const link = document.createElement("a");
  link.href = clock.dataset.signIn;
  link.textContent = words.sign_in;
  state.append(" ", link);
}

// Signed in again in another window: the page is asked for anew, and opens at this place.
async function comeIn() {
  if (!signedOut || document.visibilityState !== "visible") return;
  try {
    const { left } = await (await fetch(document.getElementById("idle").dataset.url)).json();
    if (left) location.reload();
  } catch {
    // No connection: the page stays as it is.
  }
}

function pause(told, because) {
  if (paused) return;
  report();
  paused = told;
  why = because;
  pauses += 1;
  away = true;
  show();
}

function goOn() {
  moved = performance.now();
  touched = true;
  if (!paused || document.visibilityState !== "visible") return;
  paused = "";
  report();
}

// A new place is worth telling, so that another device opens it too.
function scrolled() {
  clearTimeout(scrolling);
  scrolling = setTimeout(() => {
    if (!paused && performance.now() - spoke > SELDOM) report();
  }, SETTLED);
}

function tick() {
  const now = performance.now();
  if (player?.playing) moved = now;
  if (!paused && now - moved > IDLE)
    pause(words.stopped_idle, "idle");
  const full = !lessonDone() && counted + (now - spoke) / 1000 >= cap; // worth confirming at once
  const due = failedAt ? now - failedAt > RETRY : away || full || now - spoke > BEAT;
  if (!paused && due) report();
  announceLost(now);
  show();
}

for (const sign of ["pointerdown", "pointermove", "keydown", "scroll", "touchstart"])
  addEventListener(sign, goOn, { passive: true });
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") goOn();
  else pause(words.stopped_hidden, "hidden");
});
addEventListener("pagehide", () => pause(words.stopped, "hidden"));
addEventListener("pageshow", (event) => event.persisted && goOn());
addEventListener("scroll", scrolled, { passive: true });
addEventListener("focus", comeIn);
document.addEventListener("visibilitychange", comeIn);

// A report is of watching or of reading: so one is made where the one turns into the other.
function turned() {
  still = "";
  if (!paused && performance.now() - spoke > SOON) report();
}
player?.addEventListener("run", turned);
player?.addEventListener("rest", turned);

// The browser goes to the block of the address while the page loads; the place in it comes after.
function begin() {
  comeBack();
  welcome();
  report();
  setInterval(tick, 1000);
}

if (document.readyState === "complete") begin();
else addEventListener("load", () => requestAnimationFrame(begin));
