// The workbench: finding codes and applying them, by search, by number, by the coder's own keys.
"use strict";

const ownKeys = JSON.parse(bench.dataset.keys);
const search = document.getElementById("code-search");
const codeList = document.getElementById("code-list");
const recentPlace = document.getElementById("recent");
const meaning = document.getElementById("meaning");
const MOST_FOUND = 30;
const LAST = "waymark-last-code";
let lastApplied = null;
let recentCodes = JSON.parse(bench.dataset.recent);
let foundCodes = [];
let activeCode = 0;

const plain = (string) => string.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const codes = new Map([...document.querySelectorAll(".code-choice")].map((item) => [item.dataset.code, {
  code: item.dataset.code,
  name: item.querySelector(".code-name").textContent,
  plainName: plain(item.querySelector(".code-name").textContent),
  about: plain(item.dataset.words),
  meaning: item.querySelector(".meaning-text"),
  tone: item.querySelector(".tone").className,
}]));
const keyOfCode = (code) => ownKeys[code] || "";
const codeOfKey = (key) => Object.keys(ownKeys).find((code) => ownKeys[code] === key);

function element(tag, words = "", properties = {}) {
  const made = Object.assign(document.createElement(tag), properties);
  if (words) made.textContent = words;
  return made;
}

// ---- applying ----

function applyCode(code) {
  const span = chosenSpan();
  if (!span) {
    tell("Choose words of the report first.");
    return;
  }
  const { name } = codes.get(code);
  lastApplied = code;
  try { sessionStorage.setItem(LAST, code); } catch { /* for this page only */ }
  drawBoxes("waiting", span);
  act({ do: "code", from: span[0], to: span[1], code }, `Coded: ${name}`);
  showMeaning(code);
  closeSearch();
  benchText.focus({ preventScroll: true });
}

function applyLast() {
  let code = null;
  try { code = sessionStorage.getItem(LAST); } catch { /* none */ }
  if (code && codes.has(code)) applyCode(code);
  else tell("No code was used yet.");
}

function applyRecent(number) {
  if (recentCodes[number - 1]) applyCode(recentCodes[number - 1]);
  else tell(`No code has the number ${number}.`);
}

function showMeaning(code) {
  const entry = codes.get(code);
  meaning.replaceChildren(element("h3", entry.name), entry.meaning.cloneNode(true));
}

// ---- the codes used last ----

function showRecent() {
  recentPlace.replaceChildren(...(recentCodes.length ? [element("h3", "Used last")] : []), codeButtons(recentCodes));
}

function codeButtons(list) {
  const items = element("ul");
  items.append(...list.map((code, at) => {
    const entry = codes.get(code);
    const item = element("li");
    const button = element("button", "", { type: "button", className: "code-button" });
    button.append(element("span", "", { className: entry.tone }), element("span", entry.name));
    if (at < 9) button.append(element("kbd", String(at + 1)));
    button.addEventListener("click", () => applyCode(code));
    item.append(button);
    return item;
  }));
  return items;
}

stateListeners.push((answer) => {
  recentCodes = answer.recent;
  showRecent();
  drawBoxes("waiting", null);
});

// ---- search: names first, then what a code means ----

function rankOf(entry, words) {
  const ranks = words.map((word) => {
    if (entry.plainName.startsWith(word)) return 0;
    if (entry.plainName.split(/[^\p{L}\p{N}]+/u).some((part) => part.startsWith(word))) return 1;
    if (entry.plainName.includes(word)) return 2;
    if (entry.about.split(/[^\p{L}\p{N}]+/u).some((part) => part.startsWith(word))) return 3;
    return entry.about.includes(word) ? 4 : -1;
  });
  return ranks.includes(-1) ? -1 : Math.max(...ranks);
}

function codesFor(query) {
  const words = plain(query).split(/\s+/).filter(Boolean);
  if (!words.length) return recentCodes;
  return [...codes.values()].map((entry) => [rankOf(entry, words), entry.code]).filter(([rank]) => rank >= 0)
    .sort((a, b) => a[0] - b[0]).map(([, code]) => code).slice(0, MOST_FOUND);
}

function showFound() {
  foundCodes = codesFor(search.value);
  activeCode = 0;
  codeList.replaceChildren(...foundCodes.map((code, at) => {
    const entry = codes.get(code);
    const option = element("li", "", { id: `code-option-${at}` });
    option.setAttribute("role", "option");
    option.append(element("span", "", { className: entry.tone }), element("span", entry.name));
    if (keyOfCode(code)) option.append(element("kbd", keyOfCode(code)));
    if (at < 9) option.append(element("kbd", at === 0 ? "Enter" : String(at + 1)));
    option.addEventListener("click", () => applyCode(code));
    return option;
  }));
  if (!foundCodes.length) codeList.append(element("li", search.value ? "No code has these words" : "Type to search the codes"));
  codeList.hidden = false;
  search.setAttribute("aria-expanded", "true");
  showActive();
}

function showActive() {
  codeList.querySelectorAll("[role=option]").forEach((option, at) => {
    option.setAttribute("aria-selected", String(at === activeCode));
    if (at === activeCode) option.setAttribute("aria-describedby", "meaning"); else option.removeAttribute("aria-describedby");
    if (at === activeCode) option.scrollIntoView({ block: "nearest" });
  });
  if (foundCodes[activeCode]) {
    search.setAttribute("aria-activedescendant", `code-option-${activeCode}`);
    showMeaning(foundCodes[activeCode]);
  } else {
    search.removeAttribute("aria-activedescendant");
  }
}

function openSearch(begin = "") {
  openPanel();
  search.value = begin;
  search.focus({ preventScroll: true });
  showFound();
}

function closeSearch() {
  search.value = "";
  codeList.hidden = true;
  search.setAttribute("aria-expanded", "false");
  search.removeAttribute("aria-activedescendant");
  closePanel();
}

search.addEventListener("input", showFound);
search.addEventListener("focus", () => { if (codeList.hidden) showFound(); });
search.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by && foundCodes.length) {
    activeCode = (activeCode + by + foundCodes.length) % foundCodes.length;
    showActive();
  } else if (event.key === "Enter") {
    if (foundCodes[activeCode]) applyCode(foundCodes[activeCode]);
  } else if (/^[1-9]$/.test(event.key) && foundCodes[Number(event.key) - 1]) {
    applyCode(foundCodes[Number(event.key) - 1]);
  } else if (event.key === "Escape") {
    closeSearch();
    benchText.focus({ preventScroll: true });
  } else {
    return;
  }
  event.preventDefault();
});

// ---- the list of all codes: buttons instead of choices of a form ----

for (const item of document.querySelectorAll(".code-choice")) {
  const { code } = item.dataset;
  const label = item.querySelector("label");
  const button = element("button", "", { type: "button", className: "code-button" });
  button.append(...[...label.childNodes].filter((node) => node.nodeName !== "INPUT"));
  if (keyOfCode(code)) button.append(element("kbd", keyOfCode(code)));
  button.addEventListener("click", () => applyCode(code));
  label.replaceWith(button);
}
document.querySelector(".code-search").hidden = false;
document.getElementById("all-codes").open = false;
for (const place of document.querySelectorAll(".plain-choice")) place.hidden = true;
showRecent();
