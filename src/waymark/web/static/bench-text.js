// The workbench: the words of a report, by position, and choosing some of them by mouse, touch or keyboard.
// Positions are code points of the report's text, as the server counts them. Without these files the page works by its forms.
"use strict";

const benchText = document.getElementById("text");
const pointsIn = (string) => [...string].length;

// ---- words and sentences of what is loaded ----

const unitsOfHolder = new WeakMap();
const sentences = window.Intl && Intl.Segmenter ? new Intl.Segmenter("en-GB", { granularity: "sentence" }) : null;

// No sentence ends after the number of a paragraph or after a title.
const UNFINISHED = /^[\s\p{N}.()\u2022\u2013-]*$|\b(?:Mr|Mrs|Ms|Dr|St|No|para|paras|p|pp|e\.g|i\.e)\.\s*$/u;

function whole(parts) {
  const merged = [];
  for (const [index, string] of parts) {
    const last = merged[merged.length - 1];
    if (last && UNFINISHED.test(last[1])) last[1] += string;
    else merged.push([index, string]);
  }
  return merged;
}

// Words, sentences and the whole of one element with data-s, each as [start, end] in code points.
function unitsOf(holder) {
  if (unitsOfHolder.has(holder)) return unitsOfHolder.get(holder);
  const string = holder.textContent;
  const first = Number(holder.dataset.s);
  const at = (index) => first + pointsIn(string.slice(0, index));
  const spans = (matches) => matches.map(([index, part]) => {
    const lead = part.length - part.trimStart().length;
    return [at(index + lead), at(index + part.trimEnd().length)];
  }).filter(([start, end]) => start < end);
  // A word has no punctuation at its ends; a sentence has its own.
  const words = [...string.matchAll(/[\p{L}\p{N}](?:\S*[\p{L}\p{N}])?/gu)].map((match) => [match.index, match[0]]);
  const units = { word: spans(words), passage: spans([[0, string]]) };
  const parts = sentences ? [...sentences.segment(string)].map((part) => [part.index, part.segment])
    : [...string.matchAll(/[^.!?]+[.!?]*\s*/gu)].map((match) => [match.index, match[0]]);
  units.sentence = spans(whole(parts));
  unitsOfHolder.set(holder, units);
  return units;
}

const holders = () => [...benchText.querySelectorAll("[data-s]")];
const unitsLoaded = (kind) => holders().flatMap((holder) => unitsShown(holder)[kind]);

// ---- between positions and the document ----

function nodesBetween(holder, start, end) {
  const walker = document.createTreeWalker(holder, NodeFilter.SHOW_TEXT);
  const found = [];
  let at = Number(holder.dataset.s);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const points = [...node.data];
    const first = Math.max(start - at, 0);
    const last = Math.min(end - at, points.length);
    if (first < last) {
      found.push([node, points.slice(0, first).join("").length, points.slice(0, last).join("").length]);
    }
    at += points.length;
  }
  return found;
}

function holdersBetween(start, end) {
  return holders().filter((holder) => {
    const first = Number(holder.dataset.s);
    return first < end && start < first + pointsIn(holder.textContent);
  });
}

// One range for each text node, so that the boxes of whole paragraphs are not among their rectangles.
function rangesOf(start, end, inside = holdersBetween(start, end)) {
  return inside.flatMap((holder) => nodesBetween(holder, start, end)).map(([node, first, last]) => {
    const range = document.createRange();
    range.setStart(node, first);
    range.setEnd(node, last);
    return range;
  });
}

function wordsBetween(start, end) {
  const parts = holdersBetween(start, end).map((holder) => (closedVeil(holder) ? HIDDEN_WORDS : nodesBetween(holder, start, end)
    .map(([node, first, last]) => node.data.slice(first, last)).join(""))).filter((words, at, all) => words !== HIDDEN_WORDS || all[at - 1] !== words);
  return parts.join(" ").replace(/\s+/g, " ").trim();
}

