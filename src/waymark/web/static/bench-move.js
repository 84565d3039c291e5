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
    say(direction > 0 ? "End of the report. Control and Enter lead to the next report." : "Beginning of the report");
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
  const inside = [...partElement(number).querySelectorAll("[data-s]")].filter((one) => unitsShown(one).word.length);
  if (!inside.length) say(`${bench.dataset.noun} ${number} has no text`);
  else if (end) chooseSpan(...unitsShown(inside[inside.length - 1]).sentence.at(-1), { scroll: true, quiet });
  else choose(unitsShown(inside[0]).word[0], unitsShown(inside[0]).word[0], { scroll: true, quiet });
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
  if (!form) return say("The chosen words have no coding yet.");
  openPanel();
  return (what === "memo" ? form.elements.memo : form.querySelector("[name^='q-']") || form.elements.memo).focus();
}
