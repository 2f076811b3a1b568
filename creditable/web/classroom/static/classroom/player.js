// <course-player>: our own controls over the browser's own <video>. Without this script the
// native controls and captions remain. It knows which parts of the video were played since it was
// last asked (`drain`), so that a lesson can report them; it counts nothing itself.

const SKIP = 10; // seconds
const JUMP = 2; // a longer step between two signs of playing was no playing
const KEYS = { " ": "play", k: "play", j: "back", ArrowLeft: "back", l: "forward", ArrowRight: "forward", c: "captions", m: "mute", f: "full" };
const MOST_PARTS = 50;
const SVG = "http://www.w3.org/2000/svg";

function timecode(seconds) {
  const whole = Math.floor(seconds);
  const two = (number) => String(number).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

class CoursePlayer extends HTMLElement {
  connectedCallback() {
    if (this.video) return;
    this.video = this.querySelector("video");
    this.length = Number(this.dataset.milliseconds);
    this.parts = []; // played and not yet reported, in milliseconds
    this.running = null; // the part that is being played
    this.from = 0; // where the next part begins: where the last ended, or where one went to
    this.video.controls = false;
    this.append(this.querySelector("template").content.cloneNode(true));
    this.remember();
    this.comeBack();
    this.listen();
    this.show();
  }

  get playing() {
    return !this.video.paused && !this.video.ended && this.video.readyState > 2;
  }

  get place() {
    return Math.round(this.video.currentTime * 1000);
  }

  control(name) {
    return this.querySelector(`[data-do="${name}"]`);
  }

  comeBack() {
    this.covered(this.dataset.covered.trim().split(/\s+/).filter(Boolean).map((part) => part.split("-").map(Number)));
    const at = Number(this.dataset.at);
    const again = at < this.length - 1000 ? at / 1000 : 0;
    const start = () => again && (this.video.currentTime = again);
    if (this.video.readyState) start();
    else this.video.addEventListener("loadedmetadata", start, { once: true });
  }

  listen() {
    const { video } = this;
    this.addEventListener("click", (event) => {
      const name = event.target.closest("button")?.dataset.do;
      if (name) this.do(name);
    });
    video.addEventListener("click", () => this.do("play"));
    this.addEventListener("keydown", (event) => this.key(event));
    this.control("seek").addEventListener("input", (event) => this.seek(Number(event.target.value)));
    this.control("volume").addEventListener("input", (event) => {
      video.volume = Number(event.target.value);
      video.muted = !video.volume;
    });
    this.control("speed").addEventListener("change", (event) => (video.playbackRate = Number(event.target.value)));
    for (const sign of ["timeupdate", "progress", "durationchange", "volumechange", "seeked"]) video.addEventListener(sign, () => this.show());
    video.addEventListener("playing", () => this.begin());
    video.addEventListener("timeupdate", () => this.goOn());
    video.addEventListener("seeking", () => this.goTo(this.place));
    video.addEventListener("seeked", () => this.playing && this.begin());
    for (const sign of ["pause", "ended", "waiting"]) video.addEventListener(sign, () => {
      this.goOn();
      this.stop();
      this.show();
      this.dispatchEvent(new CustomEvent("rest"));
    });
    video.addEventListener("play", () => {
      this.show();
      this.dispatchEvent(new CustomEvent("run"));
    });
    document.addEventListener("fullscreenchange", () => this.show());
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && video.pause());
  }

  // Captions are a person's choice, kept in this browser.
  remember() {
    const track = this.video.textTracks[0];
    track.mode = localStorage.getItem("captions") === "on" ? "showing" : "hidden";
    this.track = track;
  }

  key(event) {
    const field = event.target.matches("select, [data-do='volume']");
    if (event.altKey || event.ctrlKey || event.metaKey || field) return;
    if (event.key === " " && event.target.closest("button")) return;
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      const louder = this.video.volume + (event.key === "ArrowUp" ? 0.1 : -0.1);
      this.video.volume = Math.min(1, Math.max(0, louder));
    } else if (KEYS[event.key]) this.do(KEYS[event.key]);
    else return;
    event.preventDefault();
  }

  do(name) {
    const { video } = this;
    if (name === "play") video.paused || video.ended ? video.play() : video.pause();
    if (name === "back") this.seek(video.currentTime - SKIP);
    if (name === "forward") this.seek(video.currentTime + SKIP);
    if (name === "mute") video.muted = !video.muted;
    if (name === "captions") {
      this.track.mode = this.track.mode === "showing" ? "hidden" : "showing";
      localStorage.setItem("captions", this.track.mode === "showing" ? "on" : "off");
    }
    if (name === "full") {
      if (document.fullscreenElement) document.exitFullscreen();
      else if (this.requestFullscreen) this.requestFullscreen();
      else video.webkitEnterFullscreen?.();
    }
    this.show();
  }

  seek(seconds) {
    this.video.currentTime = Math.min(Math.max(seconds, 0), this.video.duration || this.length / 1000);
  }

  // Which parts were played

  // Events come late on a busy device: so a part begins where the last one ended, not where the
  // video has come to meanwhile.
  begin() {
    this.running ??= [this.from, this.from];
  }

  goOn() {
    if (!this.running || this.video.seeking) return;
    const place = this.video.ended ? Math.max(this.place, this.length) : this.place;
    const step = place - this.running[1];
    if (step >= 0 && step < JUMP * 1000 * this.video.playbackRate) {
      this.running[1] = place;
      return;
    }
    this.goTo(place);
    this.begin();
  }

  stop() {
    if (!this.running) return;
    if (this.running[1] > this.running[0]) this.parts.push(this.running);
    this.from = this.running[1];
    this.running = null;
  }

  goTo(place) {
    this.stop();
    this.from = place;
  }

  // The parts since it was last asked. What is asked for is gone; what goes on begins anew.
  drain() {
    this.goOn();
    const goesOn = this.running && this.playing;
    this.stop();
    if (goesOn) this.begin();
    const longest = this.parts.sort((one, two) => two[1] - two[0] - (one[1] - one[0])).slice(0, MOST_PARTS);
    this.parts = [];
    return longest;
  }

  // Those parts again, when the report did not arrive.
  giveBack(parts) {
    this.parts.push(...parts);
  }

  // What is seen

  covered(parts) {
    this.bars(".player__covered", parts.map(([start, end]) => [start / 1000, end / 1000]));
  }

  bars(where, parts) {
    const length = this.length / 1000;
    const bars = parts.map(([start, end]) => {
      const bar = document.createElementNS(SVG, "rect");
      for (const [name, value] of Object.entries({ x: (start / length) * 1000, width: ((end - start) / length) * 1000, y: 0, height: 6 })) bar.setAttribute(name, value);
      return bar;
    });
    this.querySelector(where).replaceChildren(...bars);
  }

  show() {
    const { video } = this;
    const running = !video.paused && !video.ended;
    const length = video.duration || this.length / 1000;
    const seek = this.control("seek");
    seek.max = length;
    seek.value = video.currentTime;
    seek.setAttribute("aria-valuetext", `${timecode(video.currentTime)} / ${timecode(length)}`);
    this.querySelector("[data-show='at']").textContent = timecode(video.currentTime);
    this.querySelector("[data-show='length']").textContent = timecode(length);
    this.dataset.state = running ? "playing" : "paused";
    this.name("play", running);
    this.name("full", Boolean(document.fullscreenElement));
    this.control("captions").setAttribute("aria-pressed", this.track?.mode === "showing");
    this.control("mute").setAttribute("aria-pressed", video.muted);
    this.control("volume").value = video.muted ? 0 : video.volume;
    const { buffered } = video;
    this.bars(".player__buffered", Array.from({ length: buffered.length }, (_, part) => [buffered.start(part), buffered.end(part)]));
  }

  name(control, other) {
    const button = this.control(control);
    button.dataset.one ??= button.getAttribute("aria-label");
    button.setAttribute("aria-label", other ? button.dataset.other : button.dataset.one);
  }
}

