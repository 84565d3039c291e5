// Stores a chapter or an answer while somebody types. Without this file the buttons of the form store it.
"use strict";

const PAUSE = 2000;
const AGAIN = 15000;
const form = document.querySelector("form[data-store]");
const area = form.elements.text;
const stored = document.getElementById("stored");
// An answer has no versions: what it is based on is the last message that the page shows.
const seen = form.elements.draft ?? form.elements.seen;
const base = (form.elements.base ?? form.elements.seen).value;
// Of one person: several may use one browser.
const place = `waymark-text:${form.dataset.person}:${window.location.pathname}`;
let waiting;
let forgetting;
let sending = false;
let failed = false;
let conflict = false;
let sent = area.value;

const lines = (text) => text.replace(/\r\n?/g, "\n").trimEnd();

// The browser keeps the text until the server has it.
function remember(isStored = false) {
  clearTimeout(forgetting);
  try {
    localStorage.setItem(place, JSON.stringify({ text: area.value, seen: seen.value, base, isStored }));
    return true;
  } catch {
    return false;
  }
}

function recall() {
  try {
    return JSON.parse(localStorage.getItem(place));
  } catch {
    return null;
  }
}

function say(message) {
  if (stored.textContent !== message) stored.textContent = message;
}

function later(pause = PAUSE) {
  clearTimeout(waiting);
  waiting = setTimeout(send, pause);
}

function showOther(text, why) {
  conflict = true;
  document.getElementById("other-words").textContent = text;
  document.getElementById("other-why").textContent = why;
  document.getElementById("other-text").hidden = false;
  say("Not stored: there are two texts. Choose one above.");
}

async function send() {
  if (conflict || sending) return;
  const text = area.value;
  if (text === sent) return;
  sending = true;
  try {
    const answer = await fetch(form.dataset.store, { method: "POST", body: new FormData(form), credentials: "same-origin" });
    if (answer.status === 409) {
      const newer = await answer.json();
      seen.value = newer.number;
      showOther(newer.text, "You have changed this text in another window since you opened it here. Nothing was overwritten.");
      return;
    }
    if (!answer.ok || answer.redirected) throw new Error(`answer ${answer.status}`);
    seen.value = (await answer.json()).number;
    sent = text;
    failed = false;
    if (area.value === text) {
      // A page that is being opened at this moment may still come with the text before.
      remember(true);
      forgetting = setTimeout(() => localStorage.removeItem(place), 5000);
    }
    say(form.dataset.stored);
  } catch {
    failed = true;
    say(remember()
      ? "No connection: your text is kept in this browser, and stored as soon as the connection is back."
      : "No connection, and this browser keeps nothing: copy your text before you close the page.");
  } finally {
    sending = false;
    if (!conflict && area.value !== sent) later(failed ? AGAIN : PAUSE);
  }
}

function settle(text) {
  conflict = false;
  area.value = text;
  document.getElementById("other-text").hidden = true;
  remember();
  later(0);
  area.focus();
}

document.getElementById("keep-this").addEventListener("click", () => settle(area.value));
document.getElementById("take-other").addEventListener("click", () => settle(document.getElementById("other-words").textContent));
area.addEventListener("input", () => {
  remember();
  if (!failed) say("");
  later(failed ? AGAIN : PAUSE);
});
window.addEventListener("online", () => later(0));
// What a button sends is stored by the server: after it the page must not bring it back.
form.addEventListener("submit", () => remember(true));
document.getElementById("unsaved")?.addEventListener("submit", () => localStorage.removeItem(place));

// Where there is room, what a paragraph cites is open beside it; on a narrow screen it is folded below.
if (window.matchMedia("(min-width: 72rem)").matches) {
  for (const cited of document.querySelectorAll(".cited-here details")) cited.open = true;
}

const left = recall();
if (left && lines(left.text) === lines(area.value)) {
  localStorage.removeItem(place);
} else if (left && Number(left.seen) >= Number(seen.value) && left.base === base) {
  // Nothing was stored or saved since: the text goes on where it was left.
  area.value = left.text;
  seen.value = left.seen;
  say("The text that this browser kept is back in the form.");
  later(0);
} else if (left && left.isStored) {
  localStorage.removeItem(place);
} else if (left) {
  showOther(left.text, "This browser has a text that did not reach the server, because the connection was lost or the page was closed.");
}
