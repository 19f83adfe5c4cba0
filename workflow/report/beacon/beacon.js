"use strict";
(() => {
  const words = JSON.parse(document.getElementById("words").textContent);
  const part = (name) => document.getElementById(name);

  function address(text, group) {
    const given = new URLSearchParams({ requestedGranularity: "count" });
    const one = /^(?:chr)?(\w+)[-: ]+(\d+)[-: ]+([ACGT]+)[-:> ]+([ACGT]+)$/i.exec(text);
    const range = /^(?:chr)?(\w+):([\d,.]+)-([\d,.]+)$/i.exec(text);
    if (group) given.set("filters", group);
    if (one) return `g_variants/${one[1]}-${one[2]}-${one[3].toUpperCase()}-${one[4].toUpperCase()}?${given}`;
    if (range) {
      const [start, end] = [range[2], range[3]].map((number) => Number(number.replace(/[,.]/g, "")));
      given.set("assemblyId", words.assembly);
      given.set("referenceName", range[1]);
      given.set("start", String(start - 1));
      given.set("end", String(end));
    } else given.set(text.includes(":") ? "genomicAlleleShortForm" : "geneId", text);
    return `g_variants?${given}`;
  }

  function show(kind, verdict, numbers, meaning) {
    part("answer").hidden = false;
    part("answer").className = kind;
    part("verdict").textContent = verdict;
    part("meaning").textContent = meaning;
    part("numbers").replaceChildren();
    for (const [name, value] of numbers) {
      const term = document.createElement("dt");
      const told = document.createElement("dd");
      term.textContent = name;
      told.textContent = value;
      part("numbers").append(term, told);
    }
  }

  function tell(answer) {
    const found = answer.responseSummary;
    const told = answer.info || {};
    const numbers = [];
    if (found.numTotalResults !== undefined) numbers.push([words.number, String(found.numTotalResults)]);
    if (told.alleleCount) numbers.push([words.alleles, told.alleleNumber ? `${told.alleleCount} / ${told.alleleNumber}` : String(told.alleleCount)]);
    if (told.alleleCount && told.alleleNumber) numbers.push([words.frequency, (told.alleleCount / told.alleleNumber).toPrecision(3)]);
    if (found.exists) show("yes", words.found, numbers, words.yes_meaning);
    else show("no", words.missing, numbers, words.no_meaning);
  }

  async function lookUp() {
    const text = part("variant").value.trim();
    const token = part("token").value.trim();
    part("asked").textContent = text;
    try {
      const headers = token ? { Authorization: `Bearer ${token}` } : {};
      const response = await fetch(address(text, part("group") ? part("group").value : ""), { headers });
      const answer = await response.json();
      if (answer.error) show("refused", words.refused, [], answer.error.errorMessage);
      else tell(answer);
    } catch {
      show("refused", words.refused, [], words.unreachable);
    }
  }

  part("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    lookUp();
  });
  if (location.hash.length > 1) {
    part("variant").value = decodeURIComponent(location.hash.slice(1));
    lookUp();
  }
})();