customElements.define("course-player", CoursePlayer);

// The transcript: the line that is spoken is marked, and a line's time is a button. The Tab key stops
// at one of them, the arrows go from line to line.

const player = document.querySelector("course-player");
const list = document.getElementById("transcript");
const lines = [...(list?.children ?? [])].map((line) => ({ line, start: Number(line.dataset.start), end: Number(line.dataset.end) }));
const STEPS = { ArrowDown: (at) => at + 1, ArrowUp: (at) => at - 1, Home: () => 0, End: () => lines.length - 1 };

for (const one of lines) {
  const { line, start } = one;
  const time = line.querySelector(".transcript__time");
  one.button = document.createElement("button");
  one.button.type = "button";
  one.button.tabIndex = -1;
  one.button.className = time.className;
  one.button.textContent = time.textContent;
  one.button.setAttribute("aria-label", list.dataset.play.replace("{time}", time.textContent));
  time.replaceWith(one.button);
  line.addEventListener("click", ({ target }) => {
    if (target !== one.button && getSelection()?.toString()) return; // words are being copied
    player.seek(start / 1000 + 0.001);
    player.video.play();
  });
}

function stopAt(one) {
  for (const { button } of lines) button.tabIndex = button === one.button ? 0 : -1;
}

if (lines.length) {
  stopAt(lines[0]);
  list.removeAttribute("tabindex"); // it scrolls with the line that has the focus
  document.getElementById("transcript-how").hidden = false;
  list.addEventListener("focusin", ({ target }) => stopAt(lines.find(({ button }) => button === target)));
  list.addEventListener("keydown", (event) => {
    const at = lines.findIndex(({ button }) => button === event.target);
    const next = lines[STEPS[event.key]?.(at)];
    if (!next || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    next.button.focus();
  });
}

player?.video.addEventListener("timeupdate", () => {
  const at = player.place;
  for (const one of lines) {
    const { line, start, end } = one;
    const now = start <= at && at < end;
    if (line.hasAttribute("aria-current") === now) continue;
    line.toggleAttribute("aria-current", now);
    if (!now) continue;
    line.setAttribute("aria-current", "true");
    if (list.contains(document.activeElement)) continue;
    stopAt(one);
    if (!list.matches(":hover"))
      list.scrollTo({ top: line.offsetTop - list.clientHeight / 3 });
  }
});
