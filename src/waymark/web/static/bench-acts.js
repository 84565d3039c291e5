// The workbench: acts are sent one after another; those that could not be sent stay in this browser until they are.
"use strict";

const bench = document.getElementById("bench");
const saved = document.getElementById("saved");
const AGAIN = 4000;
const waitingActs = [];
const KEPT = `waymark-act:${bench.dataset.person}:${bench.dataset.act}:`;
const deskState = {
  number: Number(bench.dataset.number), undo: bench.dataset.undo, redo: bench.dataset.redo, reading: bench.dataset.reading,
};
const nounAtStart = () => bench.dataset.noun[0].toUpperCase() + bench.dataset.noun.slice(1);
const stateListeners = [];
let sendingAct = false;
let sendAgain;
let keepsActs = true;

function newId() {
  // randomUUID exists only where the connection is secure.
  if (window.crypto.randomUUID) return window.crypto.randomUUID();
  return [...window.crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function showSaved(message, problem = false) {
  if (saved.textContent !== message) saved.textContent = message;
  saved.classList.toggle("problem", problem);
  if (!problem) document.getElementById("sign-in-again").hidden = true;
}

function csrfToken(page = document) {
  return page.querySelector("input[name=csrfmiddlewaretoken]").value;
}

// Does an act: at once on the server, or as soon as it can be reached.
function act(fields, spokenAfter = "") {
  if (bench.dataset.finished === "yes") {
    tell("You have finished this review: it can no longer be changed.");
    return;
  }
  const id = newId();
  const entry = { fields: { reading: deskState.reading, ...fields, act: id }, place: `${KEPT}${Date.now()}-${id}`, spokenAfter };
  waitingActs.push(entry);
  try {
    localStorage.setItem(entry.place, JSON.stringify(entry));
  } catch {
    keepsActs = false;
  }
  sendActs();
}

function dropFirst() {
  const entry = waitingActs.shift();
  try { localStorage.removeItem(entry.place); } catch { /* it was not kept */ }
  return entry;
}

function showWaiting(why) {
  const number = waitingActs.length === 1 ? "1 change is" : `${waitingActs.length} changes are`;
  showSaved(keepsActs ? `${why}: ${number} kept in this browser, and will be sent.`
    : `${why}: ${number} not saved yet. Keep this page open.`, true);
  clearTimeout(sendAgain);
  sendAgain = setTimeout(sendActs, AGAIN);
}

async function freshToken() {
  const answer = await fetch(bench.dataset.address, { credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = csrfToken(page);
  return true;
}

async function post(fields) {
  return fetch(bench.dataset.act, {
    method: "POST",
    credentials: "same-origin",
    headers: { Accept: "application/json", "X-CSRFToken": csrfToken() },
    body: new URLSearchParams(fields),
  });
}

const isJson = (answer) => (answer.headers.get("Content-Type") || "").includes("application/json");

async function sendActs() {
  if (sendingAct || !waitingActs.length) return;
  sendingAct = true;
  clearTimeout(sendAgain);
  try {
    while (waitingActs.length) {
      const { fields } = waitingActs[0];
      if (waitingActs.length > 1) { delete fields.target; }
      let answer = await post(fields);
      if (answer.status === 403 && await freshToken()) answer = await post(fields);
      if (!isJson(answer)) {
        const signedOut = answer.redirected || answer.status === 403;
        document.getElementById("sign-in-again").hidden = !signedOut;
        showWaiting(signedOut ? "You are signed out. Sign in in another window" : "The server cannot save now");
        return;
      }
      const entry = dropFirst();
      takeAnswer(await answer.json(), entry, answer.status);
    }
  } catch {
    showWaiting("No connection");
  } finally {
    sendingAct = false;
  }
}

function takeAnswer(answer, entry, status) {
  const overtaken = status === 409 || answer.number > deskState.number + 1;
  deskState.number = answer.number;
  deskState.undo = answer.undo ? answer.undo.act : "";
  deskState.redo = answer.redo ? answer.redo.act : "";
  for (const part of answer.parts) replacePart(part.number, part.html);
  // Another window of the same coder acted meanwhile: what is shown may be older.
  if (overtaken) reloadParts();
  showDeskState(answer);
  for (const listener of stateListeners) listener(answer, entry);
  if (answer.message && status !== 200) showSaved(answer.message, true);
  else if (!waitingActs.length) showSaved("Everything is saved");
  if (answer.message) tell(answer.message);
  else if (entry.spokenAfter) tell(entry.spokenAfter.endsWith(": ") ? `${entry.spokenAfter}${answer.label}` : entry.spokenAfter);
}

function showDeskState(answer) {
  for (const name of ["undo", "redo"]) {
    const button = document.getElementById(name);
    button.disabled = !answer[name];
    document.getElementById(`${name}-what`).textContent = answer[name] ? `: ${answer[name].label}` : "";
    button.title = answer[name] ? `${name === "undo" ? "Undo" : "Redo"} ${answer[name].label}` : "";
  }
  document.getElementById("coding-count").textContent = answer.progress.codings;
  document.getElementById("coding-noun").textContent = answer.progress.codings === 1 ? "coding" : "codings";
  document.getElementById("read-count").textContent = answer.progress.read;
}

function undo() {
  act({ do: "undo", ...(waitingActs.length ? {} : { target: deskState.undo }) }, "Undone: ");
}

function redo() {
  act({ do: "redo", ...(waitingActs.length ? {} : { target: deskState.redo }) }, "Done again: ");
}

// ---- what an earlier page could not send ----

function recallActs() {
  try {
    const places = Object.keys(localStorage).filter((place) => place.startsWith(KEPT)).sort();
    for (const place of places) waitingActs.push(JSON.parse(localStorage.getItem(place)));
  } catch {
    keepsActs = false;
  }
  if (waitingActs.length) sendActs();
}

window.addEventListener("online", sendActs);
window.addEventListener("offline", () => showSaved("No connection: what you do is kept in this browser.", true));
window.addEventListener("beforeunload", (event) => {
  if (waitingActs.length && !keepsActs) event.preventDefault();
});
