"use strict";
// The filter box of the grid, and details that open when a link leads into them. Nothing is loaded, nothing is sent.
const box = document.getElementById("filter");
const told = document.getElementById("filter-told");
const rows = [...document.querySelectorAll("tr[data-name]")];
const folds = [...document.querySelectorAll("#grid details")];
const open = folds.map((fold) => fold.open);
function filter() {
  const words = box.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of rows) {
    const fits = words.every((word) => row.dataset.name.includes(word));
    row.hidden = !fits;
    shown += fits;
  }
  folds.forEach((fold, at) => { fold.open = words.length ? true : open[at]; });
  told.textContent = words.length ? `${shown} of ${rows.length} rows` : "";
}
if (box) {
  box.closest("form").hidden = false;
  box.closest("form").addEventListener("submit", (event) => event.preventDefault());
  box.addEventListener("input", filter);
}
reveal();
