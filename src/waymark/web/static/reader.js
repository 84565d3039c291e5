// The reader of a report: the image follows the page in view. Without this file the text, its
// links, finding and the pages one by one work as they are.
"use strict";

const reader = document.getElementById("reader");
const bar = document.querySelector(".reader-bar");
const parts = [...reader.querySelectorAll(".part")];
const pages = [...reader.querySelectorAll(".folio")];
const sheet = reader.querySelector(".sheet-column");
const WIDE = window.matchMedia("(min-width: 80rem)");

function make(tag, words, properties = {}) {
  const element = Object.assign(document.createElement(tag), properties);
  element.textContent = words;
  return element;
}

function button(words, act) {
  const element = make("button", words, { type: "button", className: "button quiet" });
  element.addEventListener("click", act);
  return element;
}

// ---- the page and the heading in view ----

// Nothing inside a part is measured before the part is in view: the browser has not laid it out.
const byPart = new Map(parts.map((part) => [part, {
  pages: [...part.querySelectorAll(".folio")],
  headings: [...part.querySelectorAll(".heading[id]")],
}]));
const entries = new Map([...reader.querySelectorAll(".toc a")].map((link) => [link.hash.slice(1), link]));
const thumbs = new Map([...reader.querySelectorAll(".thumbs a")].map((link) => [link.hash.slice(1), link]));

// The last of a kind of thing whose top is above the line.
function reached(kind, line) {
  let low = 0;
  let high = parts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (parts[middle].getBoundingClientRect().top <= line) low = middle + 1; else high = middle;
  }
  for (let at = low - 1; at >= 0; at -= 1) {
    const things = byPart.get(parts[at])[kind];
    const above = at === low - 1
      ? things.filter((thing) => thing.getBoundingClientRect().top <= line) : things;
    if (above.length) return above[above.length - 1];
  }
  return null;
}

function mark(links, id) {
  for (const link of links.values()) link.removeAttribute("aria-current");
  const link = links.get(id);
  if (!link) return;
  link.setAttribute("aria-current", "true");
  const side = link.closest(".reader-side");
  if (side && link.closest("details").open && side.scrollHeight > side.clientHeight) {
    link.scrollIntoView({ block: "nearest" });
  }
}

function boxesOf(page) {
  return (page.dataset.boxes || "").split(";").filter(Boolean).map((box) => box.split(" "));
}

function drawBoxes(page, hit) {
  const svg = sheet.querySelector("svg.sheet");
  svg.setAttribute("viewBox", `0 0 ${page.dataset.width} ${page.dataset.height}`);
  svg.replaceChildren(...boxesOf(page).map(([of, x, y, width, height]) => {
    const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const [name, value] of Object.entries({ x, y, width, height })) rect.setAttribute(name, value);
    rect.setAttribute("class", of === "0" ? "hl target" : of === String(hit) ? "hl now" : "hl");
    return rect;
  }));
}

let shownPage = null;
let currentHit = 0;

function showPage(page) {
  if (!sheet || !page || page === shownPage) return;
  shownPage = page;
  const number = page.dataset.page;
  const image = sheet.querySelector("img");
  const widths = image.srcset.replace(/\/pages\/\d+\//g, `/pages/${number}/`);
  if (image.srcset !== widths) {
    image.width = Math.round(page.dataset.width);
    image.height = Math.round(page.dataset.height);
    image.srcset = widths;
    image.src = image.src.replace(/\/pages\/\d+\//, `/pages/${number}/`);
  }
  const marked = page.dataset.boxes ? ", with words highlighted" : "";
  image.alt = `Image of page ${number}${marked}. Its text is next to it.`;
  const link = document.getElementById("sheet-link");
  link.href = page.href;
  link.firstChild.textContent = `Page ${number}`;
  const field = document.getElementById("number");
  if (field && field !== document.activeElement) field.value = number;
  drawBoxes(page, currentHit);
  mark(thumbs, page.id);
  toBoxes();
}

// An enlarged image is moved to what is marked on it.
function toBoxes() {
  const frame = sheet.querySelector(".sheet-frame");
  const first = shownPage && boxesOf(shownPage).find(([of]) => !currentHit || of === String(currentHit));
  const scale = frame.scrollHeight / Number(shownPage ? shownPage.dataset.height : 1);
  frame.scrollTop = first ? Math.max(0, Number(first[2]) * scale - frame.clientHeight / 3) : 0;
}

function follow() {
  const line = window.innerHeight * 0.4;
  showPage(reached("pages", line) || pages[0]);
  const heading = reached("headings", line);
  mark(entries, heading ? heading.id : "");
}

let waiting = false;
window.addEventListener("scroll", () => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; follow(); });
}, { passive: true });

// ---- hits ----

const hits = [...reader.querySelectorAll("mark.found[id]")];
const status = make("p", "", { className: "hit-said sr" });
status.setAttribute("role", "status");
bar.append(status);

function step(by) {
  if (!hits.length) return;
  currentHit = (currentHit - 1 + by + hits.length) % hits.length + 1;
  const hit = hits[currentHit - 1];
  for (const other of reader.querySelectorAll("mark.found.now")) other.classList.remove("now");
  hit.classList.add("now");
  document.getElementById("hit-number").textContent = currentHit;
  hit.scrollIntoView({ block: "center" });
  const around = hit.closest("p, li, td, h2, h3, h4, h5, h6").textContent.replace(/\s+/g, " ").trim();
  status.textContent = `Hit ${currentHit} of ${hits.length}: ${around.slice(0, 200)}`;
  shownPage = null;
  follow();
}

