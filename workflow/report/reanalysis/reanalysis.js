"use strict";
// Headings stand in both languages; the style sheet shows one. Nothing is loaded and nothing is sent.
const root = document.documentElement;
const buttons = document.querySelectorAll("#languages button");
function speak(language) {
  root.dataset.language = language;
  for (const button of buttons) button.setAttribute("aria-pressed", String(button.value === language));
}
document.getElementById("languages").hidden = false;
for (const button of buttons) button.addEventListener("click", () => speak(button.value));
speak(root.dataset.language);
