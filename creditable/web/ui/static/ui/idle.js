// Who is signed in and does nothing is warned a minute before the server signs them out. The
// server's clock decides; this page only asks, and asking is no sign of life. Afterward it goes to
// the sign-in page, from where one comes back to this place.

const dialog = document.getElementById("idle");
const shown = document.getElementById("idle-left");
const said = document.getElementById("idle-said");

const WARN = 60; // seconds of warning
const ASK = 5_000; // while the warning stands, the server is asked so often
const LATEST = 15; // the server may sign out so many seconds later than it must (SEEN_EVERY)

let end = 0; // when this page expects the end, on its own clock
let asked = 0;
let busy = false;

function expect(left) {
  end = performance.now() + left * 1000;
  const soon = left - LATEST <= WARN;
  if (soon && !dialog.open) dialog.showModal();
  if (!soon && dialog.open) dialog.close();
}

async function ask(method) {
  if (busy) return;
  busy = true;
  asked = performance.now();
  try {
    const answer = await fetch(dialog.dataset.url, { method });
    const { left } = await answer.json();
    if (left) expect(left);
    else leave(left === 0 || ended());
  } catch {
    // No connection: nothing is known, so nothing is said; it is asked again.
  } finally {
    busy = false;
  }
}

// Another window may have been told first, and given the session back: then our own clock says
// that it was for doing nothing.
const ended = () => performance.now() > end - LATEST * 1000;

// For doing nothing, or because it was asked for elsewhere.
function leave(idle) {
  const place = location.pathname + location.search;
  if (idle) sessionStorage.setItem("signed-out", JSON.stringify({ place, at: Date.now() }));
  location.replace(`${dialog.dataset.signIn}?next=${encodeURIComponent(place)}${idle ? "&idle=1" : ""}`);
}

function announce(left) {
  const words = left <= 10 ? said.dataset.soon : left <= 30 ? said.dataset.half : "";
  if (said.textContent !== words) said.textContent = words;
}

function tick() {
  const left = (end - performance.now()) / 1000 - LATEST;
  if (left > WARN) return;
  if (performance.now() - asked > ASK) ask("GET");
  const whole = Math.max(0, Math.ceil(left));
  shown.textContent = `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  announce(whole);
}

document.getElementById("idle-here").addEventListener("click", () => ask("POST"));
dialog.addEventListener("cancel", () => ask("POST")); // Escape is a person, too
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && tick());
document.addEventListener("idle-left", (event) => expect(event.detail)); // a lesson's report heard it

expect(Number(dialog.dataset.limit) + LATEST);
setInterval(tick, 1000);
