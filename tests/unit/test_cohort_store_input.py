"""What the store's command line refuses, each in one sentence and without a change."""

import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.cohort_store import main
from tests.cohort_people import HEADER, Made, random_genome
from workflow.cohort_store.verifying import verify
from workflow.cohort_store.versions import create, read_version
from workflow.cohort_store.writing import open_writer

HERE = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    create(tmp_path / "store", "GRCh38", 5)
    return tmp_path / "store"


def sentence(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Run a command that must be refused; return its one sentence."""
    capsys.readouterr()
    assert main([str(one) for one in arguments]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("error: ")
    assert told.err.count("\n") == 1
    assert "Traceback" not in told.err
    return told.err


def person(store: Path, name: str, seed: int = 1) -> tuple[Path, Path]:
    made = random_genome(name, random.Random(seed)).whole()
    made.karyotype = "XX"
    return made.write(store.parent)


def add(store: Path, name: str, *more: str, seed: int = 1) -> list[object]:
    vcf, bed = person(store, name, seed)
    return ["add", "--store", store, vcf, bed, "--sample", name, "--sex", "female", *more]


def run(*arguments: object) -> int:
    return main([str(one) for one in arguments])


def test_another_assembly_is_refused(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vcf, bed = person(store, "a")
    vcf.write_text(vcf.read_text().replace("length=248956422", "length=249250621"))
    assert "it is not on GRCh38" in sentence(capsys, "add", "--store", store, vcf, bed)
    vcf.write_text(vcf.read_text().replace("length=249250621", "length=248956422").replace("##FILTER", "##reference=hg19.fa\n##FILTER", 1))
    assert "it is not on GRCh38" in sentence(capsys, "add", "--store", store, vcf, bed)


def test_calls_that_name_no_assembly_are_taken_aloud(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vcf, bed = person(store, "a")
    assert run("add", "--store", store, vcf, bed) == 0
    assert "names no assembly" not in capsys.readouterr().err
    run("withdraw", "--store", store, "--sample", "a")
    vcf.write_text(re.sub(",length=[0-9]+", "", vcf.read_text()))
    assert run("add", "--store", store, vcf, bed) == 0
    assert f"{vcf}: its header names no assembly and no lengths of contigs; taken to be on GRCh38" in capsys.readouterr().err


def test_another_caller_is_refused_unless_declared(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(*add(store, "a"))
    vcf, bed = person(store, "b", 2)
    vcf.write_text(vcf.read_text().replace("##FILTER", "##source=freeBayes v1.3.6\n##FILTER", 1))
    command = ["add", "--store", store, vcf, bed]
    assert "the calls are of freebayes 1.3.6" in sentence(capsys, *command)
    assert run(*command, "--declare-caller") == 0
    assert read_version(store).callers == ("not named", "freebayes 1.3.6")


@pytest.mark.parametrize("line", ["##source=HaplotypeCaller", "##DeepVariant_version=1.6.1", '##DRAGENVersion=<ID=dragen,Version="4.2">'])
def test_another_caller_is_known_by_the_headers_own_words(store: Path, capsys: pytest.CaptureFixture[str], line: str) -> None:
    run(*add(store, "a"))
    vcf, bed = person(store, "b", 2)
    vcf.write_text(vcf.read_text().replace("##FILTER", f"{line}\n##FILTER", 1))
    assert f"the calls are of {line.removeprefix('##').removeprefix('source=')}" in sentence(capsys, "add", "--store", store, vcf, bed)


@pytest.mark.parametrize("name", ["members.parquet", "manifest.json", "calls.parquet"])
def test_a_flipped_byte_in_a_segment_is_told_in_a_sentence(store: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    for number in range(2):
        run(*add(store, f"p{number}", seed=number + 1))
    run("compact", "--store", store)
    file = next((store / "segments").glob(f"*/*{name}"))
    whole = file.read_bytes()
    file.write_bytes(whole.replace(b'"files"', b'"fales"') if name == "manifest.json" else whole[:60] + bytes([whole[60] ^ 1]) + whole[61:])
    capsys.readouterr()
    assert run("verify", "--store", store) == 1
    assert "belong to nobody" not in capsys.readouterr().out
    if name == "manifest.json":
        assert run("counts", "--store", store) == 2
        assert "the store is damaged" in capsys.readouterr().err
    if name != "members.parquet":
        assert run("rebuild", "--store", store) == 0
        assert verify(store).faults == []


def test_a_flipped_byte_in_the_map_hides_nobody_who_withdraws(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(*add(store, "somebody"))
    file = store / "inside" / "people.sqlite"
    file.write_bytes(file.read_bytes().replace(b"somebody", b"sonebody", 1))
    capsys.readouterr()
    assert run("verify", "--store", store) == 1
    assert "the map of who is in the store is damaged" in capsys.readouterr().out
    names = [name for name in ("somebody", "sonebody") if run("withdraw", "--store", store, "--sample", name, "--readers", "0") == 2]
    assert names
    assert read_version(store).count == 1 or verify(store).genomes == 0


def test_a_group_that_nobody_is_in_and_a_small_minimum_are_refused(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(*add(store, "a"))
    assert "use one of all, sex=female" in sentence(capsys, "counts", "--store", store, "--group", "sex=femal")
    assert "use 5 or more" in sentence(capsys, "init", "--store", store.parent / "other", "--minimum", "4")
    assert not (store.parent / "other").exists()


def test_a_sample_person_or_family_is_counted_once(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(*add(store, "a", "--person", "p", "--family", "f"))
    assert "a is in the store already" in sentence(capsys, *add(store, "a", "--person", "q"))
    assert "the person is counted already" in sentence(capsys, *add(store, "b", "--person", "p"))
    assert "a member of the family is counted already" in sentence(capsys, *add(store, "b", "--person", "q", "--family", "f"))
    assert read_version(store).count == 1


def test_one_of_each_family_is_chosen_founders_first(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sources = [person(store, name, at)[0] for at, name in enumerate(("child", "mother", "alone"))]
    table = store.parent / "people.tsv"
    table.write_text(
        "sample\tfamily\trole\taffected\tsex\nchild\tf\tproband\tyes\tfemale\nmother\tf\tmother\tno\tfemale\nalone\t\t\t\tfemale\n"
    )
    merged = store.parent / "all.vcf"
    bodies = [[line.split("\t") for line in vcf.read_text().splitlines() if not line.startswith("#")] for vcf in sources]
    rows = {tuple(row[:5]): row[:9] for body in bodies for row in body}
    calls = [{tuple(row[:5]): row[9] for row in body} for body in bodies]
    order = {"chr1": 1, "chr2": 2, "chrX": 3, "chrY": 4, "chrM": 5}
    lines = [
        "\t".join([*rows[key], *(call.get(key, "0/0") for call in calls)])
        for key in sorted(rows, key=lambda key: (order[key[0]], int(key[1])))
    ]
    merged.write_text(HEADER + "child\tmother\talone\n" + "\n".join(lines) + "\n")
    assert run("add", "--store", store, merged, "--callable", store.parent, "--people", table) == 0
    assert "child: not added: another member of the family is counted" in capsys.readouterr().err
    assert read_version(store).count == 2


def test_a_tumour_is_refused(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "a is a tumour" in sentence(capsys, *add(store, "a", "--role", "tumour"))
    vcf, bed = person(store, "a")
    vcf.write_text(vcf.read_text().replace("##FILTER", "##tumor_sample=a\n##FILTER", 1))
    assert "it is of a tumour" in sentence(capsys, "add", "--store", store, vcf, bed)


def test_a_name_like_a_cpr_number_is_refused_and_not_repeated(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = sentence(capsys, *add(store, "a", "--person", "010190-1234"))
    assert "CPR number" in told
    assert "1234" not in told


def test_calls_without_callable_bases_are_refused(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vcf, bed = person(store, "a")
    assert "does not say where the genome was judged" in sentence(capsys, "add", "--store", store, vcf)
    bed.write_text("5\t1\t2\n")
    assert run("add", "--store", store, vcf, bed) == 0  # judged elsewhere: no call counts
    bed.write_text("")
    assert "no callable base" in sentence(capsys, *add(store, "b")[:3], vcf, bed)
    bed.write_text("chr1\t1\t999999999\n")
    assert "lies outside of 1" in sentence(capsys, "add", "--store", store, vcf, bed)


def test_a_damaged_vcf_is_refused(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vcf, bed = person(store, "a")
    subprocess.run(["bgzip", vcf], check=True)
    packed = Path(f"{vcf}.gz")
    packed.write_bytes(packed.read_bytes()[:-40])
    assert "cannot be used" in sentence(capsys, "add", "--store", store, packed, bed)
    assert "there is no such file" in sentence(capsys, "add", "--store", store, store.parent / "none.vcf", bed)


def folder(results: Path, sample: str, decision: str = "release") -> Path:
    vcf, bed = (results.parent / "x").mkdir(parents=True, exist_ok=True) or random_genome(sample, random.Random(3)).whole().write(
        results.parent / "x"
    )
    mine, case = results / "samples" / sample, results / "cases" / "c1"
    mine.mkdir(parents=True)
    case.mkdir(parents=True, exist_ok=True)
    (results / "coverage").mkdir(exist_ok=True)
    (mine / "release.json").write_text(json.dumps({"sample": sample, "decision": decision}))
    (case / "release.json").write_text(json.dumps({"case": "c1", "members": [{"sample": sample, "decision": decision}]}))
    (results / "coverage" / f"{sample}.karyotype.json").write_text(json.dumps({"used": "XX"}))
    for source, target in ((vcf, case / "c1.vcf.gz"), (bed, mine / "callable.bed.gz")):
        target.write_bytes(subprocess.run(["bgzip", "-c", source], check=True, capture_output=True).stdout)
    return mine


def test_a_folder_is_counted_if_released_and_consented(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = folder(store.parent / "results", "anna")
    assert "nothing says that consent covers the frequency store" in sentence(capsys, "add", "--store", store, mine)
    assert run("add", "--store", store, mine, "--consent", "frequency_store") == 0
    held = folder(store.parent / "others", "berta", "hold")
    assert "berta is not released; the decision is hold" in sentence(capsys, "add", "--store", store, held, "--consent", "frequency_store")
    assert read_version(store).count == 1


def test_a_relative_by_reads_is_refused(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(*add(store, "a"))
    mine = folder(store.parent / "results", "anna")
    (mine / "relations.json").write_text(json.dumps({"matches": [{"sample": "a", "relation": "full siblings", "lead": 4.0}]}))
    assert "`full siblings` of a genome that is counted already" in sentence(
        capsys, "add", "--store", store, mine, "--consent", "frequency_store"
    )


def test_correct_replaces_a_genome_in_one_version(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(*add(store, "a", "--ancestry", "EUR"))
    assert "nobody of that name" in sentence(capsys, "correct", "--store", store, "--sample", "b", "--ancestry", "AFR")
    assert "copies of X and Y depend on the sex" in sentence(capsys, "correct", "--store", store, "--sample", "a", "--sex", "male")
    assert run("correct", "--store", store, "--sample", "a", "--ancestry", "AFR") == 0
    command = add(store, "a", seed=9)
    assert run("correct", *command[1:]) == 0
    capsys.readouterr()
    run("status", "--store", store)
    assert json.loads(capsys.readouterr().out)["groups"] == {"all": 1, "ancestry=AFR": 1, "sex=female": 1}


def test_another_writer_is_named(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_writer(store, "add"):
        told = sentence(capsys, *add(store, "a"), "--wait", "0")
    assert f"the store is being written by process {os.getpid()} on " in told
    assert run(*add(store, "a"), "--wait", "0") == 0


def test_two_writers_take_turns(store: Path) -> None:
    commands = [[sys.executable, "scripts/cohort_store.py", *map(str, add(store, name, seed=seed))] for name, seed in (("a", 1), ("b", 2))]
    writers = [subprocess.Popen(command, cwd=HERE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for command in commands]
    assert [one.wait() for one in writers] == [0, 0]
    assert read_version(store).count == 2
    assert verify(store).faults == []


@pytest.mark.parametrize(("format_", "words"), [(0, "make a new store"), (2, "update Genvej")])
def test_another_format_is_refused(store: Path, capsys: pytest.CaptureFixture[str], format_: int, words: str) -> None:
    file = store / "store.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"format": format_}))
    for command in ("counts", "verify", "rebuild"):
        assert words in sentence(capsys, command, "--store", store)


def damaged_files(store: Path) -> Iterator[Path]:
    yield from sorted(store.glob("genomes/*/*.parquet"))[:2]
    yield from sorted(store.glob("segments/*/*"))
    yield sorted(store.glob("versions/*.json"))[-1]


def test_a_flipped_bit_is_found_in_every_file(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for at in range(3):
        run(*add(store, f"p{at}", seed=at))
    run("compact", "--store", store)
    for file in damaged_files(store):
        whole = file.read_bytes()
        file.write_bytes(whole[: len(whole) // 2] + bytes([whole[len(whole) // 2] ^ 4]) + whole[len(whole) // 2 + 1 :])
        status = run("verify", "--store", store)
        told = capsys.readouterr()
        assert status == 1 or "the store is damaged" in told.err, file
        assert "Traceback" not in told.err
        file.write_bytes(whole)
    assert run("verify", "--store", store) == 0


def test_rebuild_mends_a_damaged_segment(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for at in range(3):
        run(*add(store, f"p{at}", seed=at))
    run("compact", "--store", store)
    capsys.readouterr()
    run("counts", "--store", store)
    before = capsys.readouterr().out
    file = next(store.glob("segments/*/1.0000.calls.parquet"))
    file.write_bytes(file.read_bytes()[:100])
    assert run("counts", "--store", store, "--region", "1") == 2
    assert "the store is damaged" in capsys.readouterr().err
    assert run("rebuild", "--store", store) == 0
    capsys.readouterr()
    run("counts", "--store", store)
    assert capsys.readouterr().out == before
    assert verify(store).faults == []


def test_a_full_disk_changes_nothing(store: Path) -> None:
    run(*add(store, "a"))
    command = [sys.executable, "scripts/cohort_store.py", *map(str, add(store, "b", seed=2))]

    def no_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))

    told = subprocess.run(command, cwd=HERE, preexec_fn=no_room, capture_output=True, text=True)
    assert told.returncode == 2
    assert "the store stays at its last version" in told.stderr
    assert "Traceback" not in told.stderr
    assert read_version(store).count == 1
    assert run(*add(store, "b", seed=2)) == 0
    assert verify(store).faults == []


@pytest.mark.parametrize(
    ("region", "words"),
    [
        ("chr99", "no contig of GRCh38"),
        ("1:5-2", "is empty or not inside"),
        ("1:0-5", "is empty"),
        ("'; drop", "is no region"),
        ("1:999999999", "1 has"),
    ],
)
def test_a_region_that_is_none_is_refused(store: Path, capsys: pytest.CaptureFixture[str], region: str, words: str) -> None:
    assert words in sentence(capsys, "counts", "--store", store, "--region", region)


def test_a_variant_that_is_none_is_refused(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "is no variant" in sentence(capsys, "carriers", "--store", store, "--variant", "1-5-A-<DEL>")


def test_no_store_and_a_second_one_are_refused(tmp_path: Path, store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "there is no store" in sentence(capsys, "counts", "--store", tmp_path / "none")
    assert "there is a store already" in sentence(capsys, "init", "--store", store)


def test_a_reader_keeps_its_version_while_it_is_written(store: Path) -> None:
    from workflow.cohort_store.view import open_view

    run(*add(store, "a"))
    with open_view(store) as view:
        before = [row for table in view.region("1", 1, 10**8) for row in table]
        for at in range(2, 9):
            run(*add(store, f"p{at}", seed=at))
        run("compact", "--store", store)
        assert [row for table in view.region("1", 1, 10**8) for row in table] == before
        assert (store / "versions" / f"{view.version.number:08d}.json").exists()


__all__ = ["Made"]
