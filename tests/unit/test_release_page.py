"""The page of a release: what it says in each state, where its links lead, and that nothing is loaded."""

import base64
import hashlib
import random
import re
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests import release_state
from tests.release_state import CHANGE, NASTY, NOW, UNSIGNED, given_of, many, page_of, troubled, usual, write_case, write_grid, write_sample
from workflow.files import read_json, write_json
from workflow.release_page import PAGE_FILES, render_release
from workflow.release_parts import collect
from workflow.release_waiting import GRAVITY, waiting
from workflow.release_words import own_limits
from workflow.schema import first_violation


class Page(HTMLParser):
    """Tags with their attributes, and the text outside of style and script."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.words = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.words.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.words))

    @property
    def links(self):
        return [attributes["href"] for tag, attributes in self.tags if tag == "a"]


def clean(folder, people=None, **more):
    """A run in which everything is well: one sample, one case."""
    people = people or {"anna": ("case1", "proband", "female")}
    results = folder / "results"
    given = given_of(people, folder / "store") | more
    for name, (_, _, sex) in people.items():
        write_sample(results, name, usual(random.Random(name)), sex=sex)
    for case, members in given["cases"].items():
        write_case(results, case, dict.fromkeys(members, "release"))
    write_grid(results, list(people), list(given["cases"]), {})
    for kind, names in (("sample", people), ("case", given["cases"])):
        for name in names:
            write_json(results / f"release/receipts/{kind}s/{name}.json", {"files": []})
    write_json(results / "release/change.json", CHANGE)
    return results, given


@pytest.fixture(scope="module")
def trouble(tmp_path_factory):
    results, given = troubled(tmp_path_factory.mktemp("trouble"))
    index = collect(results, given, NOW)
    return results, index, render_release(index)


# --- the data -------------------------------------------------------------------------------------------------------------


def test_index_is_as_its_schema_asks_in_every_state(trouble, tmp_path):
    assert first_violation("release_index", trouble[1]) is None
    assert first_violation("release_index", collect(*clean(tmp_path), NOW)) is None
    assert first_violation("release_index", collect(tmp_path / "nothing", given_of({}, tmp_path), NOW)) is None


def test_counts_tell_what_may_go_out(trouble):
    counts = trouble[1]["counts"]
    assert counts["samples"] == {"all": 12, "goes_out": 6, "fail": 1, "hold": 4, "resequence": 1, "release": 6, "undecided": 0}
    assert counts["cases"]["goes_out"] == 2


def test_a_released_sample_whose_file_is_missing_does_not_go_out(tmp_path):
    results, given = clean(tmp_path)
    write_grid(results, ["anna"], ["case1"], {("anna", "gVCF"): ("missing", "the file is gone")})
    index = collect(results, given, NOW)
    assert (index["samples"][0]["decision"], index["samples"][0]["goes_out"]) == ("release", False)
    assert index["waiting"][0]["why"] == "gVCF is missing (the file is gone)"


def test_waiting_is_ordered_by_gravity_and_says_each_thing_once(trouble):
    items = trouble[1]["waiting"]
    assert [one["gravity"] for one in items] == sorted((one["gravity"] for one in items), key=GRAVITY.index)
    assert [(one["gravity"], one["subject"]) for one in items] == [
        ("missing", "finn"),
        ("fail", "dan"),
        ("hold", "carla"),
        ("hold", "finn"),
        ("hold", "gry"),
        ("hold", "hans"),
        ("hold", "solo7"),
        ("sign", "the whole run"),
        ("resequence", "bo"),
        ("notice", "fam1"),
        ("notice", "signature"),
    ]
    assert items[0]["why"] == "gatk stopped: no space left on device; 2 owed files are missing"
    assert items[0]["links"] == [{"text": "log gatk_haplotypecaller/finn.3.log", "href": "../logs/gatk_haplotypecaller/finn.3.log"}]
    assert items[8]["metrics"] == ["mean_autosome_coverage", "pct_autosomes_15x"]


def test_waiting_puts_a_rejected_change_and_a_broken_log_before_all_else(trouble):
    rejected = UNSIGNED | {"status": "rejected change", "who": "R. Holm", "when": "2026-11-25"}
    seal = trouble[1]["seal"] | {"log": {"entries": 3, "broken": "line 2 of release/log.jsonl is not chained", "because": ""}}
    items = waiting({**trouble[1], "change": rejected, "seal": seal}, NOW.date())
    assert [one["subject"] for one in items[:2]] == ["the whole run", "log of releases"]


def test_waiting_joins_many_that_lack_files_for_one_cause(tmp_path):
    people = {f"s{n}": (f"c{n}", "proband", "female") for n in range(9)}
    results, given = clean(tmp_path, people)
    write_grid(results, list(people), list(given["cases"]), {(name, "gVCF"): ("missing", "there is no such file") for name in people})
    cause = {"log": "../logs/accept_intake.log", "said": "s1 and s2 hold the same reads"}
    given |= {"causes": {f"samples/{name}/{name}.g.vcf.gz": cause for name in people}}
    (one,) = (item for item in collect(results, given, NOW)["waiting"] if item["gravity"] == "missing")
    assert one["subject"] == "9 samples and cases"
    assert one["why"] == "s1 and s2 hold the same reads; 9 owed files are missing, of sample s0, sample s1, sample s2 and 6 more"


def test_waiting_gives_each_item_an_id_of_its_own(tmp_path):
    people = {f"s{n}": (f"c{n}", "proband", "female") for n in range(4)}
    results, given = clean(tmp_path, people)
    write_grid(results, list(people), list(given["cases"]), {(name, "gVCF"): ("missing", "there is no such file") for name in people})
    logs = {"s0": "../logs/a.log", "s1": "../logs/a.log", "s2": "../logs/b.log", "s3": "../logs/b.log"}
    given |= {"causes": {f"samples/{name}/{name}.g.vcf.gz": {"log": log, "said": log} for name, log in logs.items()}}
    ids = [one["id"] for one in collect(results, given, NOW)["waiting"]]
    assert ids[:2] == ["w-run-2-samples-and-cases-missing", "w-run-2-samples-and-cases-missing-2"]
    assert len(ids) == len(set(ids))


def test_seal_tells_a_new_version_only_if_something_differs(tmp_path):
    results, given = clean(tmp_path)
    assert collect(results, given, NOW)["seal"]["next"] == "0001"
    file = {"file": "samples/anna/anna.cram", "sha256": "aa", "status": "produced"}
    write_json(results / "release/receipts/samples/anna.json", {"files": [file]})
    key = {"key": "0123456789abcdef", "demo": True}
    manifest = {"version": "0001", "files": [{**file, "kind": "sample"}], "key": key}
    write_json(results / "release/versions/0001/manifest.json", manifest)
    assert collect(results, given, NOW)["seal"]["next"] == "0001"
    assert collect(results, given | {"key": "fedcba9876543210"}, NOW)["seal"]["next"] == "0002"
    write_json(results / "release/receipts/samples/anna.json", {"files": [file | {"sha256": "bb"}]})
    assert collect(results, given, NOW)["seal"]["next"] == "0002"
    assert collect(results, given | {"stopped": [{"kind": "run", "subject": "multiqc", "text": "it failed"}]}, NOW)["seal"]["next"] is None


def test_history_leaves_out_the_samples_of_the_run_and_tells_a_damaged_segment(trouble, tmp_path):
    history = {one["name"]: one["history"] for one in trouble[1]["metrics"]}
    assert history["mean_autosome_coverage"]["n"] == 412
    assert 30 < history["mean_autosome_coverage"]["quantiles"][0] < history["mean_autosome_coverage"]["quantiles"][4] < 42
    results, given = clean(tmp_path)
    release_state.write_history(tmp_path / "store", 30, random.Random(2))
    (segment,) = (tmp_path / "store/metrics").iterdir()
    segment.chmod(0o644)
    segment.write_text(segment.read_text()[:-5])
    index = collect(results, given, NOW)
    assert index["waiting"][0]["gravity"] == "stop"
    assert segment.name in index["waiting"][0]["why"]
    assert index["history"]["samples"] == 0


# --- the page -------------------------------------------------------------------------------------------------------------


def test_page_of_a_troubled_run_says_what_waits_and_why(trouble):
    text = Page(trouble[2]).text
    expected = """
        Unsigned change. | 2 owed files are missing | 2 of 9 cases, 6 of 12 samples | Only once the change of the workflow is accepted
        Share of reads from another human is 4.6 %, 1.6 % above the limit of at most 3 % | ordered male, measured XXY
        Waiver: report | R. Holm (quality manager) | the clinic has its own page | 2026-12-15 | Override: release instead of hold
        same person under two names | relation that is not in the order | released before | carla and eva
        3.22 % to 6.21 % | not evaluated: too little to judge by: 12 sites | demo key | proves no one's identity
        1,204 callable bases of chr7 | waived | Gatk stopped: no space left on device | the 412 samples of this kind
        Lanes of one person in 11 of 12 samples; not evaluated in 1 (the sample has one lane)
        the same person as sample eva | No genotype of ida in any record.
        Nationalt Genom Center | A program proposes; a person decides and signs
    """
    for words in re.split(r"[|\n]", expected.strip()):
        assert words.strip() in text, words


def test_page_of_a_clean_run_says_that_nothing_stands_in_the_way(tmp_path):
    results, given = clean(tmp_path, key="0123456789abcdef")
    row = "anna\tcase1\tgVCF\tsamples/anna/anna.g.vcf.gz\tvcf\tsmall_variants\tyes\tdelivered with every genome\n"
    (results / "release/expected.tsv").write_text("sample\tcase\tdeliverable\tfile\tformat\tstage\towed\twhy\n" + row)
    page = render_release(collect(results, given, NOW))
    assert '<th class="turned" title="delivered with every genome"><span>gVCF</span></th>' in page
    text = Page(page).text
    assert "Nothing waits. Every owed file is there, every sample and case is released." in text
    assert "1 of 1 case, 1 of 1 sample" in text
    assert "Key: 0123456789abcdef" in text
    assert "No waiver, no override" in text
    for words in ("Unsigned change", "missing.", "Not sealed"):
        assert words not in text


def test_page_of_nothing_says_not_evaluated_with_the_reason_in_every_part(tmp_path):
    text = Page(render_release(collect(tmp_path / "nothing", given_of({}, tmp_path), NOW))).text
    assert re.findall(r"(?:Not|not) evaluated, because ([^.]*\.?[^.]*)\.", text)
    for because in (
        "there is no completeness.tsv",
        "no sample has a decision yet",
        "there is no release/relations.json",
        "no sample has an identity.json",
        "no sample has a karyotype record",
        "nothing was checked yet",
        "there is no release/log.jsonl yet",
        "there is no change.json",
    ):
        assert because in text, because


def test_red_cells_lead_to_the_log_or_the_item_that_tells_their_cause(trouble):
    cells = re.findall(r'<td class="([mw])" title="([^"]*)"><a href="([^"]*)"', trouble[2])
    assert ("m", "missing: gatk stopped: no space left on device", "../logs/gatk_haplotypecaller/finn.3.log") in cells
    assert [(css, address) for css, _, address in cells if css == "w"] == [("w", "#signed")]
    assert len(cells) == 3


def test_links_are_relative_and_anchors_are_there(trouble):
    page = Page(trouble[2])
    places = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(places) == len(set(places))
    inside = {link[1:] for link in page.links if link.startswith("#")}
    assert inside <= set(places)
    assert any(place.startswith("w-sample-") for place in inside)
    assert not [link for link in page.links if re.match(r"[a-z]+:|//|/", link)]


def test_links_to_files_of_a_sample_lead_there(trouble):
    results, _, text = trouble
    files = [link for link in Page(text).links if link.endswith("release.json")]
    assert len(files) == 7
    assert all((results / "release" / link).is_file() for link in files)


def test_page_loads_nothing_and_runs_only_its_own_script(trouble):
    text = trouble[2]
    page = Page(text)
    assert not [tag for tag, _ in page.tags if tag in {"iframe", "img", "object", "embed", "link"} - {"link"}]
    assert [attributes.get("href") for tag, attributes in page.tags if tag == "link"] == ["data:,"]
    assert not [attributes for _, attributes in page.tags if "src" in attributes or any(name.startswith("on") for name in attributes)]
    assert not [attributes for _, attributes in page.tags if "style" in attributes]
    policy = next(attributes["content"] for _, attributes in page.tags if attributes.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")
    for tag in ("style", "script"):
        (inside,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert f"{tag}-src 'sha256-{base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()}'" in policy


def test_names_and_words_of_files_are_escaped(tmp_path):
    results, given = clean(tmp_path)
    record = read_json(results / "samples/anna/release.json")
    write_json(results / "samples/anna/release.json", record | {"decision": "hold", "reasons": [NASTY]})
    signed = release_state.WAIVER | {"subject": "case1", "name": NASTY, "reason": NASTY}
    given |= {"decisions": [signed], "stopped": [{"kind": "sample", "subject": "anna", "text": NASTY}]}
    write_grid(results, ["anna"], ["case1"], {("anna", "gVCF"): ("missing", NASTY), ("case1", "report"): ("not applicable", f'"{NASTY}')})
    text = render_release(collect(results, given, NOW))
    assert NASTY not in text
    assert Page(text).text.count(NASTY) >= 4
    assert [tag for tag, _ in Page(text).tags].count("script") == 1


def test_an_override_is_shown_in_the_grid_and_with_its_reason(trouble):
    assert 'href="#signed">not hold</a>' in trouble[2]
    assert "identical twin of carla, confirmed by the clinic" in trouble[2]


def test_samples_judged_by_two_limit_sets_have_drawings_of_their_own(tmp_path):
    results, given = clean(tmp_path, {"anna": ("c1", "proband", "female"), "bo": ("c2", "proband", "female")})
    record = read_json(results / "samples/bo/release.json")
    for metric in record["metrics"]:
        metric["limit"] = 60 if metric["name"] == "mean_autosome_coverage" else metric["limit"]
    write_json(results / "samples/bo/release.json", record | {"limits": {"name": "own-tumour", "date": "2026-01-01"}})
    given["limits"] = {"default": release_state.LIMITS, "tumour": {**release_state.LIMITS, "name": "own-tumour", "title": "Tumour"}}
    index = collect(results, given, NOW)
    assert [(one["set"], one["limit"]) for one in index["metrics"] if one["name"] == "mean_autosome_coverage"] == [
        ("genvej-germline", 30),
        ("own-tumour", 60),
    ]
    text = render_release(index)
    assert 'id="m-genvej-germline-mean_autosome_coverage"' in text
    assert 'id="m-own-tumour-mean_autosome_coverage"' in text


def test_a_thousand_samples_fit_in_three_megabytes_with_the_green_ones_folded(tmp_path):
    results, given = many(tmp_path, 1000)
    begin = time.process_time()
    page = page_of(results, given)
    print(f"{time.process_time() - begin:.1f} s CPU, {page.stat().st_size:,} bytes")
    text = page.read_text()
    assert page.stat().st_size <= 3_000_000
    green = read_json(results / "release/index.json")["counts"]["samples"]["release"]
    assert 950 < green <= 980
    assert f'<details class="fold"><summary>{green} samples with everything green' in text
    assert text.count("data-name=") == 2000


def test_page_files_names_every_template_style_and_script():
    folder = Path(__file__).resolve().parents[2]
    own = {str(path.relative_to(folder)) for path in (folder / "workflow/report/release").iterdir()}
    assert own <= set(PAGE_FILES)
    assert all((folder / name).is_file() for name in PAGE_FILES)


def test_limits_of_a_run_s_own_are_told_with_the_set_s_own():
    metric = {"label": "depth", "unit": "x", "better": "higher", "limit": 9, "borderline": None}
    own = {**metric, "source": "config, release.overrides (the set's own limit: 30)"}
    assert own_limits([own, {**metric, "source": "somebody: at least 30x"}]) == ["depth at least 9x (the set's own limit: 30)"]
