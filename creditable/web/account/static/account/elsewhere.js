// Whoever was signed out for doing nothing, and signed in again in another window, goes on in this
// one too: the sign-in page leads those who are signed in to where they were.

const address = document.querySelector("[data-idle]").dataset.idle;

async function look() {
  if (document.visibilityState !== "visible") return;
  try {
    const { left } = await (await fetch(address)).json();
    if (left) location.reload();
  } catch {
    // No connection: the page stays as it is.
  }
}

document.addEventListener("visibilitychange", look);
addEventListener("focus", look);