function steps() {
  const nav = document.querySelector(".hit-steps");
  if (!nav || !hits.length) return;
  currentHit = Number(document.getElementById("hit-number").textContent);
  for (const id of ["hit-earlier", "hit-here", "hit-later"]) document.getElementById(id)?.remove();
  // "Previous" and "Next" for eyes, so that the bar is one line; the whole name for ears.
  const to = (words, by) => {
    const element = button(words, () => step(by));
    element.append(make("span", " hit", { className: "sr" }));
    return element;
  };
  document.getElementById("hit-count").after(to("Previous", -1), to("Next", 1));
  const field = document.getElementById("find-within");
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || field.value !== field.defaultValue) return;
    event.preventDefault();
    step(event.shiftKey ? -1 : 1);
  });
}

// ---- going to a page, zoom and width ----

function goTo(number) {
  const page = document.getElementById(`page-${number}`);
  if (!page) return false;
  page.scrollIntoView({ block: "start" });
  follow();
  return true;
}

document.querySelector(".to-page")?.addEventListener("submit", (event) => {
  if (goTo(Number(document.getElementById("number").value))) event.preventDefault();
});

function tools() {
  const frame = sheet.querySelector(".sheet-frame");
  const image = sheet.querySelector("img");
  const usual = image.sizes;
  let zoom = 1;
  const set = (to) => {
    zoom = Math.min(3, Math.max(1, to));
    frame.classList.toggle("zoom-2", zoom === 2);
    frame.classList.toggle("zoom-3", zoom === 3);
    image.sizes = zoom === 1 ? usual : "60rem";
    smaller.disabled = zoom === 1;
    larger.disabled = zoom === 3;
    scrollable();
    toBoxes();
  };
  const larger = button("Zoom in", () => set(zoom + 1));
  const smaller = button("Zoom out", () => set(zoom - 1));
  const widths = ["wide-image", "wide-text"].map((name) => {
    const toggle = button(name === "wide-image" ? "Wide image" : "Text only", () => {
      const on = !reader.classList.contains(name);
      reader.classList.remove("wide-image", "wide-text");
      reader.classList.toggle(name, on);
      for (const [other, one] of widths) one.setAttribute("aria-pressed", String(on && other === name));
      shownPage = null;
      follow();
    });
    toggle.setAttribute("aria-pressed", "false");
    return [name, toggle];
  });
  const group = make("div", "", { className: "sheet-tools" });
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "Size of the page image");
  group.append(smaller, larger, widths[0][1]);
  sheet.querySelector(".sheet-title").after(group);
  bar.append(widths[1][1]);
  set(1);
}

// ---- keys: with Alt only, so that they meet none of a screen reader; they can be switched off ----

const KEYS = "waymark-reader-keys";
const keysOff = () => { try { return localStorage.getItem(KEYS) === "off"; } catch { return false; } };

function keys() {
  const help = make("details", "", { className: "reader-keys" });
  const list = make("dl", "");
  for (const [key, what] of [["Alt and Page Down", "next page"], ["Alt and Page Up", "previous page"],
    ["Enter in “Find”", "next hit"], ["Shift and Enter in “Find”", "previous hit"]]) {
    list.append(make("dt", key), make("dd", what));
  }
  const label = make("label", " Use Alt and Page Up or Page Down");
  const box = make("input", "", { type: "checkbox", checked: !keysOff() });
  box.addEventListener("change", () => {
    try { localStorage.setItem(KEYS, box.checked ? "on" : "off"); } catch { /* for this page only */ }
  });
  label.prepend(box);
  help.append(make("summary", "Keys"), list, label);
  reader.querySelector(".reader-side").append(help);
  document.addEventListener("keydown", (event) => {
    const by = { PageDown: 1, PageUp: -1 }[event.key];
    if (!by || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || !box.checked) return;
    event.preventDefault();
    goTo(Number(shownPage ? shownPage.dataset.page : 1) + by);
  });
}

// ---- regions that can be scrolled can be reached by the keyboard, others need not ----

function scrollable() {
  for (const region of reader.querySelectorAll(".sheet-frame, .text .scroll")) {
    const scrolls = region.scrollWidth > region.clientWidth + 1 || region.scrollHeight > region.clientHeight + 1;
    if (scrolls) {
      region.tabIndex = 0;
      region.setAttribute("role", "region");
      region.setAttribute("aria-label", region.dataset.scrollLabel || "Table");
    } else {
      for (const name of ["tabindex", "role", "aria-label"]) region.removeAttribute(name);
    }
  }
}

// What is beside the text begins below the bar, which may need two lines.
function underBar() {
  const height = getComputedStyle(bar).position === "sticky" ? bar.offsetHeight : 0;
  document.documentElement.style.setProperty("--bar-height", `${height}px`);
}

if (WIDE.matches) document.getElementById("toc")?.setAttribute("open", "");
steps();
if (sheet) tools();
if (pages.length > 1) keys();
for (const fit of [underBar, scrollable]) {
  fit();
  window.addEventListener("resize", fit);
}
follow();
