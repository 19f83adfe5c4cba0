"""The page as text: complete, escaped, self-contained, and a pure function of report.json."""

import base64
import hashlib
import json
import re
import zlib
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from scripts.collect_report import main as collect
from scripts.render_report import main as render
from tests.report_case import CHANGE, NASTY, candidates, interpretation, make_case, write_json
from workflow import page_numbers, page_words
from workflow.candidate_rows import COLUMNS
from workflow.page import TEMPLATES, render_page
from workflow.page_words import NOT_EVALUATED

ENGLISH = SimpleNamespace(language="en")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    case = make_case(tmp_path_factory.mktemp("case"))
    collect(input=case.input, output=case.output, params=case.params)
    content: dict[str, Any] = json.loads(Path(case.output[0]).read_text())
    return content


def unpacked(text: str) -> str:
    """Put the bodies of cards that a script unpacks in their places."""
    return re.sub(r' data-z="([^"]*)">', lambda match: f">{zlib.decompress(base64.b64decode(match[1])).decode()}", text)


class Page(HTMLParser):
    """Tags with their attributes, and the English text outside style sheets and scripts; what is packed is unpacked."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.language = ""
        self.words: list[str] = []
        self.feed(unpacked(text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self.open.append(tag)
        if tag == "span":
            self.language = dict(attrs).get("lang") or ""

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass
        self.language = "" if tag == "span" else self.language

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open) and self.language != "da":
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


def test_render_shows_what_was_asked_found_and_missed(report: dict[str, Any]) -> None:
    text = Page(render_page(report, CHANGE)).text
    expected = """
        Draft for a specialist | Case case1 | Progressive muscle weakness HP:0003323 | LMNA | c.745C>T | p.(Arg249Trp) | missense variant
        heterozygous | 10 of 20 reads show the variant | A position without coverage is not reference | Outside the regions called
        2 of 2 | No transcript in the gene models | ClinVar
        not configured | Mean depth over the autosomes | at least 30x | −9.5x | 2025-01-16 | 4.6.2.0 | hold
        Structural variants | not in the proband | autosomal dominant (possible) | Muscular dystrophy (OMIM:181350)
    """
    for words in re.split(r"[|\n]", expected.strip()):
        assert words.strip() in text, words
    assert "0|1" in text


def test_render_escapes_what_files_say(report: dict[str, Any]) -> None:
    page = Page(render_page(report, CHANGE))
    assert [attributes for tag, attributes in page.tags if tag == "script"] == [{"type": "application/json", "id": "case-data"}, {}]
    assert NASTY not in render_page(report, CHANGE)
    assert page.text.count(NASTY) >= 3


def test_render_loads_nothing_and_allows_nothing(report: dict[str, Any]) -> None:
    page = Page(render_page(report, CHANGE))
    assert not [tag for tag, _ in page.tags if tag in {"iframe", "img", "object", "form"}]
    addresses = [attributes[name] for _, attributes in page.tags for name in ("src", "href", "xlink:href") if name in attributes]
    assert [address for address in addresses if not address.startswith("#")] == ["data:,"]
    assert not [attributes for _, attributes in page.tags if "style" in attributes or any(name.startswith("on") for name in attributes)]


def test_render_names_the_digest_of_its_own_style_sheet(report: dict[str, Any]) -> None:
    text = render_page(report, CHANGE)
    style = re.search("<style>(.*?)</style>", text, re.DOTALL)
    script = re.search("<script>(.*?)</script>", text, re.DOTALL)
    policy = next(attributes["content"] for tag, attributes in Page(text).tags if attributes.get("http-equiv") == "Content-Security-Policy")
    assert style
    assert script
    allowed = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    assert f"script-src 'sha256-{allowed}'" in policy
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")


def test_render_links_lead_to_places_on_the_page(report: dict[str, Any]) -> None:
    tags = Page(render_page(report, CHANGE)).tags
    places = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(places) == len(set(places))
    assert {attributes["href"][1:] for tag, attributes in tags if tag == "a"} <= set(places)


def test_render_labels_every_cell_that_becomes_a_card(report: dict[str, Any]) -> None:
    text = unpacked(render_page(report, CHANGE))
    for table in re.findall(r'<table class="cards".*?</table>', text, re.DOTALL):
        body = table.split("<tbody", 1)[1]
        cells = re.findall(r"<t[dh] [^>]*>", body)
        assert cells
        assert all("data-label=" in cell and "data-da=" in cell for cell in cells)


def test_render_without_candidates_warns_that_this_is_no_normal_result(report: dict[str, Any]) -> None:
    empty = report | {"candidates": [], "answer": report["answer"] | {"headline": "No candidate found"}}
    assert "That is not the same as a normal result" in Page(render_page(empty, CHANGE)).text


def test_render_lists_two_hundred_candidates_of_three_members_within_15_mb(report: dict[str, Any]) -> None:
    one = report["candidates"][0]
    reads = {name: one["reads"]["child"] for name in ("child", "mother", "father")}
    many = [one | {"rank": rank, "reads": reads} for rank in range(1, 201)]
    members = [report["question"]["members"][0] | {"sample": name} for name in reads]
    page = render_page(
        report
        | {
            "candidates": many,
            "question": report["question"] | {"members": members},
            "not_assessed": report["not_assessed"] | {"genes": []},
        },
        CHANGE,
    )
    assert unpacked(page).count('<svg class="reads" role="img"') == 600
    assert len(page.encode()) < 15e6


def test_render_of_a_case_about_which_little_is_known(tmp_path: Path) -> None:
    """No gene models, no phenotype: what rank_candidates writes then is `not evaluated` in most columns."""
    case = make_case(tmp_path)
    said = dict.fromkeys((*COLUMNS, "inheritance_score"), NOT_EVALUATED)
    known = {key: candidates()[0][key] for key in ("rank", "case", "chrom", "pos", "ref", "alt", "genotype", "hgvs_g", "filter", "reasons")}
    row = (
        said
        | known
        | {"zygosity_model": "heterozygous: not evaluated", "inheritance_note": "", "not_evaluated": "gene_models,hpo", "models": []}
    )
    bare = {"genes": [], "terms": [], "ranked_by": "variant only", "reason": "no gene models", "withheld": [], "candidates": [row]}
    write_json(Path(case.input.interpretation), interpretation() | bare)
    case.input.models, case.params.case["terms"] = [], []
    collect(input=case.input, output=case.output, params=case.params)
    text = Page(render_page(json.loads(Path(case.output[0]).read_text()), CHANGE)).text
    for words in (
        "Candidates, ranked without the phenotype",
        "No phenotype was given",
        "Not evaluated : gene models, Human Phenotype Ontology",
        "no gene models are configured",
        "Coverage of genes was not evaluated",
    ):
        assert words in text, words


def test_main_writes_the_page_and_leaves_nothing_beside_it(report: dict[str, Any], tmp_path: Path) -> None:
    source, change = tmp_path / "report.json", tmp_path / "change.json"
    source.write_text(json.dumps(report))
    change.write_text(json.dumps(CHANGE))
    render(input=SimpleNamespace(report=str(source), change=str(change)), output=[str(tmp_path / "report.html")], params=ENGLISH)
    assert (tmp_path / "report.html").read_text() == render_page(report, CHANGE)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["change.json", "report.html", "report.json"]


def test_render_names_the_version_and_tells_an_unsigned_change_in_its_head_and_on_every_sheet(report: dict[str, Any]) -> None:
    first = Page(render_page(report, CHANGE))
    assert "Workflow version aaaaaaaaaaaa" in first.text
    assert "Unsigned change" not in first.text
    unsigned = CHANGE | {"status": "unsigned change", "from": "bbbbbbbbbbbb", "why": "there is no sign-off"}
    page = Page(render_page(report, unsigned))
    alarm = page.text.index("Unsigned change. The workflow changed from version bbbbbbbbbbbb to aaaaaaaaaaaa")
    assert alarm < page.text.index("Case case1")
    assert page.text.count("unsigned change of the workflow") == 1  # along the edge of each printed sheet


@pytest.mark.parametrize(("status", "word"), [("accepted change", "accepted"), ("rejected change", "rejected")])
def test_render_says_who_signed_and_escapes_the_name(report: dict[str, Any], status: str, word: str) -> None:
    signed = CHANGE | {"status": status, "from": "bbbbbbbbbbbb", "who": NASTY, "when": "2026-11-25"}
    text = render_page(report, signed)
    assert f"was {word} by &lt;script&gt;" in text
    assert NASTY not in text
    assert ('role="alert"' in text) == (word == "rejected")


def test_templates_names_every_file_of_the_page() -> None:
    assert {"workflow/report/report.html.j2", "workflow/report/page.css", "workflow/report/print.css"} <= set(TEMPLATES)


@pytest.mark.parametrize(
    ("share", "expected"), [(1, "100 %"), (0, "0 %"), (0.99999, "99.9 %"), (0.00001, "< 0.1 %"), (0.5, "50 %"), (0.123, "12.3 %")]
)
def test_percent_never_rounds_to_all_or_nothing(share: float, expected: str) -> None:
    assert page_numbers.percent(share) == expected


@pytest.mark.parametrize(
    ("metric", "limit", "margin"),
    [
        ({"value": 27.4, "unit": "x", "limit": 30, "margin": -2.6}, "at least 30x", "−2.6x"),
        ({"value": 0.01, "unit": "fraction", "limit": 0.02, "margin": 0.01}, "at most 2 %", "+1 %"),
        ({"value": 30, "unit": "x", "limit": 30, "margin": 0}, "at least 30x", "+0x"),
        ({"value": True, "unit": "", "limit": True, "margin": None}, "yes", "–"),
        ({"value": None, "unit": "%", "limit": 95, "margin": None}, "95 %", "–"),
        ({"value": 1, "unit": "", "limit": None, "margin": None}, "none", "–"),
    ],
)
def test_limit_and_margin_in_words(metric: dict[str, Any], limit: str, margin: str) -> None:
    assert (page_numbers.limit(metric), page_numbers.margin(metric)) == (limit, margin)


def test_exons_in_words_joins_neighbours() -> None:
    exons = [{"number": i, "of": 6, "bases": 10, "callable": {"s": 0 if i in {1, 2, 3, 5} else 10}} for i in range(1, 7)]
    assert page_words.exons_in_words({"exons": exons}, "s") == "1 to 3, 5 of 6"
    assert page_words.exons_in_words({"exons": []}, "s") == "–"


def test_score_bars_lie_on_both_sides_of_zero() -> None:
    one = {"phenotype_score": 3.0, "variant_score": -1.0, "inheritance_score": 0.0}
    scale = page_numbers.score_scale([one, one | {"phenotype_score": "no known disease", "variant_score": 0.5}])
    assert scale == (-1, 3)
    assert page_numbers.score_bars(one, scale) == {"zero": 25, "bars": [(25, 75), (0, 25), (25, 0)]}
    assert page_numbers.score_bars(dict.fromkeys(one, "not evaluated"), (0, 0)) == {"zero": 0, "bars": [(0, 0)] * 3}


def test_contributions_hold_what_was_not_told() -> None:
    one = {"terms": [{"id": "HP:1", "label": "", "log_lr": 2.0}, {"id": "HP:2", "label": "Two", "log_lr": -1.0}], "not_told_log_lr": -0.5}
    parts = page_numbers.contributions(one)
    assert [(part["label"], part["length"]) for part in parts] == [
        ("HP:1", 1),
        ("Two", 0.5),
        ("features of the disease that were not told", 0.25),
    ]


def test_gene_groups_ask_for_every_member() -> None:
    gene = {"gene": "A", "bases": 10, "owed": 10, "status": "assessed", "callable": {"child": 10, "mother": 9}}
    whole, nowhere = gene | {"callable": {"child": 10, "mother": 10}}, gene | {"bases": 0, "owed": 0, "status": "not in the reference"}
    assert page_words.gene_groups([gene, whole, nowhere]) == {"gaps": [gene], "assessed": [whole], "not in the reference": [nowhere]}
