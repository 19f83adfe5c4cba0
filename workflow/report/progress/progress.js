// A run that was killed cannot say so: the page does, once it has not been written for too long.
(() => {
  const { made, silent, alive } = document.body.dataset;
  if (alive === undefined) return;
  const look = () => {
    const seconds = Date.now() / 1000 - Number(made);
    document.getElementById("since").textContent = seconds < 120 ? `${Math.round(seconds)} seconds` : `${Math.round(seconds / 60)} minutes`;
    document.getElementById("silent").hidden = seconds <= Number(silent);
  };
  look();
  setInterval(look, 5000);
})();
