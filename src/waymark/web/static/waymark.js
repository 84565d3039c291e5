// Small conveniences. Every journey works without this file.
"use strict";

// "Copy" beside a citation: made here, because without this file it could do nothing.
for (const words of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button quiet no-print";
  button.textContent = words.dataset.copy;
  const told = document.createElement("span");
  told.setAttribute("role", "status");
  told.className = "soft small";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(words.innerText.trim());
      told.textContent = " Copied.";
    } catch {
      told.textContent = " The browser did not allow copying: select the words instead.";
    }
  });
  words.after(button, told);
}

// A region that scrolls can be reached by keyboard. One that does not is no stop for the Tab key, and the head of its
// table stays in sight. Without this file all of them are as wide as the page and may scroll.
const measured = new ResizeObserver((changes) => {
  for (const { target } of changes) {
    target.classList.remove("fits");
    const fits = target.scrollWidth <= target.clientWidth + 1 && target.scrollHeight <= target.clientHeight + 1;
    target.classList.toggle("fits", fits);
    if (fits) target.removeAttribute("tabindex");
    else target.tabIndex = 0;
  }
});
const SCROLLING = ".scroll, .whole-text";
for (const region of document.querySelectorAll(SCROLLING)) measured.observe(region);
// A preview replaces a part of its page while somebody types.
new MutationObserver((changes) => {
  const added = changes.flatMap((change) => [...change.addedNodes]).filter((node) => node instanceof Element);
  for (const node of added) {
    if (node.matches(SCROLLING)) measured.observe(node);
    for (const region of node.querySelectorAll(SCROLLING)) measured.observe(region);
  }
}).observe(document.body, { childList: true, subtree: true });
