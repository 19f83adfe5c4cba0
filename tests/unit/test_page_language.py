"""Headings of the page in two languages: every one stands in the table, none is scattered."""

import re
from pathlib import Path

import pytest

from workflow import page_language
from workflow.page import FOLDER
from workflow.report_answer import headline

TEMPLATES = sorted(FOLDER.glob("*.j2"))
HEADING = re.compile(r"<(h[1-4]|th|dt|caption|summary|label|button)\b[^>]*>(.*?)</\1>", re.DOTALL)
ALLOWED = {"ClinVar", "Dansk", "English", "MANE"}


def calls(text: str) -> list[str]:
    return re.findall(r'\b(?:t|label)\("([^"]*)"', text)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_heading_that_a_template_asks_for_stands_in_the_table(template: Path) -> None:
    assert [one for one in calls(template.read_text()) if one not in page_language.headings()] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_a_heading_of_its_own(template: Path) -> None:
    for _, inside in HEADING.findall(template.read_text()):
        plain = re.sub(r"<[^>]*>", "", re.sub(r"{{.*?}}|{%.*?%}", "", inside))
        words = set(re.findall(r"[A-Za-zÆØÅæøå]{2,}", plain))
        assert words <= ALLOWED, (template.name, plain)


def test_every_heading_has_both_languages() -> None:
    table = page_language.headings()
    assert len(table) > 200
    assert all(english.strip() and danish.strip() for english, danish in table.items())
    assert table["Ranked candidates"] == "Rangerede kandidater"
    assert (table["yes"], table["no"]) == ("ja", "nej")  # and not YAML's booleans


def test_headlines_of_the_answer_stand_in_the_table() -> None:
    one = {"gene": "A", "score": 5.0, "gene_rank": 1}
    other = {"gene": "B", "score": 4.9, "gene_rank": 99}
    found = {headline(those, by_phenotype=by) for those in ([], [one], [one, other], [other]) for by in (True, False)}
    assert len(found) == 5
    assert found <= set(page_language.headings())


def test_both_marks_languages_and_escapes() -> None:
    assert page_language.both("Gene") == '<span lang="en">Gene</span><span lang="da">Gen</span>'
    assert page_language.both("Status") == "Status"
    assert "lang" not in page_language.word("<b>")
    assert page_language.word("<b>") == "&lt;b&gt;"
    assert page_language.cell("Gene") == 'data-label="Gene" data-da="Gen"'
    with pytest.raises(KeyError):
        page_language.both("no such heading")
