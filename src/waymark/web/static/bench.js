// The workbench: only the pages in view are in the document; the open coding.
"use strict";

const partSpans = JSON.parse(bench.dataset.parts);
const panel = document.getElementById("panel");
const template = document.getElementById("coding-template");
const codingPlace = document.getElementById("open-coding-place");
const pageField = document.getElementById("page");
const benchBar = document.querySelector(".bench-bar");
// Where the text begins to be seen: below the bar, which scrolls away on a narrow screen.
const endOfBar = () => Math.max(0, benchBar.getBoundingClientRect().bottom);
const CHARACTERS = 72;
const LINE = 32;
let openCoding = null;
let currentPart = Number(benchText.querySelector(".bench-part").dataset.part);

// ---- pages in view ----

const partElement = (number) => document.getElementById(`part-${number}`);
const isLoaded = (part) => part.dataset.start !== undefined;
const loadings = new Map();

function emptyPart(number) {
  const part = element("section", "", { id: `part-${number}`, className: "bench-part" });
  const [start, end] = partSpans[number - 1];
  part.dataset.part = number;
  part.style.minHeight = `${Math.ceil((end - start) / CHARACTERS) * LINE + 120}px`;
  return part;
}

function showMissing(number) {
  const part = partElement(number);
  if (!isLoaded(part)) part.replaceChildren(element("p", `${nounAtStart()} ${number} cannot be fetched now. It comes when the connection is back.`, { className: "soft missing" }));
}

function loadPart(number) {
  if (number < 1 || number > partSpans.length || isLoaded(partElement(number))) return Promise.resolve();
  if (!loadings.has(number)) {
    const loading = fetch(`${bench.dataset.address}parts/${number}/`, { credentials: "same-origin" })
      .then((answer) => (answer.ok && !answer.redirected ? answer.text() : Promise.reject(new Error("no part"))))
      .then((html) => replacePart(number, html))
      .catch(() => {
        showMissing(number);
        setTimeout(() => { if (inView.has(number)) loadPart(number); }, AGAIN);
      })
      .finally(() => loadings.delete(number));
    loadings.set(number, loading);
  }
  return loadings.get(number);
}

// Where in its list a suggestion was just decided: the focus goes to the next one.
let decidedSuggestion = null;

function replacePart(number, html) {
  const before = partElement(number);
  if (!isLoaded(before) && !inView.has(number)) return;
  const shown = new Set([...before.querySelectorAll("details.veil[open] [data-s]")].map((holder) => holder.dataset.s));
  const part = new DOMParser().parseFromString(html, "text/html").querySelector(".bench-part");
  for (const veil of part.querySelectorAll("details.veil")) veil.open = shown.has(veil.querySelector("[data-s]").dataset.s);
  const list = part.querySelector("details.suggestions");
  if (list && isLoaded(before)) list.open = Boolean(before.querySelector("details.suggestions[open]"));
  leaveToArrows(part);
  exchange(before, part);
  if (decidedSuggestion && decidedSuggestion.part === number) focusSuggestion(list, decidedSuggestion.at);
  afterChange();
}

// The arrow keys do what these links do: some hundred of them would be between the text and the codes.
function leaveToArrows(part) {
  for (const pick of part.querySelectorAll("a.pick")) pick.tabIndex = -1;
}

function focusSuggestion(list, at) {
  decidedSuggestion = null;
  const forms = list ? [...list.querySelectorAll(".suggestion-form")] : [];
  const form = forms[Math.min(at, forms.length - 1)];
  (form ? form.querySelector("button") : benchText).focus({ preventScroll: true });
}

// The words in view stay where they are, though a part above them gets another height.
function exchange(before, after) {
  const top = endOfBar();
  const steady = [...inView].sort((a, b) => a - b).map(partElement).find((part) => part && part !== before && part.getBoundingClientRect().bottom > top);
  const at = steady ? steady.getBoundingClientRect().top : 0;
  before.replaceWith(after);
  if (steady && after.compareDocumentPosition(steady) & Node.DOCUMENT_POSITION_FOLLOWING) {
    window.scrollBy(0, steady.getBoundingClientRect().top - at);
  }
  watcher.unobserve(before);
  watcher.observe(after);
}