function positionsOf(range) {
  const inside = holders().filter((holder) => range.intersectsNode(holder));
  let start = null;
  let end = null;
  for (const holder of inside) {
    const part = document.createRange();
    part.selectNodeContents(holder);
    const lead = part.cloneRange();
    if (range.compareBoundaryPoints(Range.START_TO_START, part) > 0) lead.setEnd(range.startContainer, range.startOffset);
    else lead.collapse(true);
    if (range.compareBoundaryPoints(Range.END_TO_END, part) < 0) part.setEnd(range.endContainer, range.endOffset);
    const first = Number(holder.dataset.s);
    if (start === null) start = first + pointsIn(lead.toString());
    end = first + pointsIn(part.toString());
  }
  return start === null ? null : [start, end];
}

// ---- boxes over the words ----

function drawBoxes(kind, span) {
  let layer = document.getElementById(`boxes-${kind}`);
  if (!layer) {
    layer = Object.assign(document.createElement("div"), { id: `boxes-${kind}`, className: `boxes boxes-${kind}` });
    layer.setAttribute("aria-hidden", "true");
    benchText.parentElement.prepend(layer);
  }
  const origin = layer.getBoundingClientRect();
  const rects = span ? rectsOf(...span) : [];
  layer.replaceChildren(...rects.filter((rect) => rect.width > 0).map((rect) => {
    const box = document.createElement("div");
    Object.assign(box.style, {
      left: `${rect.left - origin.left}px`, top: `${rect.top - origin.top}px`, width: `${rect.width}px`, height: `${rect.height}px`,
    });
    return box;
  }));
  return rects;
}

// ---- what is chosen: from an anchor to a moving end, both words ----

const chosen = { anchor: null, moving: null };
const chosenSpan = () => (chosen.anchor
  ? [Math.min(chosen.anchor[0], chosen.moving[0]), Math.max(chosen.anchor[1], chosen.moving[1])] : null);
const chosenListeners = [];

function choose(anchor, moving, { quiet = false, scroll = false } = {}) {
  chosen.anchor = anchor;
  chosen.moving = moving;
  redrawChosen();
  const span = chosenSpan();
  for (const listener of chosenListeners) listener(span, quiet);
  if (scroll && span) scrollToPosition(moving[0], moving[1]);
}

// The words of a span, its own punctuation included: both ends as [start, end].
function endsOf([start, end]) {
  const words = unitsLoaded("word").filter(([first, last]) => first < end && start < last);
  if (!words.length) return null;
  const first = words[0];
  const last = words[words.length - 1];
  return [[Math.min(start, first[0]), first[1]], [last[0], Math.max(end, last[1])]];
}

function chooseSpan(start, end, options) {
  const ends = endsOf([start, end]);
  if (ends) choose(...ends, options);
  return Boolean(ends);
}

function chooseNone() {
  chosen.anchor = null;
  chosen.moving = null;
  redrawChosen();
  for (const listener of chosenListeners) listener(null, true);
}

function redrawChosen() {
  drawBoxes("chosen", chosenSpan());
}

function scrollToPosition(start, end) {
  const [rect] = rectsOf(start, end);
  if (!rect) return;
  const top = endOfBar() + 20;
  const bottom = window.innerHeight - (document.querySelector(".choosing-bar:not([hidden])") ? 140 : 60);
  if (rect.top < top || rect.bottom > bottom) window.scrollBy({ top: rect.top - (top + bottom) / 3 });
}

// ---- keyboard ----

const indexOf = (units, position) => {
  const at = units.findIndex(([, end]) => end > position);
  return at < 0 ? units.length - 1 : at;
};

// Where to begin when nothing is chosen: the first word that is in view.
function firstInView() {
  const top = endOfBar();
  for (const holder of holders()) {
    const veil = closedVeil(holder);
    const { bottom } = (veil ? veil.querySelector("summary") : holder).getBoundingClientRect();
    if (bottom > top + 10 && unitsShown(holder).word.length) return unitsShown(holder).word[0];
  }
  return unitsLoaded("word")[0] || null;
}

