"""Which job's log tells why a file is missing, after a run that failed."""

from types import SimpleNamespace

import pytest

from workflow.failed_run import causes_of, last_error, stopped, told, write_failed_page


class Job:
    """As much of Snakemake's job as is asked for; hashed by identity, as Snakemake's are in its graph."""

    def __init__(self, name, output, log=None, **wildcards):
        self.rule = SimpleNamespace(name=name)
        self.output, self.log, self.wildcards = output, [log] if log else [], wildcards


@pytest.fixture
def graph(tmp_path):
    """align(anna) and align(bo) → joint call → report; bo's failed."""
    results = tmp_path / "results"
    log = results / "logs/align/bo.log"
    log.parent.mkdir(parents=True)
    log.write_text("reading\nerror: bo.fq.gz is damaged; ask for it again.\ndone\n")
    anna = Job("align", [results / "samples/anna/anna.cram"], sample="anna")
    bo = Job("align", [results / "samples/bo/bo.cram"], log, sample="bo")
    joint = Job("joint", [results / "small_variants/fam.vcf.gz"], case="fam")
    report = Job("report", [results / "cases/fam/report.html", tmp_path / "elsewhere"], case="fam")
    return SimpleNamespace(results=results, failed=[bo], depending={anna: {joint: {}}, bo: {joint: {}}, joint: {report: {}}}, log=log)


def test_causes_of_blames_the_failed_job_for_every_file_behind_it_and_for_no_other(graph):
    causes = causes_of(graph.failed, graph.depending)
    assert sorted(path.rsplit("/", 1)[-1] for path in causes) == ["bo.cram", "elsewhere", "fam.vcf.gz", "report.html"]
    assert set(causes.values()) == set(graph.failed)


def test_told_gives_addresses_from_the_page_and_the_last_words_of_the_log(graph):
    found = told(causes_of(graph.failed, graph.depending), graph.results)
    cause = {"log": "../logs/align/bo.log", "said": "bo.fq.gz is damaged; ask for it again"}
    assert found == dict.fromkeys(("samples/bo/bo.cram", "small_variants/fam.vcf.gz", "cases/fam/report.html"), cause)


def test_a_job_without_a_log_is_told_by_its_name(graph):
    graph.log.unlink()
    assert stopped(graph.failed) == [{"kind": "sample", "subject": "bo", "text": "the job align failed"}]
    causes = causes_of(graph.failed, graph.depending)
    assert told(causes, graph.results)["samples/bo/bo.cram"] == {"log": "", "said": "the job align failed"}


def test_stopped_names_the_rule_of_a_job_of_the_whole_run():
    assert stopped([Job("multiqc", ["multiqc.html"])]) == [{"kind": "run", "subject": "multiqc", "text": "the job multiqc failed"}]


def test_last_error_reads_the_end_of_a_long_log_only(tmp_path):
    log = tmp_path / "log"
    log.write_bytes(b"error: first\n" + b"\xff" * 200_000 + b"\nERROR: last.\nend\n")
    assert last_error(log) == "ERROR: last"
    log.write_text("all is well\n")
    assert last_error(log) == ""


def test_a_page_that_cannot_be_made_is_told_and_hides_nothing(tmp_path):
    settings = SimpleNamespace(results=tmp_path / "results")
    words = write_failed_page(settings, {}, SimpleNamespace())
    assert words.startswith("genvej: the page of the release could not be made (AttributeError")
    assert not settings.results.exists()


def test_the_page_of_a_release_that_stands_signed_is_left_alone(tmp_path):
    folder = tmp_path / "release"
    folder.mkdir()
    for name in ("manifest.json", "index.html", "index.json"):
        (folder / name).write_text("signed")
    words = write_failed_page(SimpleNamespace(results=tmp_path), {}, SimpleNamespace())
    assert words == f"genvej: the release stands as it was signed, and its page too: {folder / 'index.html'}"
    assert [path.read_text() for path in sorted(folder.iterdir())] == ["signed"] * 3