function unloadPart(part) {
  if (!isLoaded(part) || part.contains(document.activeElement)) return;
  const height = part.offsetHeight;
  const empty = emptyPart(Number(part.dataset.part));
  empty.style.minHeight = `${height}px`;
  exchange(part, empty);
  redrawChosen();
}

const inView = new Set([currentPart]);
window.addEventListener("online", () => [...inView].forEach(loadPart));
const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    const number = Number(entry.target.dataset.part);
    if (partElement(number) !== entry.target) continue;
    if (entry.isIntersecting) {
      inView.add(number);
      loadPart(number);
    } else {
      inView.delete(number);
      unloadPart(entry.target);
    }
  }
}, { rootMargin: "1500px 0px" });

function buildParts() {
  const first = benchText.querySelector(".bench-part");
  const parts = partSpans.map((_, at) => (at + 1 === currentPart ? first : emptyPart(at + 1)));
  leaveToArrows(first);
  benchText.replaceChildren(...parts);
  if (currentPart > 1) first.scrollIntoView();
  for (const part of parts) watcher.observe(part);
}

function reloadParts() {
  for (const part of benchText.querySelectorAll(".bench-part[data-start]")) {
    const number = Number(part.dataset.part);
    fetch(`${bench.dataset.address}parts/${number}/`, { credentials: "same-origin" })
      .then((answer) => (answer.ok ? answer.text() : ""))
      .then((html) => { if (html) replacePart(number, html); })
      .catch(() => { /* the next act tries again */ });
  }
}

function afterChange() {
  redrawChosen();
  markOpen();
  drawBoxes("open", openCoding ? [openCoding.from, openCoding.to] : null);
  showImage();
}

// wanted: tells whether the coder still wants to go there once the page has come.
async function goTo(number, wanted = () => true) {
  const to = Math.min(Math.max(number, 1), partSpans.length);
  inView.add(to);
  partElement(to).scrollIntoView();
  await loadPart(to);
  if (!wanted()) return;
  partElement(to).scrollIntoView();
  followView();
}

function followView() {
  const line = window.innerHeight * 0.35;
  const parts = [...inView].sort((a, b) => a - b).map(partElement).filter(Boolean);
  const reached = parts.filter((part) => part.getBoundingClientRect().top <= line).pop() || parts[0];
  if (!reached || Number(reached.dataset.part) === currentPart) return;
  currentPart = Number(reached.dataset.part);
  if (pageField !== document.activeElement) pageField.value = currentPart;
  document.title = document.title.replace(/\d+(?= – )/, currentPart);
  window.history.replaceState(null, "", `${bench.dataset.address}?page=${currentPart}`);
  showImage();
  showRead();
}

function showRead() {
  const part = partElement(currentPart);
  const button = document.getElementById("mark-read");
  button.textContent = part && part.dataset.read === "yes" ? `Mark ${bench.dataset.noun} as not read` : `Mark ${bench.dataset.noun} as read`;
}

let following = false;
window.addEventListener("scroll", () => {
  if (following) return;
  following = true;
  requestAnimationFrame(() => { following = false; followView(); });
}, { passive: true });

// ---- the open coding: its qualifiers, memo and boundaries ----

const stripes = () => [...benchText.querySelectorAll("a[data-coding]")];
const codingsAt = (span) => {
  const names = new Set();
  return stripes().filter((stripe) => Number(stripe.dataset.from) < span[1] && span[0] < Number(stripe.dataset.to)
    && !names.has(stripe.dataset.coding) && names.add(stripe.dataset.coding));
};

function openCodingOf(stripe, focus = false) {
  const { coding, code, from, to, memo, qualifiers } = stripe.dataset;
  openCoding = { coding, code, from: Number(from), to: Number(to), memo, qualifiers: JSON.parse(qualifiers) };
  showOpenCoding();
  if (focus) document.getElementById("coding")?.focus();
}