// One word, sentence or passage on (1) or back (-1); extend: the anchor stays. False at the edge of what is loaded.
function step(kind, direction, extend) {
  // What was chosen may be far from where the coder has scrolled to since.
  if (!chosen.anchor || !rangesOf(...chosen.moving).length) {
    const word = firstInView();
    if (!word) return false;
    const units = unitsLoaded(kind);
    choose(...(endsOf(units[indexOf(units, word[0])]) || [word, word]), { scroll: true });
    return true;
  }
  const units = unitsLoaded(kind);
  const [start, end] = chosenSpan();
  const at = kind === "word" ? nextWord(units, direction) : nextUnit(units, direction, extend ? chosen.moving : [start, end]);
  if (at < 0 || at >= units.length) return false;
  const [first, last] = endsOf(units[at]) || [units[at], units[at]];
  if (extend) choose(chosen.anchor, direction > 0 ? last : first, { scroll: true });
  else choose(first, last, { scroll: true });
  window.getSelection().removeAllRanges();
  return true;
}

function nextWord(words, direction) {
  if (direction > 0) {
    const at = words.findIndex(([start]) => start >= chosen.moving[1]);
    return at < 0 ? words.length : at;
  }
  return words.findLastIndex(([, end]) => end <= chosen.moving[0]);
}

// The unit of what is chosen, or the one after it (before it) if all of it up to that end is chosen.
function nextUnit(units, direction, [start, end]) {
  const at = indexOf(units, chosen.moving[0]);
  const whole = direction > 0 ? end >= units[at][1] : start <= units[at][0];
  return whole ? at + direction : at;
}

function swapEnds() {
  if (chosen.anchor) choose(chosen.moving, chosen.anchor, { scroll: true });
}

function chooseOneWord() {
  if (chosen.anchor) choose(chosen.moving, chosen.moving);
}

// Moves one boundary by a word: "start" or "end", 1 later, -1 earlier.
function moveEdge(edge, direction) {
  const span = chosenSpan();
  if (!span) return;
  const words = unitsLoaded("word");
  const first = words.findIndex(([, end]) => end > span[0]);
  const last = words.findLastIndex(([start]) => start < span[1]);
  const [from, to] = edge === "start" ? [first + direction, last] : [first, last + direction];
  if (from < 0 || to >= words.length || from > to) return;
  choose(edge === "start" ? words[from] : [span[0], words[from][1]], edge === "end" ? words[to] : [words[to][0], span[1]]);
}

// ---- mouse and touch: what the browser has selected, to whole words ----

let pressed = false;
let settling;

function takeSelection() {
  const selection = window.getSelection();
  if (pressed || !selection.rangeCount || !benchText.contains(selection.anchorNode)) return;
  const span = positionsOf(selection.getRangeAt(0));
  if (!span) return;
  if (selection.isCollapsed) {
    const word = unitsLoaded("word").find(([start, end]) => start <= span[0] && span[0] <= end);
    if (word) choose(word, word, { quiet: true });
  } else {
    const words = selection.toString();
    chooseSpan(span[0] + pointsIn(words) - pointsIn(words.trimStart()), span[1] - pointsIn(words) + pointsIn(words.trimEnd()), { quiet: true });
  }
}

benchText.addEventListener("pointerdown", (event) => { pressed = event.pointerType === "mouse"; });
document.addEventListener("pointerup", () => {
  if (!pressed) return;
  pressed = false;
  setTimeout(() => {
    takeSelection();
    // Words that the browser has selected are dragged by the next press instead of being chosen anew.
    if (benchText.contains(window.getSelection().anchorNode)) window.getSelection().removeAllRanges();
  });
});
document.addEventListener("copy", (event) => {
  if (!chosenSpan() || !window.getSelection().isCollapsed || event.target.closest("input, textarea")) return;
  event.clipboardData.setData("text/plain", wordsBetween(...chosenSpan()));
  event.preventDefault();
});
document.addEventListener("selectionchange", () => {
  clearTimeout(settling);
  if (!window.getSelection().isCollapsed) settling = setTimeout(takeSelection, 150);
});
