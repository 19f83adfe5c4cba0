"""Size of the page of a case, and how soon it answers in headless Chromium: `python -m scripts.bench.case_page REPORT.json`.

A finished case's report.json is grown to as many candidates and members as asked, with the reads that it has; nothing is simulated.
"""

import argparse
import http.server
import json
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from scripts.take_screenshots import BROWSERS, OPTIONS, QUIET
from workflow.errors import InputError
from workflow.page import render_page

CHANGE = {"workflow": "000000000000", "status": "first version", "from": None, "why": None, "who": None, "when": None}
FRAME = """<!DOCTYPE html><link rel=icon href="data:,"><iframe id=f width=1280 height=900></iframe><script>
const wait = (ms) => new Promise((go) => setTimeout(go, ms));
f.onload = async () => {
  const page = f.contentWindow, root = page.document.documentElement, told = {};
  const entry = page.performance.getEntriesByType("navigation")[0];
  told.interactive_ms = Math.round(entry.domInteractive); told.loaded_ms = Math.round(entry.loadEventStart);
  let start = performance.now();
  page.document.querySelector("#languages button[value=da]").click(); root.getBoundingClientRect(); page.document.body.offsetHeight;
  told.switch_ms = Math.round(performance.now() - start);
  const card = [...page.document.querySelectorAll("details.candidate")].at(-1);
  start = performance.now(); card.open = true;
  while (!card.querySelector("svg.pedigree")) await wait(1);
  card.getBoundingClientRect(); told.open_card_ms = Math.round(performance.now() - start);
  told.elements = page.document.querySelectorAll("*").length;
  fetch("/told?" + encodeURIComponent(JSON.stringify(told)));
};
f.src = "page.html";
</script>"""
SECONDS = 120


def grown(report: Mapping[str, Any], candidates: int, members: int) -> dict[str, Any]:
    """Return a report with so many candidates and members: its own, again and again."""
    own, people = report["candidates"], report["question"]["members"]
    names = [f"member{number}" for number in range(members)]
    roles = ["proband", "mother", "father", *(["sibling"] * members)]
    first = report["question"]["proband"]
    sources = [people[number % len(people)]["sample"] for number in range(members)]
    shown = []
    for number in range(candidates):
        one = own[number % len(own)]
        calls = {name: one["members"].get(source) or one["members"][first] for name, source in zip(names, sources, strict=True)}
        reads = {name: one["reads"].get(source) or one["reads"][first] for name, source in zip(names, sources, strict=True)}
        shown.append({**one, "rank": number + 1, "members": calls, "reads": reads})
    sheet = [{**people[0], "sample": name, "role": role} for name, role in zip(names, roles, strict=False)]
    alike = {"sex": "female", "affected": "no", "mother": "", "father": "", "sequenced": True, "proband": False}
    drawn = [{"name": name, "role": role, **alike}
             for name, role in zip(names, roles, strict=False)]  # fmt: skip
    drawn[0] |= {"mother": names[1], "father": names[2], "proband": True}
    question = {**report["question"], "members": sheet, "proband": names[0]}
    return {
        **report,
        "candidates": shown,
        "question": question,
        "family": {**report["family"], "people": drawn},
        "quality": {**report["quality"], "members": []},
        "not_assessed": {**report["not_assessed"], "genes": []},
    }


def answers(folder: Path) -> dict[str, Any]:
    """Return what Chromium measures of page.html in a folder.

    Raises:
        InputError: there is no Chromium on PATH, or it says nothing.
    """
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise InputError("there is no Chromium on PATH", remedy="install it (`apt-get install chromium`)")
    told: dict[str, Any] = {}
    heard = threading.Event()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(folder))

        def do_GET(self) -> None:
            if self.path.startswith("/told?"):
                told.update(json.loads(unquote(self.path.partition("?")[2])))
                heard.set()
            super().do_GET()

        def log_message(self, *_: Any) -> None:
            return

    (folder / "frame.html").write_text(FRAME, encoding="utf-8")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/frame.html"
    command = [browser, *OPTIONS.split(), *QUIET.split(), f"--user-data-dir={folder}/profile", "--remote-debugging-port=0", address]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        came = heard.wait(SECONDS)
        running.terminate()
    server.shutdown()
    if not came:
        raise InputError("the browser said nothing")
    return told


def main() -> None:
    """Read the command line, measure, and print one line of JSON a run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path, help="report.json of a finished case")
    parser.add_argument("--candidates", type=int, default=200)
    parser.add_argument("--members", type=int, default=3)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    report = grown(json.loads(options.report.read_text(encoding="utf-8")), options.candidates, options.members)
    start = time.perf_counter()
    page = render_page(report, CHANGE)
    made = {"candidates": options.candidates, "members": options.members, "render_s": round(time.perf_counter() - start, 2)}
    for _ in range(options.repeat):
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(scratch, "page.html")
            file.write_text(page, encoding="utf-8")
            print(json.dumps(made | {"page_mb": round(file.stat().st_size / 1e6, 2)} | answers(Path(scratch))))


if __name__ == "__main__":
    main()
