// Names of subjects while one types. Without this file the button "Find" does the same.
"use strict";

for (const field of document.querySelectorAll("[data-subjects]")) {
  const list = document.getElementById(field.getAttribute("list"));
  let waiting = 0;
  let last = "";
  const offer = async () => {
    const words = field.value.trim();
    if (words.length < 2 || words === last) return;
    last = words;
    const address = new URL(field.dataset.subjects, document.baseURI);
    address.searchParams.set("q", words);
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (!answer.ok || words !== last) return;
      const { subjects } = await answer.json();
      list.replaceChildren(
        ...subjects.map(({ name, found_by: other }) => {
          const option = document.createElement("option");
          option.value = name;
          if (other && other !== name) option.label = other + " \u2192 " + name;
          return option;
        }),
      );
    } catch {
      // Nothing is offered; the button still finds.
    }
  };
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(offer, 200);
  });
}
