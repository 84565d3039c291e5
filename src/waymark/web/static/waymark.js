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
