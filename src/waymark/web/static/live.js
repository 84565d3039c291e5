// Renews the part of a page that is still changing. Without this file the browser loads the whole
// page again instead.
"use strict";

const EVERY = 1500;
const LONGEST_PAUSE = 15000;

// #live is replaced; the words of #live-said are changed in place, so that screen readers tell them.
function show(page) {
  const fresh = page.getElementById("live");
  const shown = document.getElementById("live");
  if (!fresh) return false;
  const goesOn = fresh.hasAttribute("data-live");
  if (fresh.innerHTML !== shown.innerHTML) shown.replaceChildren(...fresh.childNodes);
  const said = document.getElementById("live-said");
  const news = page.getElementById("live-said").textContent;
  if (said.textContent !== news) said.textContent = news;
  if (document.title !== page.title) document.title = page.title;
  return goesOn;
}

async function renew(pause) {
  let next = EVERY;
  try {
    const answer = await fetch(window.location.href, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) throw new Error(`answer ${answer.status}`);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!show(page)) return;
  } catch {
    next = Math.min(LONGEST_PAUSE, pause * 2);
  }
  setTimeout(renew, next, next);
}

if (document.querySelector("#live[data-live]")) setTimeout(renew, EVERY, EVERY);