function closeCoding() {
  openCoding = null;
  showOpenCoding();
}

function markOpen() {
  for (const stripe of stripes()) {
    if (openCoding && stripe.dataset.coding === openCoding.coding) stripe.setAttribute("aria-current", "true");
    else stripe.removeAttribute("aria-current");
  }
}

function showOpenCoding() {
  document.querySelector(".bench-panel > .open-coding")?.remove();
  codingPlace.replaceChildren();
  drawBoxes("open", openCoding ? [openCoding.from, openCoding.to] : null);
  markOpen();
  if (!openCoding) return;
  const section = template.content.firstElementChild.cloneNode(true);
  section.querySelector("h2").textContent = codes.get(openCoding.code).name;
  section.querySelector("blockquote").textContent = wordsBetween(openCoding.from, openCoding.to).slice(0, 300);
  const form = section.querySelector("form");
  for (const field of form.elements) {
    if (field.name.startsWith("q-")) field.value = openCoding.qualifiers[field.name.slice(2)] || "";
  }
  form.elements.memo.value = openCoding.memo;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter && event.submitter.value === "remove") removeCoding(); else saveCoding(form);
  });
  form.addEventListener("change", () => saveCoding(form));
  typedSlowly(form.elements.memo, () => saveCoding(form));
  const bounds = element("button", "Give it the chosen words", { type: "button", className: "button quiet" });
  bounds.addEventListener("click", setBoundaries);
  const close = element("button", "Close", { type: "button", className: "button quiet" });
  close.addEventListener("click", () => { closeCoding(); benchText.focus({ preventScroll: true }); });
  section.querySelector(".ways").append(bounds, close);
  section.querySelector(".other-code")?.remove();
  codingPlace.append(section);
}

// Saves what is typed after a pause, and when the page is left.
function typedSlowly(area, save) {
  let pause;
  area.addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(save, 1500); });
  area.addEventListener("change", () => clearTimeout(pause));
}

function saveCoding(form) {
  if (!openCoding || !form.isConnected) return;
  const fields = Object.fromEntries([...form.elements].filter((field) => field.name.startsWith("q-")).map((field) => [field.name, field.value]));
  const qualifiers = Object.fromEntries(Object.entries(fields).filter(([, value]) => value).map(([name, value]) => [name.slice(2), value]));
  const memo = form.elements.memo.value;
  if (memo.trim() === openCoding.memo.trim() && JSON.stringify(qualifiers) === JSON.stringify(openCoding.qualifiers)) return;
  Object.assign(openCoding, { memo, qualifiers });
  act({ do: "change", coding: openCoding.coding, memo, ...fields }, "Coding saved");
}

// Opens the coding on the chosen words, if it is the only one there. False, and a notice, if none is open then.
function needsCoding() {
  const span = chosenSpan();
  const here = openCoding || !span ? [] : codingsAt(span);
  if (here.length === 1) openCodingOf(here[0]);
  if (!openCoding) tell(here.length ? "These words have several codings: + and − open one." : "The chosen words have no coding: + and − go to the next.");
  return Boolean(openCoding);
}

function removeCoding() {
  if (!needsCoding()) return;
  act({ do: "remove", coding: openCoding.coding }, "Coding removed");
  closeCoding();
  benchText.focus({ preventScroll: true });
}

function setBoundaries() {
  const span = chosenSpan();
  if (!span || !needsCoding()) return;
  act({ do: "boundaries", coding: openCoding.coding, from: span[0], to: span[1] }, "Boundaries changed");
  Object.assign(openCoding, { coding: `${span[0]}-${span[1]}:${openCoding.code}`, from: span[0], to: span[1] });
  showOpenCoding();
}

stateListeners.push((answer, entry) => {
  // What was undone, refused or changed elsewhere may not be there any more.
  if (openCoding && (entry.fields.do === "undo" || entry.fields.do === "redo" || answer.message)) closeCoding();
  showRead();
});
