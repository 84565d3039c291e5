// The workbench: moving by word, sentence, passage and page over a report of which only a part is in the document.
"use strict";

const KINDS = { ArrowLeft: ["word", -1], ArrowRight: ["word", 1], ArrowUp: ["sentence", -1], ArrowDown: ["sentence", 1] };

async function move(event) {
  const [kind, direction] = KINDS[event.key];
  const unit = event.ctrlKey && kind === "sentence" ? "passage" : kind;
  if (step(unit, direction, event.shiftKey)) return;
  // The edge of what is loaded: the next page has to come first.
  const loaded = [...benchText.querySelectorAll(".bench-part[data-start]")].map((part) => Number(part.dataset.part));
  const next = direction > 0 ? Math.max(...loaded) + 1 : Math.min(...loaded) - 1;
  if (next < 1 || next > partSpans.length) {
    tell(direction > 0 ? "End of the report. Control and Enter lead to the next report." : "Beginning of the report");
    return;
  }
  inView.add(next);
  await loadPart(next);
  if (!step(unit, direction, event.shiftKey)) {
    const words = unitsLoaded("word");
    const word = direction > 0 ? words[words.length - 1] : words[0];
    if (word) choose(word, word, { scroll: true });
  }
}

// The page that the coder is going to: a key that is pressed again counts from there.
let turningTo = null;

async function turnTo(number, { end = false, quiet = false } = {}) {
  const to = Math.min(Math.max(number, 1), partSpans.length);
  const wanted = () => turningTo === to;
  turningTo = to;
  await goTo(to, wanted);
  // Keys pressed fast lead over pages that are out of view again before they are there.
  if (wanted() && !isLoaded(partElement(to))) await goTo(to, wanted);
  if (!wanted()) return;
  turningTo = null;
  chooseIn(to, end, quiet);
}

// The first word of a page, or its last sentence.
function chooseIn(number, end, quiet = false) {
  if (!isLoaded(partElement(number))) {
    chooseNone();
    tell(`${nounAtStart()} ${number} cannot be fetched now.`);
    return;
  }
  const inside = [...partElement(number).querySelectorAll("[data-s]")].filter((one) => unitsShown(one).word.length);
  if (!inside.length) tell(`${nounAtStart()} ${number} has no text.`);
  else if (end) chooseSpan(...unitsShown(inside[inside.length - 1]).sentence.at(-1), { scroll: true, quiet });
  else choose(unitsShown(inside[0]).word[0], unitsShown(inside[0]).word[0], { scroll: true, quiet });
}

// The first word or last sentence of the page of the chosen words, which need not be the one in view
// while pages come and move the text; without chosen words, of the page in view.
function chooseEdge(end) {
  const span = chosenSpan();
  const at = span ? partSpans.findIndex(([, last]) => span[0] < last) : -1;
  const part = at < 0 ? currentPart : at + 1;
  if (isLoaded(partElement(part))) {
    chooseIn(part, end);
    return;
  }
  // The next key must not code what was chosen before.
  chooseNone();
  turnTo(part, { end });
}

const turnBy = (by) => turnTo((turningTo ?? currentPart) + by);

// The coding that is open, or the one made last on the chosen words: "memo" or "qualifiers" get the focus.
function editCoding(what) {
  const span = chosenSpan();
  if (!openCoding && span) {
    const here = codingsAt(span);
    const last = here.find((stripe) => stripe.dataset.code === lastApplied) || here[here.length - 1];
    if (last) openCodingOf(last);
  }
  const form = openCoding ? codingPlace.querySelector("form") : null;
  if (!form) return tell("The chosen words have no coding yet.");
  openPanel();
  return (what === "memo" ? form.elements.memo : form.querySelector("[name^='q-']") || form.elements.memo).focus();
}

// ---- the next coding, and the next passage without one, in the whole report ----

// Answers are waited for one after another, so that a key pressed fast counts from where the one before it led.
let stepsOverReport = Promise.resolve();

function overReport(find, none) {
  stepsOverReport = stepsOverReport.then(async () => {
    try {
      if (!await find()) tell(none);
    } catch {
      tell("No connection: only pages that are shown can be reached.");
    }
  });
}

async function nearest(what, from, by, coding = "") {
  const query = new URLSearchParams({ what, from, coding, back: by < 0 ? "yes" : "no" });
  const answer = await fetch(`${bench.dataset.address}nearest/?${query}`, { credentials: "same-origin", headers: { Accept: "application/json" } });
  if (!answer.ok || !isJson(answer)) throw new Error("no answer");
  return answer.json();
}

// Brings words into view, whose page may not be in the document; whether it came.
async function showPlace(start, end, part, options = {}) {
  inView.add(part);
  await loadPart(part);
  if (!isLoaded(partElement(part))) return false;
  chooseSpan(start, end, { scroll: true, ...options });
  followView();
  return true;
}

// The coding after the open one among the pages shown, if nothing between the two is left out.
function nextShown(by) {
  const list = stripes().filter((stripe) => !stripe.parentElement.classList.contains("on"));
  const here = list.findIndex((stripe) => openCoding && stripe.dataset.coding === openCoding.coding);
  const next = here < 0 ? null : list[here + by];
  if (!next) return null;
  const numbers = [list[here], next].map((stripe) => Number(stripe.closest(".bench-part").dataset.part)).sort((a, b) => a - b);
  for (let number = numbers[0]; number <= numbers[1]; number += 1) if (!isLoaded(partElement(number))) return null;
  return next;
}

function nextCoding(by) {
  overReport(async () => {
    let next = nextShown(by);
    if (!next) {
      const { place, coding } = await nearest("coding", chosenSpan() ? chosenSpan()[0] : partSpans[currentPart - 1][0], by, openCoding ? openCoding.coding : "");
      if (!place || !await showPlace(...place, { quiet: true })) return false;
      next = stripes().find((stripe) => stripe.dataset.coding === coding);
      if (!next) return false;
    }
    openCodingOf(next);
    chooseSpan(openCoding.from, openCoding.to, { scroll: true, quiet: true });
    say(`${codes.get(openCoding.code).name}: ${wordsBetween(openCoding.from, openCoding.to).slice(0, 200)}`);
    return true;
  }, by > 0 ? "There is no further coding in the report." : "There is no earlier coding in the report.");
}

function nextUncoded(by) {
  overReport(async () => {
    const span = chosenSpan() || [partSpans[currentPart - 1][0], partSpans[currentPart - 1][0]];
    const { place } = await nearest("uncoded", by > 0 ? span[1] : span[0], by);
    if (openCoding) closeCoding();
    return Boolean(place) && showPlace(...place);
  }, by > 0 ? "Every further passage has a coding." : "Every earlier passage has a coding.");
}
