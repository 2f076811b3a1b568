// A lesson reports that it is being read, and comes back to the place where it was left.
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

const BEAT = Number(clock.dataset.beat) * 1000;
const GAP = Number(clock.dataset.gap) * 1000;
const WARN = 9 * 60_000;
const IDLE = 10 * 60_000;
const RETRY = 5_000;
const SETTLED = 2_000; // after scrolling, before the new place is reported
const SELDOM = 10_000; // and no more often than this

const cap = Number(clock.dataset.cap);
const courseCap = Number(clock.dataset.courseCap);
const coursePlan = courseText.textContent.split(" of ").at(-1);
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
let paused = "";

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
  if (!hours) return `${rest} min`;
  if (rest) return `${hours} h ${rest} min`;
  return hours === 1 ? "1 hour" : `${hours} hours`;
}

function running(seconds) {
  const whole = Math.floor(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole >= 3600 || whole % 60 === 0) return duration(whole);
  return `${duration(whole)} ${whole % 60} s`;
}

function write(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

function say(words, mood) {
  write(state, words);
  clock.dataset.mood = mood;
}

function tickOff(line) {
  if (!line.classList.replace("next", "done")) return;
  const check = document.getElementById("mark-done").content.cloneNode(true);
  line.querySelector(".timeline__mark").replaceChildren(check);
  write(line.querySelector("p"), `${line.dataset.minutes}, done`);
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
  const since = paused || ended ? 0 : Math.min(performance.now() - spoke, GAP) / 1000;
  const now = Math.min(cap, counted + since);
  write(time, running(now));
  bar.value = now;
  bar.setAttribute("aria-valuetext", `${duration(now)} of ${here.dataset.minutes}`);
  const all = course + now - counted;
  courseBar.value = all;
  write(courseText, `${duration(Math.min(all, courseBar.max))} of ${coursePlan}`);
  courseBar.setAttribute("aria-valuetext", courseText.textContent);
  if (lessonDone()) tickOff(here);
  else if (now >= 60) write(here.querySelector("p"), `${duration(now)} of ${here.dataset.minutes}`);
  if (courseDone()) {
    outline.forEach(tickOff);
    openExam();
  }
  if (ended) return;
  if (courseDone()) say("Every lesson is done.", "good");
  else if (lessonDone()) say("Done. Read on as long as you like.", "good");
  else if (paused) say(paused, "warn");
  else if (failedAt && performance.now() - spoke > GAP)
    say("No connection. The time until it is back does not count; what was counted stays.", "bad");
  else if (failedAt) say("No connection. Trying again.", "warn");
  else if (performance.now() - moved > WARN)
    say("Still there? In a minute the clock stops.", "warn");
  else say("Counting", "good");
}

// What the server hears

async function report() {
  if (sending || ended) return;
  sending = true;
  const reading = !away;
  const before = pauses;
  const sent = performance.now();
  try {
    const answer = await fetch(clock.dataset.url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token, position: position(), reading }),
      keepalive: true,
    });
    const said = await answer.json();
    if (said.token) {
      token = said.token;
      counted = said.lesson_seconds;
      course = said.course_seconds;
      spoke = sent;
      failedAt = 0;
      if (!paused && before === pauses) away = false;
    } else if (answer.status < 500) {
      ended = true;
      say(said.message, "bad");
      if (["signed_out", "session"].includes(said.state)) offerSignIn();
    } else failedAt = performance.now();
  } catch {
    failedAt = performance.now();
  } finally {
    sending = false;
    show();
  }
}

function offerSignIn() {
  const link = document.createElement("a");
  link.href = clock.dataset.signIn;
  link.textContent = "Sign in";
  state.append(" ", link);
}

function pause(words) {
  if (paused) return;
  report();
  paused = words;
  pauses += 1;
  away = true;
  show();
}

function goOn() {
  moved = performance.now();
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
  if (!paused && now - moved > IDLE)
    pause("Stopped: ten minutes without a movement. It goes on when you do.");
  const full = !lessonDone() && counted + (now - spoke) / 1000 >= cap; // worth confirming at once
  const due = failedAt ? now - failedAt > RETRY : away || full || now - spoke > BEAT;
  if (!paused && due) report();
  show();
}

for (const sign of ["pointerdown", "pointermove", "keydown", "scroll", "touchstart"])
  addEventListener(sign, goOn, { passive: true });
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") goOn();
  else pause("Stopped while this page was hidden.");
});
addEventListener("pagehide", () => pause("Stopped."));
addEventListener("pageshow", (event) => event.persisted && goOn());
addEventListener("scroll", scrolled, { passive: true });

// The browser goes to the block of the address while the page loads; the place in it comes after.
function begin() {
  comeBack();
  report();
  setInterval(tick, 1000);
}

if (document.readyState === "complete") begin();
else addEventListener("load", () => requestAnimationFrame(begin));
