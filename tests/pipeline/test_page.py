"""The page of a case in a real browser (headless Chromium): silent on console and network, no wider than a phone, draft on every sheet."""

import datetime
import html
import http.server
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scripts.collect_report import main as collect
from scripts.render_report import main as render
from tests.report_case import CHANGE, make_case, write_json
from workflow.case_verdicts import load_verdicts
from workflow.page import render_page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on PATH; `make env` installs it on Debian")
QUIET = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
)


class Site:
    """A local web server that remembers what was asked of it."""

    def __init__(self, folder: Path) -> None:
        asked = self.asked = []  # type: ignore[var-annotated]

        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *args: object) -> None:
                super().__init__(*args, directory=str(folder))  # type: ignore[arg-type]

            def log_request(self, code: object = "-", size: object = "-") -> None:
                asked.append(self.path)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}"


def make_page(folder: Path, language: str = "en", **params: Any) -> Path:
    """Write report.json and report.html of the made-up case; return the folder."""
    case = make_case(folder)
    vars(case.params).update(params)
    collect(input=case.input, output=case.output, params=case.params)
    change = write_json(folder / "change.json", CHANGE)
    render(
        input=SimpleNamespace(report=case.output[0], change=change),
        output=[str(folder / "report.html")],
        params=SimpleNamespace(language=language),
    )
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_page(tmp_path_factory.mktemp("page"))


@pytest.fixture
def site(folder: Path) -> Iterator[Site]:
    site = Site(folder)
    yield site
    site.server.shutdown()
    site.server.server_close()


def browse(address: str, profile: Path, *options: str) -> SimpleNamespace:
    """Open a page; return the document after loading, console messages, and the URLs of web requests that the page began."""
    net_log = profile / "net.json"
    command = [
        str(CHROMIUM),
        *QUIET.split(),
        f"--user-data-dir={profile}",
        f"--log-net-log={net_log}",
        "--enable-logging=stderr",
        *options,
        address,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True, stdin=subprocess.DEVNULL)
    console = re.findall(r":CONSOLE[:(].*", done.stderr)
    events = json.loads(net_log.read_text())["events"]
    requests = [e["params"] for e in events if "url" in e.get("params", {}) and e["params"].get("initiator") not in {None, "not an origin"}]
    return SimpleNamespace(document=done.stdout, console=console, requests=sorted({one["url"] for one in requests}))


def test_page_from_a_file_is_silent_on_console_and_network(folder: Path, tmp_path: Path) -> None:
    seen = browse((folder / "report.html").as_uri(), tmp_path, "--dump-dom")
    assert seen.console == []
    assert [url for url in seen.requests if not url.startswith(("data:", "file:"))] == []
    assert 'id="candidate-1"' in seen.document


def test_page_from_a_server_asks_for_nothing_but_itself(site: Site, tmp_path: Path) -> None:
    seen = browse(f"{site.address}/report.html", tmp_path, "--dump-dom")
    assert (site.asked, seen.console) == (["/report.html"], [])


def test_page_with_something_foreign_slipped_in_still_loads_nothing(folder: Path, site: Site, tmp_path: Path) -> None:
    foreign = f'<img src="{site.address}/spy.png"><script>document.title = "run"</script><style>body {{ color: red }}</style></main>'
    (folder / "foreign.html").write_text((folder / "report.html").read_text().replace("</main>", foreign, 1))
    seen = browse(f"{site.address}/foreign.html", tmp_path, "--dump-dom")
    assert site.asked == ["/foreign.html"]
    assert "<title>run" not in seen.document
    assert len([line for line in seen.console if "Content Security Policy" in line]) == 3


def test_browse_notices_requests_and_console_messages(folder: Path, site: Site, tmp_path: Path) -> None:
    (folder / "loud.html").write_text(f'<img src="{site.address}/spy.png"><script>console.error("loud")</script>')
    seen = browse((folder / "loud.html").as_uri(), tmp_path, "--dump-dom")
    assert any("loud" in line for line in seen.console)
    assert f"{site.address}/spy.png" in seen.requests
    assert "/spy.png" in site.asked


def test_page_is_as_wide_as_a_phone_and_no_wider(folder: Path, site: Site, tmp_path: Path) -> None:
    """A frame of 375 pixels holds the page; a script outside of it compares the width of the content with the frame's."""
    measure = """<link rel=icon href="data:,"><iframe id=f width=375 height=800 src=report.html></iframe><p id=w></p><script>
        const page = () => f.contentDocument.documentElement;
        f.onload = () => { w.textContent = `wide ${page().scrollWidth} of ${page().clientWidth}`; }</script>"""
    (folder / "frame.html").write_text(measure)
    seen = browse(f"{site.address}/frame.html", tmp_path, "--dump-dom", "--virtual-time-budget=3000")
    found = re.search(r"wide (\d+) of (\d+)", seen.document)
    assert found
    assert int(found[1]) <= int(found[2]) <= 375


