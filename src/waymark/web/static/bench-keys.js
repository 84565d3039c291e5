// The workbench: keys, the words that are chosen, undo, memos, hidden passages, breaks; and the start of it all.
"use strict";

const chosenWords = document.getElementById("chosen-words");
const choosingBar = document.querySelector(".choosing-bar");
const noWords = document.getElementById("no-words");
const NARROW = window.matchMedia("(max-width: 59.99rem)");

// ---- the panel, which covers the lower half of a phone ----

function openPanel() {
  if (NARROW.matches) panel.classList.add("open");
}

function closePanel() {
  panel.classList.remove("open");
}

function showChoosing() {
  choosingBar.hidden = !(NARROW.matches && chosenSpan());
}

// ---- what is chosen ----

chosenListeners.push((span, quiet) => {
  const words = span ? wordsBetween(...span) : "";
  chosenWords.hidden = !span;
  chosenWords.textContent = words.length > 300 ? `${words.slice(0, 200)} … ${words.slice(-80)}` : words;
  if (span) noWords?.remove();
  const here = span ? codingsAt(span) : [];
  const list = document.getElementById("codings-here");
  list.replaceChildren(...here.map((stripe) => {
    const item = element("li");
    const button = element("button", codes.get(stripe.dataset.code).name, { type: "button", className: "code-button" });
    button.prepend(element("span", "", { className: codes.get(stripe.dataset.code).tone }));
    button.addEventListener("click", () => openCodingOf(stripe, true));
    item.append(button);
    return item;
  }));
  for (const part of [list, document.getElementById("here-title")]) part.hidden = !here.length;
  document.querySelector(".edges").hidden = !span;
  showChoosing();
  if (quiet || !span) return;
  const coded = here.length ? `. Coded: ${here.map((stripe) => codes.get(stripe.dataset.code).name).join(", ")}` : "";
  say(words === HIDDEN_WORDS ? `${HIDDEN_SPOKEN}${coded}` : `${words.slice(0, 300)}${coded}`);
});

for (const button of document.querySelectorAll(".edges button, .choosing-bar button[data-edge]")) {
  button.addEventListener("click", () => moveEdge(button.dataset.edge, Number(button.dataset.by)));
}
document.getElementById("open-codes").addEventListener("click", () => openSearch());
document.getElementById("close-panel").addEventListener("click", () => { closeSearch(); benchText.focus({ preventScroll: true }); });

benchText.addEventListener("click", (event) => {
  const pick = event.target.closest("a.pick");
  const stripe = event.target.closest("a[data-coding]");
  if (pick) chooseSpan(Number(pick.dataset.from), Number(pick.dataset.to));
  else if (stripe) openCodingOf(stripe, true);
  else return;
  event.preventDefault();
  if (pick) benchText.focus({ preventScroll: true });
  if (stripe) openPanel();
});

// ---- keys: those of one letter work in the text alone, the others on the page but not while something is typed ----

const TEXT_KEYS = {
  Enter: () => openSearch(),
  "/": () => openSearch(),
  ".": applyLast,
  ",": swapEnds,
  Escape: () => { if (panel.classList.contains("open")) closeSearch(); else if (openCoding) closeCoding(); else chooseOneWord(); },
  "=": setBoundaries,
  "+": () => nextCoding(1),
  "-": () => nextCoding(-1),
  ";": () => nextUncoded(1),
  ":": () => nextUncoded(-1),
  Delete: removeCoding,
  Backspace: removeCoding,
  F2: () => editCoding("memo"),
  F4: () => editCoding("qualifiers"),
  PageDown: () => turnBy(1),
  PageUp: () => turnBy(-1),
  Home: () => chooseEdge(false),
  End: () => chooseEdge(true),
  "?": showKeys,
};

const keysHere = document.getElementById("keys-here");

