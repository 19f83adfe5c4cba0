"""The page of a release through the command line and in a real browser: sealed, with its history, and after a run that fails."""

import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.pipeline.conftest import ROOT
from tests.pipeline.test_page import CHROMIUM, Site, browse
from tests.pipeline.tiny_person import write_person
from tests.release_state import page_of, troubled

browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on PATH; `make env` installs it on Debian")


def run(work: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(work)]
    command += ["--configfile", str(work / "config.yaml"), "--cores", "2", *more]
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "XDG_DATA_HOME": f"{work}/data"}
    return subprocess.run(command, cwd=work, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=environment)


def configure(work: Path, **more: object) -> None:
    config = yaml.safe_load((work / "config.yaml").read_text()) | more
    (work / "config.yaml").write_text(yaml.safe_dump(config))


def page(work: Path, place: str = "release") -> str:
    return (work / "results" / place / "index.html").read_text()


def history(work: Path) -> list[dict[str, object]]:
    """Return the lines of the history, oldest segment first."""
    segments = sorted((work / "store/metrics").glob("*.jsonl"), key=lambda path: path.stat().st_mtime_ns)
    return [json.loads(line) for path in segments for line in path.read_text().splitlines()]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a working folder after a whole run, its store outside of results."""
    work = write_person(tmp_path_factory.mktemp("page") / "work")
    configure(work, identity={"store": "store"})
    done = run(work)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "results/release/index.html" in done.stdout
    return work


def test_the_page_is_sealed_with_the_release_and_names_its_version(tree: Path) -> None:
    manifest = json.loads((tree / "results/release/manifest.json").read_text())
    assert {"release/index.html", "release/index.json"} <= {one["file"] for one in manifest["files"] if one["kind"] == "run"}
    assert page(tree, "release/versions/0001/release") == page(tree)
    text = page(tree)
    assert "<h1>Release 0001</h1>" in text
    assert "demo key" in text
    assert "below the limit of at least 30x" in text
    assert "<strong>Not evaluated,</strong> because" in text


def test_a_folder_with_page_and_history_holds_what_was_signed(tree: Path) -> None:
    command = [sys.executable, str(ROOT / "scripts/verify_release.py"), str(tree / "results")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    page_file = tree / "results/release/index.html"
    kept = page_file.read_text()
    page_file.write_text(kept.replace("resequence", "release"))
    assert "release/index.html" in subprocess.run(command, capture_output=True, text=True).stdout
    refused = run(tree)
    assert refused.returncode != 0
    assert "results/release/index.html: this is not the file that was signed with the release" in refused.stderr
    assert "Traceback" not in refused.stderr
    page_file.write_text(kept)


def test_the_history_holds_the_sealed_sample_once_however_often_the_run_is_repeated(tree: Path) -> None:
    assert [(one["sample"], one["version"]) for one in history(tree)] == [("anna", "0001")]
    (tree / "results/release/history.json").unlink()
    again = run(tree)
    assert again.returncode == 0, again.stderr[-3000:]
    assert "keep_metrics" in again.stderr
    assert not {"align_reads", "decide_release", "render_report"} & set(again.stderr.split())
    assert len(history(tree)) == 1
    assert json.loads((tree / "results/release/history.json").read_text()) == {"version": "0001", "added": []}


@pytest.mark.long
def test_another_decision_enters_the_history_and_a_damaged_segment_is_told(tree: Path) -> None:
    (segment,) = (tree / "store/metrics").glob("*.jsonl")
    segment.chmod(0o644)
    segment.write_text(segment.read_text().replace("17.", "39."))
    configure(tree, release={"overrides": {"mean_autosome_coverage": 5}})
    done = run(tree)
    assert done.returncode == 0, done.stderr[-3000:]
    assert f"The history of metrics is damaged; left out: {segment.name}" in page(tree)
    assert "<h1>Release 0002</h1>" in page(tree)
    assert "<h1>Release 0001</h1>" in page(tree, "release/versions/0001/release")
    assert [one["version"] for one in history(tree)] == ["0001", "0002"]


@pytest.mark.parametrize("kind", ["file", "below a file"])
def test_a_store_that_is_no_folder_is_refused_before_the_first_job(tmp_path: Path, kind: str) -> None:
    work = write_person(tmp_path / "work")
    (work / "store").write_text("")
    configure(work, identity={"store": "store" if kind == "file" else "store/inner"})
    done = run(work)
    assert done.returncode != 0
    assert re.search(r"`identity.store` is store\S*, but \S+/store is no folder.*name a folder that can be written", done.stderr)
    assert "Traceback" not in done.stderr
    assert not (work / "results/intake").exists()


def test_a_run_that_fails_leaves_a_page_that_leads_to_the_cause(tmp_path: Path) -> None:
    work = write_person(tmp_path / "work")
    reads = gzip.decompress((work / "r_1.fq.gz").read_bytes())[:200_000]
    (work / "r_1.fq.gz").write_bytes(gzip.compress(reads))
    done = run(work)
    assert done.returncode != 0
    assert "what is there, what is missing and why: results/release/index.html" in done.stdout
    text = page(work)
    assert "<strong>Not sealed.</strong> 21 owed files are missing" in text
    assert "r_1.fq.gz: a read has 100 bases" in text
    cells = re.findall(r'<td class="m" title="missing: r_1.fq.gz[^"]*"><a href="([^"]*)"', text)
    assert len(cells) == 21
    assert set(cells) == {"../logs/verify_fastq/anna.L1.log"}
    assert (work / "results/release" / cells[0]).is_file()
    assert not (work / "results/release/index.json").exists()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return page_of(*troubled(tmp_path_factory.mktemp("browser"))).parent


@pytest.fixture
def site(folder: Path) -> Iterator[Site]:
    site = Site(folder)
    yield site
    site.server.shutdown()
    site.server.server_close()


@browser
def test_page_from_a_file_is_silent_on_console_and_network(folder: Path, tmp_path: Path) -> None:
    seen = browse((folder / "index.html").as_uri(), tmp_path, "--dump-dom")
    assert seen.console == []
    assert [url for url in seen.requests if not url.startswith(("data:", "file:"))] == []
    assert '<form class="filter">' in seen.document  # the script ran: it is what shows the filter box


@browser
def test_page_with_something_foreign_slipped_in_still_loads_nothing(folder: Path, site: Site, tmp_path: Path) -> None:
    foreign = f'<img src="{site.address}/spy.png"><script>fetch("{site.address}/spy")</script></main>'
    (folder / "foreign.html").write_text((folder / "index.html").read_text().replace("</main>", foreign, 1))
    seen = browse(f"{site.address}/foreign.html", tmp_path, "--dump-dom")
    assert site.asked == ["/foreign.html"]
    assert len([line for line in seen.console if "Content Security Policy" in line]) == 2


@browser
def test_page_is_as_wide_as_a_phone_and_its_filter_finds_rows(folder: Path, site: Site, tmp_path: Path) -> None:
    measure = """<link rel=icon href="data:,"><iframe id=f width=390 height=800 src=index.html></iframe><p id=w></p><script>
        f.onload = () => { const d = f.contentDocument, box = d.getElementById("filter"), page = d.documentElement;
        box.value = "fam1 moth"; box.dispatchEvent(new f.contentWindow.Event("input"));
        const shown = [...d.querySelectorAll("tr[data-name]")].filter((row) => !row.hidden).length;
        w.textContent = `wide ${page.scrollWidth} of ${page.clientWidth}, rows ${shown}, ${d.getElementById("filter-told").textContent}`; }
        </script>"""
    (folder / "frame.html").write_text(measure)
    seen = browse(f"{site.address}/frame.html", tmp_path, "--dump-dom", "--virtual-time-budget=3000")
    found = re.search(r"wide (\d+) of (\d+), rows (\d+), (\d+) of (\d+) rows", seen.document)
    assert found, seen.document[-500:]
    assert int(found[1]) <= int(found[2]) <= 390
    assert found.groups()[2:] == ("2", "2", "21")  # the mother, and the case that names her
