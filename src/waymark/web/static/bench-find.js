// The workbench: finding words in the whole report, of which only the pages in view are in the document.
"use strict";

const findField = document.getElementById("find");
const foundOutput = document.getElementById("found");
// chosen: the words that were chosen for the place with the number at.
const SEARCHED = { words: "", places: [], number: 0, at: 0, chosen: "" };

async function searchReport(words) {
  if (SEARCHED.words === words) return;
  const answer = await fetch(`${bench.dataset.find}?${new URLSearchParams({ q: words })}`, {
    credentials: "same-origin", headers: { Accept: "application/json" },
  });
  if (!answer.ok || !isJson(answer)) throw new Error("no answer");
  const { places, number } = await answer.json();
  Object.assign(SEARCHED, { words, places, number, chosen: "" });
}

// The next place after what is chosen (1) or the one before it (-1); round the end to the other one.
function placeFrom(direction) {
  const span = chosenSpan();
  // A hidden passage is chosen whole, and may have several places.
  if (String(span) === SEARCHED.chosen) return (SEARCHED.at + direction + SEARCHED.places.length) % SEARCHED.places.length;
  const at = span ? span[0] : (partSpans[currentPart - 1] || [0])[0] - 1;
  const { places } = SEARCHED;
  if (direction > 0) return Math.max(places.findIndex(([start]) => start > at), 0);
  const before = places.findLastIndex(([start]) => start < at);
  return before < 0 ? places.length - 1 : before;
}

// One step after the other: each begins at the place of the one before it, which may still be fetched.
let stepping = Promise.resolve();
function findNext(direction = 1) {
  stepping = stepping.catch(() => {}).then(() => stepToPlace(direction));
  return stepping;
}

async function stepToPlace(direction) {
  const words = findField.value.trim();
  if (!words) {
    findField.focus();
    return;
  }
  try {
    await searchReport(words);
  } catch {
    foundOutput.textContent = "No connection";
    return;
  }
  const { places, number } = SEARCHED;
  if (!places.length) {
    foundOutput.textContent = "Not in the report";
    say("Not in the report");
    return;
  }
  const at = placeFrom(direction);
  const [start, end, part] = places[at];
  foundOutput.textContent = `${at + 1} of ${number}`;
  benchText.focus({ preventScroll: true });
  inView.add(part);
  await loadPart(part);
  chooseSpan(start, end, { quiet: true });
  Object.assign(SEARCHED, { at, chosen: String(chosenSpan()) });
  scrollToPosition(start, end);
  followView();
  const found = wordsBetween(start, end);
  say(`${at + 1} of ${number}. ${bench.dataset.noun} ${part}. ${found === HIDDEN_WORDS ? HIDDEN_SPOKEN : found}`);
}

document.querySelector(".find-words").addEventListener("submit", (event) => {
  event.preventDefault();
  findNext();
});
findField.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  event.preventDefault();
  benchText.focus({ preventScroll: true });
});
document.addEventListener("keydown", (event) => {
  if (event.altKey) return;
  if (event.key === "F3") {
    event.preventDefault();
    findNext(event.shiftKey ? -1 : 1);
  // A second time, the browser's own search opens.
  } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "f" && document.activeElement !== findField) {
    event.preventDefault();
    findField.focus();
    findField.select();
  } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "g") {
    event.preventDefault();
    pageField.focus();
    pageField.select();
  }
});