// The list gets the focus, so that it can be read and scrolled; Escape and ? lead back to the text.
function showKeys() {
  openPanel();
  keysHere.open = true;
  keysHere.scrollIntoView({ block: "start" });
  keysHere.querySelector("summary").focus({ preventScroll: true });
}

function hideKeys() {
  keysHere.open = false;
  panel.scrollTop = 0;
  closePanel();
  benchText.focus({ preventScroll: true });
}

keysHere.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" && event.key !== "?") return;
  event.preventDefault();
  hideKeys();
});

function typed(key) {
  if (/^[1-9]$/.test(key)) return applyRecent(Number(key));
  const code = codeOfKey(key.toLowerCase());
  if (code) return applyCode(code);
  return openSearch(key);
}

benchText.addEventListener("keydown", (event) => {
  if (event.altKey || event.metaKey || event.target.closest("a, button, input, summary")) return;
  if (KINDS[event.key]) {
    event.preventDefault();
    move(event);
  } else if (event.ctrlKey) {
    const far = { Home: () => turnTo(1), End: () => turnTo(partSpans.length, { end: true }) }[event.key];
    if (far) {
      event.preventDefault();
      far();
    }
  } else if (TEXT_KEYS[event.key]) {
    event.preventDefault();
    TEXT_KEYS[event.key]();
  } else if (/^[\p{L}1-9]$/u.test(event.key)) {
    event.preventDefault();
    typed(event.key);
  }
});

async function markRead(read, onward) {
  if (partElement(currentPart).dataset.read !== (read ? "yes" : "no")) act({ do: "read", part: currentPart, read: read ? "yes" : "no" }, `${nounAtStart()} ${currentPart} ${read ? "marked as read" : "marked as not read"}`);
  if (!onward) return;
  if (currentPart < partSpans.length) await turnTo(currentPart + 1);
  else document.querySelector("#after-text a").focus();
}

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
  const typing = event.target.closest("textarea, input:not([type=radio], [type=checkbox])");
  const key = event.key.toLowerCase();
  const does = { y: redo, z: event.shiftKey ? redo : undo, ".": toggleVeil }[key];
  if (key === "enter" && !(typing && typing.tagName === "TEXTAREA")) {
    event.preventDefault();
    markRead(true, true);
  } else if (does && !typing) {
    event.preventDefault();
    does();
  }
});

panel.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented) return;
  closePanel();
  benchText.focus({ preventScroll: true });
});

// What was undone or done again may be far from the words in view: its words are chosen then.
stateListeners.push((answer, entry) => {
  if (!["undo", "redo"].includes(entry.fields.do) || answer.message || !answer.parts.length) return;
  if (answer.place) {
    const [rect] = rectsOf(...answer.place);
    if (!rect || rect.top < endOfBar() || rect.bottom > window.innerHeight) showPlace(...answer.place, answer.parts[0].number, { quiet: true });
    return;
  }
  const { number } = answer.parts[0];
  const { top, bottom } = partElement(number).getBoundingClientRect();
  if (bottom < endOfBar() || top > window.innerHeight) turnTo(number, { quiet: true });
});

// ---- the bar and the memo on the report ----

document.querySelector(".acts").addEventListener("submit", (event) => {
  event.preventDefault();
  const what = event.submitter ? event.submitter.value : "";
  if (what === "undo") undo();
  if (what === "redo") redo();
  if (what === "read") markRead(partElement(currentPart).dataset.read !== "yes", false);
});
document.querySelector(".to-page").addEventListener("submit", (event) => {
  event.preventDefault();
  turnTo(Number(pageField.value));
  benchText.focus({ preventScroll: true });
});
document.getElementById("to-finish")?.addEventListener("click", (event) => {
  event.preventDefault();
  const place = document.getElementById("finish");
  place.open = true;
  openPanel();
  place.querySelector("[name=sure]").focus();
});
document.getElementById("code-form").addEventListener("submit", (event) => event.preventDefault());