def steer(folder: Path, site: Site, profile: Path, script: str, page: str = "report.html") -> str:
    """Run a script outside of the page that holds it in a frame (`page` is its window), and return what it writes into `told`."""
    frame = """<meta charset=utf-8><link rel=icon href="data:,"><iframe id=f width=1200 height=900 src=PAGE></iframe>
        <pre id=told></pre><script>
        f.onload = async () => {
        const page = f.contentWindow; told.textContent = await (async () => { SCRIPT })(); }</script>"""
    (folder / "steered.html").write_text(frame.replace("PAGE", page).replace("SCRIPT", script))
    seen = browse(f"{site.address}/steered.html", profile, "--dump-dom", "--virtual-time-budget=6000")
    assert seen.console == []
    found = re.search(r"<pre id=\"told\">(.*?)</pre>", seen.document, re.DOTALL)
    assert found
    return html.unescape(found[1])


WRITE = """
const by = (name) => page.document.getElementById(`verdict-${name}`);
let blob; page.URL.createObjectURL = (one) => { blob = one; return "blob:none"; };
page.HTMLAnchorElement.prototype.click = function () { this.name = this.download; };
by("save").click();
const refused = blob === undefined;
by("conclusion").value = "explained"; by("author").value = "Dr <Curie>"; by("date").value = "2026-11-20"; by("comment").value = "æøå";
by("rows").querySelector(".what").value = "causative"; by("rows").querySelector(".why").value = "fits";
by("save").click();
return JSON.stringify([refused, await blob.text(), by("told").textContent]);
"""


def test_a_verdict_is_saved_by_the_page_and_read_back_by_the_next_run(folder: Path, site: Site, tmp_path: Path) -> None:
    refused, text, name = json.loads(steer(folder, site, tmp_path / "profile", WRITE))
    assert refused, "a verdict without author, date and conclusion is not saved"
    assert name == "case1.2026-11-20.verdict.json"
    (tmp_path / name).write_text(text)
    cohort: Any = SimpleNamespace(cases={"case1": None})
    (verdict,) = load_verdicts(tmp_path / name, cohort, datetime.date(2026, 11, 26))["case1"]
    assert (verdict["author"], verdict["comment"], verdict["conclusion"]) == ("Dr <Curie>", "æøå", "explained")
    (variant,) = verdict["variants"]
    assert (variant["verdict"], variant["seen"]["class"], variant["seen"]["gene"]) == ("causative", "likely pathogenic", "LMNA")
    (tmp_path / "again").mkdir()
    page = (make_page(tmp_path / "again", "da", verdicts=[verdict]) / "report.html").read_text()
    assert "Dr &lt;Curie&gt;" in page
    assert "data changed since" not in re.sub(r"<script>.*", "", page, flags=re.DOTALL)


PACKED = """
const card = page.document.getElementById("candidate-11");
const before = card.querySelectorAll("svg.reads").length;
card.open = true;
for (let tries = 0; tries < 100 && !card.querySelector("svg.reads"); tries++) await new Promise((go) => setTimeout(go, 20));
return `${before} ${card.querySelectorAll("svg.reads").length} ${card.querySelectorAll("svg.pedigree").length}`;
"""
SWITCH = """
const shown = () => page.document.getElementById("candidates-title").innerText;
const first = shown();
page.document.querySelector("#languages button[value=da]").click();
const option = page.document.querySelector("#verdict-conclusion option[value=explained]").textContent;
return [first, shown(), option].join("|");
"""


def test_a_card_further_down_is_unpacked_when_it_is_opened(folder: Path, site: Site, tmp_path: Path) -> None:
    report = json.loads((folder / "report.json").read_text())
    many = [report["candidates"][0] | {"rank": rank} for rank in range(1, 13)]
    (folder / "many.html").write_text(render_page(report | {"candidates": many}, CHANGE))
    assert steer(folder, site, tmp_path, PACKED, "many.html") == "0 2 1"


def test_the_switch_changes_headings_and_options(folder: Path, site: Site, tmp_path: Path) -> None:
    assert steer(folder, site, tmp_path, SWITCH) == "Ranked candidates|Rangerede kandidater|forklaret"


def test_every_printed_page_says_draft(folder: Path, tmp_path: Path) -> None:
    browse((folder / "report.html").as_uri(), tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={tmp_path / 'page.pdf'}")
    pages = text_of_pdf(tmp_path / "page.pdf")
    assert len(pages) >= 2
    assert all("Draft for a specialist" in page or "draft for a specialist" in page for page in pages)
    assert "Reads at the position" in " ".join(pages)


def text_of_pdf(path: Path) -> list[str]:
    """Return the text of each page."""
    pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed; `make env` installs it with the tools for tests")
    return [page.extract_text() for page in pypdf.PdfReader(path).pages]
