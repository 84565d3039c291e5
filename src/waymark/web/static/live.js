// Renews the part of a page that is still changing. Without this file the browser loads the whole
// page again instead.
"use strict";

const EVERY = 1500;
const LATEST_PAUSE = 15000;

async function renew(pause) {
  const shown = document.getElementById("live");
  let next = pause;
  try {
    const answer = await fetch(window.location.href, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) throw new Error(`answer ${answer.status}`);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("live");
    if (fresh && fresh.innerHTML !== shown.innerHTML) {
      shown.replaceChildren(...fresh.childNodes);
      document.title = page.title;
    }
    if (!fresh || !fresh.hasAttribute("data-live")) {
      shown.removeAttribute("data-live");
      return;
    }
    next = EVERY;
  } catch {
    next = Math.min(LATEST_PAUSE, pause * 2);
  }
  setTimeout(renew, next, next);
}

if (document.querySelector("#live[data-live]")) setTimeout(renew, EVERY, EVERY);