benchText.addEventListener("submit", (event) => {
  const form = event.target.closest(".suggestion-form");
  if (!form) return;
  event.preventDefault();
  const done = event.submitter.value === "accept" ? "Suggestion accepted" : "Suggestion refused";
  const list = [...form.closest(".suggestions").querySelectorAll(".suggestion-form")];
  decidedSuggestion = { part: Number(form.elements.page.value), at: list.indexOf(form) };
  act({ do: event.submitter.value, suggestion: form.elements.suggestion.value }, done);
});
const memoForm = document.getElementById("memo-form");
let savedMemo = memoForm.elements.memo.value;
function saveMemo() {
  const memo = memoForm.elements.memo.value;
  if (memo.trim() === savedMemo.trim()) return;
  savedMemo = memo;
  act({ do: "memo", memo }, "Memo saved");
}
memoForm.addEventListener("submit", (event) => { event.preventDefault(); saveMemo(); });
memoForm.elements.memo.addEventListener("change", saveMemo);
typedSlowly(memoForm.elements.memo, saveMemo);
stateListeners.push((answer) => {
  if (memoForm.elements.memo === document.activeElement) return;
  memoForm.elements.memo.value = answer.memo;
  savedMemo = answer.memo;
});
// What is typed and not yet sent is kept in this browser, and sent when the page is opened again.
window.addEventListener("pagehide", () => {
  saveMemo();
  const form = codingPlace.querySelector("form");
  if (form) saveCoding(form);
});

// ---- a break ----

const minutes = Number(bench.dataset.break);
const BEGAN = "waymark-coding-began";
const SEEN = "waymark-coding-seen";
const A_BREAK = 5 * 60_000;

function checkBreak() {
  if (document.hidden) return;
  const now = Date.now();
  const seen = Number(sessionStorage.getItem(SEEN)) || 0;
  if (now - seen > A_BREAK || !sessionStorage.getItem(BEGAN)) sessionStorage.setItem(BEGAN, now);
  sessionStorage.setItem(SEEN, now);
  const passed = Math.floor((now - Number(sessionStorage.getItem(BEGAN))) / 60_000);
  if (passed < minutes || document.getElementById("break")) return;
  const reminder = element("div", "", { id: "break", className: "break-notice" });
  const why = `You have been coding for ${passed} minutes. A short break helps. Everything is kept as it is.`;
  const later = element("button", `Remind me in ${minutes} minutes`, { type: "button", className: "button quiet" });
  later.addEventListener("click", () => { sessionStorage.setItem(BEGAN, Date.now()); reminder.remove(); benchText.focus({ preventScroll: true }); });
  reminder.append(element("p", why), later,
    element("p", "You can switch the reminder off under “Hidden passages and breaks”.", { className: "small" }));
  benchBar.append(reminder);
  // Read aloud apart: text that comes with its place is not.
  say(why);
}

function underBar() {
  document.documentElement.style.setProperty("--bar-height", `${benchBar.offsetHeight}px`);
}

// ---- start ----

if (noWords) noWords.textContent = "None yet. The arrow keys choose words and sentences, a letter finds a code. ? shows all keys.";
benchText.tabIndex = 0;
benchText.setAttribute("role", "group");
benchText.setAttribute("aria-label", "Text of the report. Arrow keys choose words and sentences, Shift chooses more, Enter searches the codes, question mark shows all keys.");
document.querySelector(".turn").hidden = true;
underBar();
window.addEventListener("resize", () => { showChoosing(); afterChange(); });
new ResizeObserver(() => { underBar(); redrawChosen(); }).observe(benchBar);
buildParts();
showImage();
const toOpen = stripes().find((stripe) => stripe.hasAttribute("aria-current"));
if (toOpen) openCodingOf(toOpen);
recallActs();
if (!window.location.hash) benchText.focus({ preventScroll: true });
if (minutes) {
  try {
    checkBreak();
    setInterval(checkBreak, 20_000);
  } catch { /* this browser keeps nothing: no reminder */ }
}
