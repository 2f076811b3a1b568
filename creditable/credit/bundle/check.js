"use strict";

const SAYS = {
  genuine: ["good", "The file is genuine", (one) => `It was issued on ${one.issued} and counted on the day of this list.`],
  replaced: ["warn", "Genuine, and replaced since", (one) => `It was issued on ${one.issued}. A corrected certificate has taken its place.`],
  revoked: ["bad", "Genuine, and revoked since", (one) => `It was issued on ${one.issued} and counts no more.`],
};
const UNKNOWN = ["bad", "This is none of the certificates in the list",
  () => "It was altered, was issued by somebody else, or was issued after the day of this list."];

const element = (id) => document.getElementById(id);

element("provider").textContent = CERTIFICATES.provider;
element("at").textContent = CERTIFICATES.at;
element("number").textContent = Object.keys(CERTIFICATES.issued).length;

async function digest(file) {
  const hash = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

element("file").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  if (!file) return;
  const one = CERTIFICATES.issued[await digest(file)];
  const [kind, verdict, words] = one ? SAYS[one.state] : UNKNOWN;
  element("answer").hidden = false;
  element("answer").className = kind;
  element("verdict").textContent = verdict;
  element("words").textContent = words(one);
});
