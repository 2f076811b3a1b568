// Which questions were flagged is known in this window alone (exam.js keeps it). It is forgotten
// when the exam is handed in.

const flagged = document.getElementById("flagged");
const place = document.getElementById("flagged-place");
const KEY = `exam ${flagged.dataset.attempt}`;

function flags() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY))?.flags ?? [];
  } catch {
    return [];
  }
}

function link(number) {
  const line = place.content.cloneNode(true);
  const anchor = line.querySelector("a");
  anchor.href = `${flagged.dataset.exam}#q${number}`;
  anchor.append(number);
  return line;
}

const numbers = flags();
flagged.querySelector("ol").append(...numbers.map(link));
flagged.hidden = !numbers.length;

document.getElementById("hand-in").addEventListener("submit", () => {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Nothing was stored.
  }
});
