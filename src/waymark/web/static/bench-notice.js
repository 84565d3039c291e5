// The workbench: what it tells a coder, by ear and by eye.
"use strict";

const spoken = document.getElementById("spoken");
const notice = document.getElementById("notice");

function say(message) {
  spoken.textContent = "";
  requestAnimationFrame(() => { spoken.textContent = message; });
}

// What a key did, or why it did nothing: spoken, and shown until the next key.
function tell(message) {
  say(message);
  notice.textContent = message;
  notice.hidden = false;
}

function hideNotice() {
  notice.hidden = true;
}
document.addEventListener("keydown", (event) => { if (!["Shift", "Control", "Alt", "Meta"].includes(event.key)) hideNotice(); }, true);
document.addEventListener("pointerdown", hideNotice, true);
