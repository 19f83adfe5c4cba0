"""The evaluation itself: families found in VCFs, mistakes made and counted as they are."""

from pathlib import Path

import numpy as np
import pysam
import pytest

from scripts import evaluate_identity
from scripts.bench import identity_mistakes
from scripts.bench.cohort_people import Trio, find_trios, read_cohort, without_opposites
from scripts.bench.identity_mistakes import KINDS, World, clean_batch, evaluate, mistaken
from tests.unit.family_tree import child, founder, spread_sites
from workflow.errors import InputError
from workflow.files import read_json
from workflow.fingerprints import alleles_of

SITES = spread_sites(440, 6_000_000)
FAMILIES, SINGLES = 8, 44


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two VCFs of families and single people, and a pedigree."""
    dice = np.random.default_rng(11)
    people = {}
    for number in range(FAMILIES):
        mother, father = founder(SITES, dice), founder(SITES, dice)
        people |= {f"M{number}": mother, f"F{number}": father, f"C{number}": child(mother, father, SITES, dice)}
    people |= {f"S{number}": founder(SITES, dice) for number in range(SINGLES)}
    place = tmp_path_factory.mktemp("cohort")
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *people]
    header = "##fileformat=VCFv4.2\n" + "\t".join(columns) + "\n"
    for name, chosen in (("a", range(1, 12)), ("b", range(12, 23))):
        lines = []
        for row, key in enumerate(SITES.keys.tolist()):
            contig, position, ref, alt = alleles_of(key)
            if contig in chosen:
                calls = [f"{one[0, row]}|{one[1, row]}" for one in people.values()]
                lines.append("\t".join([f"chr{contig}", str(position + 1), ".", ref, alt, ".", "PASS", ".", "GT", *calls]))
        (place / f"{name}.vcf").write_text(header + "\n".join(lines) + "\n")
        pysam.tabix_compress(str(place / f"{name}.vcf"), str(place / f"{name}.vcf.gz"))
    (place / "trios.ped").write_text("".join(f"fam C{number} F{number} M{number} 1 0\n" for number in range(FAMILIES)))
    return place


def test_families_are_found_blind(folder: Path) -> None:
    """Every trio is found with its child as the child, and nothing else is."""
    cohort = read_cohort(folder)
    assert cohort.copies.shape == (3 * FAMILIES + SINGLES, len(SITES))
    trios = find_trios(cohort, without_opposites(cohort, 1))
    found = {(cohort.names[one.child], *sorted(cohort.names[parent] for parent in one.parents)) for one in trios}
    assert found == {(f"C{number}", f"F{number}", f"M{number}") for number in range(FAMILIES)}
    assert min(one.odds for one in trios) > 10


def test_mistakes_are_made_as_named(folder: Path) -> None:
    """A run without mistake holds whole families; each kind changes whose reads a name has, and nothing else."""
    cohort = read_cohort(folder)
    trios = [Trio(3 * number + 2, (3 * number, 3 * number + 1), 0.0, 0) for number in range(FAMILIES)]
    singles = list(range(3 * FAMILIES, 3 * FAMILIES + SINGLES))
    dice = np.random.default_rng(1)
    world = World(cohort, trios, singles[10:], singles[:10], folder)
    clean = clean_batch(world, dice)
    assert len({row for _, row in clean}) == len(clean) - 1
    for kind in KINDS:
        batch, guilty = mistaken(kind, clean, world, dice)
        changed = {person.sample for (person, row), (before, was) in zip(batch, clean, strict=True) if (row, person) != (was, before)}
        assert changed == guilty


def test_evaluate_counts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On 440 independent sites every mistake is caught and nobody else is held; a blind judge would score nothing."""
    monkeypatch.setattr(identity_mistakes, "STORED", 10)
    cohort = read_cohort(folder)
    trios = find_trios(cohort, without_opposites(cohort, 1))
    singles = list(range(3 * FAMILIES, 3 * FAMILIES + SINGLES))
    found = evaluate(cohort, trios, singles, 20, len(KINDS), 20, 1)
    assert {kind: one["caught"] for kind, one in found["mistakes"].items()} == dict.fromkeys(KINDS, 1)
    assert (found["clean"]["alarms"], found["clean"]["untold"], found["clean"]["strangers"]) == (0, 0, 0)
    monkeypatch.setattr(identity_mistakes, "held", lambda check: False)
    blind = evaluate(cohort, trios, singles, 20, 2, 0, 1)
    assert sum(one["caught"] for one in blind["mistakes"].values()) == 0


def test_command_line(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The whole script on a small cohort; a folder without VCFs is an error in one sentence."""
    monkeypatch.setattr(identity_mistakes, "STORED", 5)
    options = [
        "--pedigree",
        str(folder / "trios.ped"),
        "--depths",
        "15",
        "--mistakes",
        "2",
        "--clean",
        "20",
        "--output",
        str(tmp_path / "o.json"),
    ]
    assert evaluate_identity.main([str(folder), *options]) == 0
    told = read_json(tmp_path / "o.json")["families"]
    assert (told["pedigree"], told["found"], told["missed"], told["more"]) == (FAMILIES, FAMILIES, 0, [])
    capsys.readouterr()
    assert evaluate_identity.main([str(tmp_path)]) == 2
    assert "there is no *.vcf.gz" in capsys.readouterr().err
    (tmp_path / "x.ped").write_text("a b c\n")
    with pytest.raises(InputError, match="names no trio"):
        evaluate_identity.read_pedigree(tmp_path / "x.ped", ["C1", "F1", "M1"])
