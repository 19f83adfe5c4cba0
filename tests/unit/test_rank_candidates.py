import csv
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from scripts.rank_candidates import main
from workflow.candidate_rows import COLUMNS, NO_DISEASE, posteriors_anew
from workflow.errors import InputError

CASES = Path(__file__).parents[1] / "cases" / "interpretation"
HPO = [CASES / "hpo" / name for name in ("hp.obo", "phenotype.hpoa", "genes_to_phenotype.txt")]


def rank(case, folder, laboratory=None, solved_cases=None, **changes):
    config = yaml.safe_load((CASES / case / "config.yaml").read_text())
    config["case"] |= changes
    output = SimpleNamespace(table=folder / "candidates.tsv", interpretation=folder / "case.json")
    config["case"] = {"measurements": [], "names": []} | config["case"]
    more = {"laboratory": laboratory or [], "solved_cases": solved_cases or []} | family_files(case, folder, config["case"])
    files = SimpleNamespace(vcf=str(CASES / case / "input.vcf"), hpo=HPO if config["hpo"] else [], **more)
    params = SimpleNamespace(case=config["case"], limits=config["limits"], laboratory_release="of today", par=[])
    main(input=files, output=output, params=params)
    with open(output.table, newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t")), json.loads(output.interpretation.read_text())


def family_files(case, folder, record):
    """Write what `examine_family` and WhatsHap leave of a family of which neither has anything to say."""
    inputs = folder.parent / f"{folder.name}-{case}"
    inputs.mkdir(exist_ok=True)
    by_sex = {"female": "XX", "male": "XY"}
    members = [one | {"karyotype": by_sex.get(one["sex"])} for one in record["members"]]
    found = {
        "case": case,
        "members": members,
        "mendelian": {},
        "parentage": {},
        "uniparental": [],
        "consanguinity": {"runs": []},
        "reads": {},
    }
    (inputs / "family.json").write_text(json.dumps(found))
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tchild\n"
    (inputs / "phased.vcf").write_text("##fileformat=VCFv4.2\n" + columns)
    return {"family": inputs / "family.json", "phased": inputs / "phased.vcf"}


def expected(case):
    with open(CASES / case / "expected.tsv", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


@pytest.mark.parametrize("case", sorted(path.parent.name for path in CASES.glob("*/expected.tsv")))
def test_main_ranks_a_case_as_expected(case, tmp_path):
    rows, found = rank(case, tmp_path)
    wanted = expected(case)
    assert [{name: row[name] for name in wanted[0]} for row in rows] == wanted
    assert list(rows[0]) == list(COLUMNS)
    assert found["counts"] == json.loads((CASES / case / "counts.json").read_text())
    assert sum(found["counts"].values()) == 2 * found["counts"]["records in the call set"], "every record ends in one place"
    assert [str(one["pos"]) for one in found["candidates"]] == [row["pos"] for row in rows]


def test_main_names_what_was_not_looked_at(tmp_path):
    rows, found = rank("trio_de_novo", tmp_path)
    assert found["not_evaluated"]["clinvar"] == "not configured"
    assert rows[0]["not_evaluated"] == ",".join(found["not_evaluated"]) == "clinvar,gnomad,panels,acmg,solved_cases"
    assert {rows[0][name] for name in ("acmg_points", "class", "clinvar", "frequency")} == {"not evaluated"}
    assert [(one["gene"], one["why"]) for one in found["withheld"]] == [("HEART1", "flagged by the caller: LowQual")]


def test_main_keeps_the_share_of_each_term_for_the_best_genes_and_the_candidates(tmp_path):
    _, found = rank("trio_de_novo", tmp_path)
    best = found["genes"][0]
    assert (best["symbol"], best["rank"], best["disease"]["id"]) == ("HEART1", 1, "OMIM:900001")
    assert [(term["label"], term["log_lr"] > 0) for term in best["terms"]] == [
        ("Dilated cardiomyopathy", True),
        ("Proximal muscle weakness", True),
    ]
    assert {"DEAF1", "DEAF2"} <= {gene["symbol"] for gene in found["genes"]}


@pytest.mark.parametrize(
    ("case", "ranked_by", "reason"),
    [
        ("trio_de_novo", "phenotype and variant", ""),
        ("no_terms", "variant only", "the case has no observed HPO terms"),
        ("no_gene_models", "variant only", "no gene models are configured, so genes are not known: ordered by call quality alone"),
    ],
)
def test_main_says_how_it_ranked(case, ranked_by, reason, tmp_path):
    _, found = rank(case, tmp_path)
    assert (found["ranked_by"], found["reason"]) == (ranked_by, reason)


def test_main_states_the_prior_and_a_probability_among_the_candidates(tmp_path):
    rows, found = rank("trio_de_novo", tmp_path)
    assert found["prior"].startswith("each of 6 genes")
    among = {row["gene"]: float(row["posterior"]) for row in rows if row["phenotype_score"] != "no known disease"}
    assert sum(among.values()) == pytest.approx(0.7, abs=0.001)
    assert max(among, key=among.get) == "HEART1"


def test_main_counts_laboratory_results_with_their_source_and_says_when_it_cannot(tmp_path):
    (tmp_path / "table.tsv").write_text("loincId\toutcome\thpoTermId\n1-8\tPOS\tHP:0003701\n")
    results = [{"loinc": "1-8", "label": "Made-up test", "finding": "positive"}, {"loinc": "2-6", "label": "", "finding": "positive"}]
    terms = [{"id": "HP:0001644", "label": "", "excluded": False}]
    _, found = rank("trio_de_novo", tmp_path, tmp_path / "table.tsv", terms=terms, measurements=results)
    (derived,) = [term for term in found["terms"] if term.get("kind") == "laboratory"]
    assert derived["source"] == "LOINC 1-8 Made-up test: positive, positive; laboratory table of today"
    assert found["notes"] == ["LOINC 2-6: positive: the laboratory table has not the code"]
    shares = {term["id"]: term for term in found["genes"][0]["terms"]}
    assert shares["HP:0003701"]["kind"] == "laboratory"
    assert shares["HP:0003701"]["share"] > 0
    _, without = rank("trio_de_novo", tmp_path, terms=terms, measurements=results)
    assert without["not_evaluated"]["laboratory"] == "2 results are in the phenopacket, and no laboratory table is configured"


def test_main_never_counts_the_patient_as_a_solved_case(tmp_path):
    cases = [{"id": name, "genes": ["DEAF1"], "obs": ["HP:0001644"], "dis": ["OMIM:900003"], "pmid": "own"} for name in ("me", "you")]
    (tmp_path / "solved.json").write_text(json.dumps(cases))
    terms = [{"id": "HP:0001644", "label": "", "excluded": False}]
    counted = []
    for names in (["me"], ["me", "you"]):
        _, found = rank("trio_de_novo", tmp_path, None, tmp_path / "solved.json", terms=terms, names=names)
        counted += [gene["solved_cases"] for gene in found["genes"] if gene["symbol"] == "DEAF1"]
    assert counted == [1, 0]


def test_main_refuses_an_obsolete_term_and_leaves_nothing_behind(tmp_path):
    with pytest.raises(InputError, match="obsolete"):
        rank("trio_de_novo", tmp_path, terms=[{"id": "HP:0000057", "label": "", "excluded": False}])
    assert not list(tmp_path.iterdir())


def test_main_gives_the_same_bytes_twice(tmp_path):
    written = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        rank("trio_compound", tmp_path / name)
        written.append([path.read_bytes() for path in sorted((tmp_path / name).iterdir())])
    assert written[0] == written[1]


def test_posteriors_anew_share_out_what_the_moved_genes_had():
    rows = [{"gene": gene, "posterior": value} for gene, value in (("A", 0.3), ("A", 0.3), ("B", 0.05), ("C", NO_DISEASE))]
    assert [one["posterior"] for one in posteriors_anew(rows)] == [0.6, 0.6, 0.1, NO_DISEASE]
    assert posteriors_anew(rows[3:]) == rows[3:]
    assert posteriors_anew([]) == []
