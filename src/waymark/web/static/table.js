// Renews the preview of a table while its form is filled in. Without this file there is a button.
"use strict";

const PAUSE = 900;
const form = document.getElementById("table-form");
const status = document.getElementById("preview-status");
const quiet = document.getElementById("quiet");
const first = new URLSearchParams(new FormData(form)).toString();
let waiting;
let request;
let leaving = false;

// One message for each preview, when it is there; none if the person wants none.
function say(message) {
  status.textContent = quiet.checked ? "" : message;
}

async function renew() {
  request?.abort();
  request = new AbortController();
  const mine = request;
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.dataset.preview, {
      method: "POST", body: new FormData(form), credentials: "same-origin", signal: mine.signal,
    });
    if (!answer.ok || answer.redirected) throw new Error(`answer ${answer.status}`);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("preview");
    if (mine.signal.aborted || !fresh) return;
    document.getElementById("preview").replaceWith(document.adoptNode(fresh));
    say(document.getElementById("preview-said").textContent);
  } catch {
    if (!mine.signal.aborted) say("The preview could not be renewed. “Show preview” tries again.");
  } finally {
    if (mine === request) form.removeAttribute("aria-busy");
  }
}

function later() {
  clearTimeout(waiting);
  waiting = setTimeout(renew, PAUSE);
}

document.getElementById("quiet-field").hidden = false;
quiet.checked = localStorage.getItem("quiet-preview") === "yes";
quiet.addEventListener("change", () => {
  localStorage.setItem("quiet-preview", quiet.checked ? "yes" : "no");
  if (quiet.checked) status.textContent = "";
});
form.addEventListener("input", later);
form.addEventListener("submit", () => { leaving = true; });
window.addEventListener("beforeunload", (event) => {
  if (!leaving && new URLSearchParams(new FormData(form)).toString() !== first) event.preventDefault();
});
if (!document.querySelector("#preview .overview, #faults, #refusal, #left-out")) renew();
