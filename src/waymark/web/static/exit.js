// "Exit this page": the page is not left in the history of the tab, and Shift pressed three times works too.
// Without this file the link works as a link.
"use strict";

const exit = document.querySelector(".exit a");
const leave = () => {
  document.body.hidden = true;
  window.location.replace(exit.href);
};
exit.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  leave();
});

let presses = [];
document.addEventListener("keydown", (event) => {
  if (event.repeat) return;
  presses = event.key === "Shift" ? [...presses, event.timeStamp].slice(-3) : [];
  if (presses.length === 3 && event.timeStamp - presses[0] < 3000) leave();
});
