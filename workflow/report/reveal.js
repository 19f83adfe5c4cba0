// What the address points to is opened and scrolled to, however deeply it is folded.
function reveal() {
  const place = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!place) return;
  for (let at = place; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  place.scrollIntoView();
}
window.addEventListener("hashchange", reveal);
