"use strict";
// What needs a script on the page of a case: language of headings, cards unpacked when they are opened, the verdict saved as a file.
// Nothing is loaded and nothing is sent: the Content-Security-Policy of the page allows neither.
const root = document.documentElement;
const facts = JSON.parse(document.getElementById("case-data").textContent);

// Headings stand in both languages; the style sheet shows one. Options of a list cannot hold markup.
function speak(language) {
  root.dataset.language = language;
  for (const option of document.querySelectorAll("option[data-en]")) option.textContent = option.dataset[language];
  for (const button of document.querySelectorAll("#languages button")) button.setAttribute("aria-pressed", String(button.value === language));
}
document.getElementById("languages").hidden = false;
for (const button of document.querySelectorAll("#languages button")) button.addEventListener("click", () => speak(button.value));

// The evidence of candidates further down lies packed (zlib, base64) in their cards, so that the page opens at once.
async function unpack(card) {
  const body = card.querySelector(":scope > .lazy");
  if (!body || !body.dataset.z) return;
  if (!("DecompressionStream" in window)) { body.innerHTML = body.querySelector("noscript").textContent; return; }
  const bytes = Uint8Array.from(atob(body.dataset.z), (letter) => letter.charCodeAt(0));
  delete body.dataset.z;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  body.innerHTML = await new Response(stream).text();
}
for (const card of document.querySelectorAll("details.candidate")) card.addEventListener("toggle", () => { if (card.open) unpack(card); });

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  if (link && link.hash === location.hash) reveal();
});

// The verdict.
const part = (name) => document.getElementById(`verdict-${name}`);
let unsaved = false;
function addRow(rank) {
  const row = part("row").content.firstElementChild.cloneNode(true);
  const which = row.querySelector(".which");
  for (const one of facts.candidates) which.add(new Option(one.name, one.seen.rank));
  which.value = rank ?? "";
  part("rows").append(row);
  speak(root.dataset.language);
}
function rows() {
  const chosen = [...part("rows").children].map((row) => [row.querySelector(".which"), row.querySelector(".what"), row.querySelector(".why")]);
  return chosen.filter(([which]) => which.value).map(([which, what, why]) => {
    const { name, ...variant } = facts.candidates.find((one) => String(one.seen.rank) === which.value);
    return { ...variant, verdict: what.value, comment: why.value.trim() };
  }).filter((one) => one.verdict || one.comment);
}
function verdict() {
  const value = (name) => part(name).value.trim();
  const base = { schema: "genvej-verdict/1", case: facts.case, author: value("author"), date: value("date"), conclusion: value("conclusion") };
  return { ...base, comment: value("comment"), workflow: facts.workflow, variants: rows(), seen: facts.seen };
}
function save() {
  const content = verdict();
  const missing = ["conclusion", "author", "date"].filter((name) => !content[name]);
  for (const name of ["conclusion", "author", "date"]) part(name).setAttribute("aria-invalid", String(missing.includes(name)));
  if (missing.length) { part(missing[0]).focus(); return; }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(content, null, 2) + "\n"], { type: "application/json" }));
  link.download = `${facts.case}.${content.date}.verdict.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  part("told").textContent = link.download;
  unsaved = false;
}
part("form").hidden = false;
part("form").addEventListener("input", () => { unsaved = true; });
part("add").addEventListener("click", () => addRow());
part("save").addEventListener("click", save);
window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });
addRow(facts.candidates.length ? facts.candidates[0].seen.rank : undefined);
speak(root.dataset.language);
reveal();
