import pytest

from workflow.digests import ROOT, code_of, digest_of, files_behind

SCRIPT = 'from workflow.a import f\n\n\ndef main() -> int:\n    """Say."""\n    return f()\n'


def tree(folder, **files):
    (folder / "scripts").mkdir(parents=True)
    (folder / "workflow").mkdir()
    for name, text in {
        "scripts/s.py": SCRIPT,
        "workflow/a.py": "from workflow import b\nf = b.g\n",
        "workflow/b.py": "g = 1\n",
        **files,
    }.items():
        (folder / name).write_text(text)
    return folder


def test_files_behind_follows_imports_of_imports(tmp_path):
    found = files_behind(tree(tmp_path) / "scripts/s.py", tmp_path)
    assert [file.name for file in found] == ["s.py", "a.py", "b.py"]


@pytest.mark.parametrize(
    "files",
    [
        {"scripts/s.py": SCRIPT.replace("return f()", "return 1 + f()")},
        {"workflow/b.py": "g = 2\n"},
        {"workflow/a.py": "from workflow import b\nf = b.g + 1\n"},
    ],
)
def test_code_of_changes_with_what_the_code_does(tmp_path, files):
    assert code_of("s", tree(tmp_path / "old")) != code_of("s", tree(tmp_path / "new", **files))


def test_code_of_ignores_comments_docstrings_and_layout(tmp_path):
    other = SCRIPT.replace('"""Say."""', '"""Say it in other words."""').replace("return f()", "return  f( )  # a comment")
    assert code_of("s", tree(tmp_path / "old")) == code_of("s", tree(tmp_path / "new", **{"scripts/s.py": other}))


def test_every_script_of_a_rule_passes_its_own_digest():
    for file in sorted((ROOT / "rules").glob("*.smk")):
        for block in file.read_text().split("\nrule ")[1:]:
            if "script:" in block:
                script = block.split("../scripts/")[1].split(".py")[0]
                assert f'code_of("{script}")' in block, (file.name, script)


def test_digest_of_names_content_and_name():
    assert digest_of("LICENSE") != digest_of("pyproject.toml") != digest_of("LICENSE", "pyproject.toml")
