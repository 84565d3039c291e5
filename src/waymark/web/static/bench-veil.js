// The workbench: hidden passages. While one is hidden it is a single step, and its words are nowhere on the page.
"use strict";

const HIDDEN_WORDS = "[Hidden passage]";
const HIDDEN_SPOKEN = "Hidden passage. Control and full stop show it.";

// The passage around an element that is hidden now, or null.
function closedVeil(inside) {
  const veil = inside.closest("details.veil");
  return veil && !veil.open ? veil : null;
}

const veilHolders = (veil) => [...veil.querySelectorAll("[data-s]")];

// A hidden passage is one word, one sentence and one passage: [start, end] in code points, at its first element.
function unitsOfVeil(holder, veil) {
  const inside = veilHolders(veil).flatMap((one) => unitsOf(one).passage);
  const unit = inside.length && holder === veilHolders(veil)[0] ? [[inside[0][0], inside[inside.length - 1][1]]] : [];
  return { word: unit, sentence: unit, passage: unit };
}

function unitsShown(holder) {
  const veil = closedVeil(holder);
  return veil ? unitsOfVeil(holder, veil) : unitsOf(holder);
}

// Rectangles of the words of a span; of a hidden passage those of the line in its place.
function rectsOf(start, end) {
  return holdersBetween(start, end).flatMap((holder) => {
    const veil = closedVeil(holder);
    if (veil) return holder === veilHolders(veil)[0] ? [veil.querySelector("summary").getBoundingClientRect()] : [];
    return rangesOf(start, end, [holder]).flatMap((range) => [...range.getClientRects()]);
  });
}

const veilsAt = (span) => [...new Set(holdersBetween(...span).map((holder) => holder.closest("details.veil")).filter(Boolean))];

function toggleVeil() {
  const span = chosenSpan();
  const [veil] = span ? veilsAt(span) : [];
  if (!veil) return tell("No hidden passage is chosen.");
  veil.open = !veil.open;
  if (!veil.open) chooseSpan(...span, { quiet: true });
  redrawChosen();
  return say(veil.open ? wordsBetween(...span).slice(0, 300) : "Hidden passage");
}

// Words that were chosen in a passage are no longer shown beside it once it is hidden.
benchText.addEventListener("toggle", (event) => {
  const span = chosenSpan();
  const veil = event.target.closest("details.veil");
  if (span && veil && veilsAt(span).includes(veil)) chooseSpan(...span, { quiet: true });
  afterChange();
}, true);
