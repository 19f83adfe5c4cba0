"""The pages of the frequency store in a real browser: silent on console and network, as wide as a phone, readable on paper."""

import random
import re
from pathlib import Path

import pytest

from scripts.cohort_store import main as cohort_store
from scripts.serve_beacon import main as serve_beacon
from tests.beacon_client import START, People, client, new_store, release
from tests.pipeline.test_page import CHROMIUM, Site, browse, text_of_pdf

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on PATH; `make env` installs it on Debian")
MEASURE = """<link rel=icon href="data:,"><iframe id=f width=375 height=800 src=%s></iframe><p id=w></p><script>
    const page = () => f.contentDocument.documentElement;
    f.onload = () => { w.textContent = `wide ${page().scrollWidth} of ${page().clientWidth}`; }</script>"""
PAGES = ("inside.html", "release/index.html", "citizen.html")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the page of a store, of a release of it, and of one person of it who was looked up."""
    work = tmp_path_factory.mktemp("pages")
    people = People.made(40, 30, random.Random(4))
    store = new_store(work, people)
    release(store)
    asking = client(store)
    asking.ask("/g_variants", assemblyId="GRCh38", referenceName="1", start=START - 1, end=START + 2000)
    asking.beacon.log.close()
    assert cohort_store(["page", "--store", str(store), "--output", str(work / "inside.html")]) == 0
    assert cohort_store(["release", "--store", str(store), "--output", str(work / "release")]) == 0
    name = next(name for name in sorted(people.beacon) if people.carried[name])
    assert serve_beacon(["citizen", "--store", str(store), "--sample", name, "--output", str(work / "citizen.html")]) == 0
    return work


@pytest.mark.parametrize("page", PAGES)
def test_page_is_silent_and_no_wider_than_a_phone(folder: Path, tmp_path: Path, page: str) -> None:
    (folder / "frame.html").write_text(MEASURE % page)
    site = Site(folder)
    seen = browse(f"{site.address}/frame.html", tmp_path, "--dump-dom", "--virtual-time-budget=3000")
    site.server.shutdown()
    site.server.server_close()
    assert (sorted(site.asked), seen.console) == (sorted(["/frame.html", f"/{page}"]), [])
    found = re.search(r"wide (\d+) of (\d+)", seen.document)
    assert found
    assert int(found[1]) <= int(found[2]) <= 375


def test_pages_print_with_whom_they_are_for(folder: Path, tmp_path: Path) -> None:
    for page, words in (("inside.html", "For the inside of the centre only"), ("citizen.html", "Hvem har slået op i noget")):
        browse((folder / page).as_uri(), tmp_path / page, f"--print-to-pdf={tmp_path / page}.pdf")
        assert words in text_of_pdf(Path(f"{tmp_path / page}.pdf"))[0]
