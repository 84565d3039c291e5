// Renews the preview of a spec while somebody types. Without this file there is a button for it.
"use strict";

const PAUSE = 700;

const form = document.getElementById("spec-form");
const text = document.getElementById("spec");
const table = document.getElementById("table");
const status = document.getElementById("preview-status");
const quiet = document.getElementById("quiet");
const gutter = form.querySelector(".gutter");
let waiting;
let asked;
let saved = form.dataset.saved === "yes" ? text.value : null;

// One message for each preview, when it is there; none if the person wants none.
function say(message) {
  status.textContent = quiet.checked ? "" : message;
}

// As many line numbers as lines, those with faults marked.
function number(wrong) {
  const lines = text.value.split("\n").length;
  text.rows = lines + 1;
  while (gutter.children.length < lines + 1) {
    const one = document.createElement("span");
    one.textContent = String(gutter.children.length + 1);
    one.id = `line-${one.textContent}`;
    gutter.append(one);
  }
  if (!wrong) return;
  for (const one of gutter.children) one.classList.toggle("wrong", wrong.has(one.textContent));
}

// The tables that can be chosen are those of the text as it stands.
function choose(page) {
  const offered = page.getElementById("table-choices");
  if (!offered || offered.options.length < 2) return;
  const chosen = offered.value;
  const last = offered.options[0];
  table.replaceChildren(...[...offered.options].slice(1), last);
  table.value = chosen;
}

function show(page) {
  const fresh = page.getElementById("preview");
  if (!fresh) throw new Error("no preview");
  const wrong = [...fresh.querySelectorAll("[data-line]")].map((one) => one.dataset.line);
  document.getElementById("preview").replaceWith(document.adoptNode(fresh));
  number(new Set(wrong));
  say(document.getElementById("preview-said").textContent);
}

async function renew() {
  asked?.abort();
  asked = new AbortController();
  const mine = asked;
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.dataset.preview, {
      method: "POST",
      body: new FormData(form),
      credentials: "same-origin",
      signal: mine.signal,
    });
    if (!answer.ok || answer.redirected) throw new Error(`answer ${answer.status}`);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine.signal.aborted) return;
    choose(page);
    show(page);
  } catch {
    if (!mine.signal.aborted) say("The preview could not be renewed. “Show preview” tries again.");
  } finally {
    if (mine === asked) form.removeAttribute("aria-busy");
  }
}

function later() {
  clearTimeout(waiting);
  waiting = setTimeout(renew, PAUSE);
}

// A link to a line puts the cursor there.
function go(event) {
  const link = event.target.closest("[data-line]");
  if (!link) return;
  event.preventDefault();
  const lines = text.value.split("\n");
  const at = Number(link.dataset.line) - 1;
  const start = lines.slice(0, at).join("\n").length + (at ? 1 : 0);
  text.focus({ preventScroll: true });
  text.setSelectionRange(start, start + (lines[at] || "").length);
  document.getElementById(`line-${link.dataset.line}`)?.scrollIntoView({ block: "center" });
}

// The choice is that of the forms of tables, too.
document.getElementById("quiet-field").hidden = false;
quiet.checked = localStorage.getItem("quiet-preview") === "yes";
quiet.addEventListener("change", () => {
  localStorage.setItem("quiet-preview", quiet.checked ? "yes" : "no");
  if (quiet.checked) status.textContent = "";
});
text.addEventListener("input", () => {
  number();
  later();
});
table.addEventListener("change", renew);
form.addEventListener("click", go);
form.addEventListener("submit", () => { saved = text.value; });
window.addEventListener("beforeunload", (event) => {
  if (saved !== text.value) event.preventDefault();
});
number();
if (!document.querySelector("#preview .overview, #faults, #refusal, #left-out")) renew();
