"""The rule files, read as text: each rule's environment holds the programs its shell calls, each rule logs, none reads the repository."""

import ast
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from workflow.tools import read_pins

ROOT = Path(__file__).resolve().parents[2]
# Shell syntax, builtins and what every Linux has (coreutils, diffutils, gzip, awk, grep, sed): no environment has to bring these.
KEYWORDS = {"do", "then", "if", "while", "!", "{"}  # followed by a command
BUILTINS = {"case", "done", "esac", "exec", "exit", "export", "fi", "for", "read", "set", "shift", "trap", "true"}
SYSTEM = {
    "awk",
    "cat",
    "cmp",
    "cut",
    "echo",
    "grep",
    "gzip",
    "ln",
    "mkdir",
    "mktemp",
    "mv",
    "rm",
    "sed",
    "tail",
    "tee",
    "test",
    "[",
    "touch",
    "uniq",
    "wc",
}
# Commands that a rule takes from Python: these programs they may start.
FROM_PARAMS = {"{params.align}": {"minibwa", "bwa"}, "{params.blank}": {"awk"}}
DEMO = "demo.smk"  # makes the demo's data with the project's own Python, outside a run


@dataclass(frozen=True)
class Rule:
    """A rule as its file has it: the text of each directive."""

    file: str
    name: str
    parts: dict[str, str]

    @property
    def shell(self) -> str:
        """Return the shell command, '' if there is none."""
        return ast.literal_eval(f"({self.parts['shell']})") if "shell" in self.parts else ""

    @property
    def environment(self) -> str:
        """Return the name of the environment file."""
        return Path(ast.literal_eval(self.parts["conda"].strip())).stem


def rules_of(text: str, file: str) -> list[Rule]:
    """Return the rules of a file; one made by `use rule … as` keeps what it does not change."""
    found: dict[str, Rule] = {}
    for base, name, body in re.findall(r"^(?:use rule (\w+) as |rule )(\w+)(?: with)?:\n((?:(?: .*)?\n|$)+)", text, re.MULTILINE):
        pieces = re.split(r"^    (\w+):", body, flags=re.MULTILINE)[1:]
        own = dict(zip(pieces[::2], pieces[1::2], strict=True))
        found[name] = Rule(file, name, {**(found[base].parts if base else {}), **own})
    return list(found.values())


def programs(shell: str) -> set[str]:
    """Return the first word of every command of a shell text; quoted text, assignments, functions of the shell are passed over."""
    bare = re.sub(r"\\\n|\d?>&\d|\$\(\([^)]*\)\)", " ", shell)
    bare = re.sub(r"'[^']*'|\"(?:[^\"$]|\$(?!\())*\"", "''", bare)
    commands = re.split(r"\$\(|[|;&(\n]+", bare)
    words = (next((word for word in command.split() if "=" not in word and word not in KEYWORDS), "") for command in commands)
    return {word for word in words if re.fullmatch(r"[\w.{}\[-]+", word)} - BUILTINS


RULES = [rule for file in sorted((ROOT / "rules").glob("*.smk")) for rule in rules_of(file.read_text(), file.name)]
RUN = [rule for rule in RULES if rule.file != DEMO and "output" in rule.parts]  # a rule without output is a name for targets
each_rule = pytest.mark.parametrize("rule", RUN, ids=lambda rule: rule.name)


def test_rules_of_finds_every_rule() -> None:
    named = [
        name
        for file in (ROOT / "rules").glob("*.smk")
        for name in re.findall(r"^(?:use )?rule .*?(\w+)(?: with)?:$", file.read_text(), re.M)
    ]
    assert sorted(rule.name for rule in RULES) == sorted(named)
    assert {"align_reads", "check_case", "gatk_haplotypecaller"} <= set(named)


def test_programs_sees_pipes_substitutions_and_lists() -> None:
    text = "exec 2> log\nA=1 samtools view -c x | bgzip > y && mv y 'z | bwa'\nif [ $((2 * n)) ]; then n=$(tabix -l \"$y\"); fi"
    assert programs(text) == {"samtools", "bgzip", "mv", "[", "tabix"}


@each_rule
def test_rule_has_a_log_an_environment_that_is_there_and_a_command(rule: Rule) -> None:
    assert "<logs>/" in rule.parts["log"]
    assert ("shell" in rule.parts) != ("script" in rule.parts)
    if rule.name != "ask_tools":  # goes through all environments
        assert (ROOT / "envs" / f"{rule.environment}.yaml").is_file()


@pytest.mark.parametrize("rule", [rule for rule in RUN if rule.shell and rule.name != "ask_tools"], ids=lambda rule: rule.name)
def test_environment_of_a_shell_rule_holds_every_program_it_calls(rule: Rule) -> None:
    called = {program for word in programs(rule.shell) for program in FROM_PARAMS.get(word, {word})} - SYSTEM
    held = {tool.name for tool in read_pins().values() if rule.environment in tool.envs}
    assert called <= held


@pytest.mark.parametrize("rule", [rule for rule in RUN if "script" in rule.parts], ids=lambda rule: rule.name)
def test_script_rule_has_the_projects_python_its_own_name_and_a_digest_of_its_code(rule: Rule) -> None:
    script = Path(ast.literal_eval(rule.parts["script"].strip())).stem
    assert rule.environment == "python"
    assert (ROOT / "scripts" / f"{script}.py").is_file()
    assert f'code_of("{script}")' in rule.parts["params"]


@each_rule
def test_rule_takes_no_file_of_the_repository_as_input(rule: Rule) -> None:
    text = rule.parts.get("input", "")
    literals = [piece for pair in re.findall(r"\"([^\"]*)\"|'([^']*)'", text) for piece in pair if "/" in piece]
    assert all(piece.startswith(("<results>/", "plans/")) for piece in literals), literals  # plans: objects of a store
    assert not re.search(r"\bROOT\b|source_path|basedir", text)


def test_freebayes_calls_are_blanked_where_a_person_lacks_the_contig(tmp_path: Path) -> None:
    text = (ROOT / "rules/freebayes.smk").read_text()
    blank = ast.literal_eval(re.search(r"^BLANK_ABSENT = (r\"{3}.*?\"{3})", text, re.MULTILINE | re.DOTALL)[1])
    (tmp_path / "absent.bed").write_text("chrY\t0\t100\tfreja\nchrY\t0\t10\terik\nchrY\t0\t100\tsomeone\n")
    fields = "\t.\tA\tC\t9\t.\t.\tGT:DP\t"
    head = "##x\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\terik\tfreja\n"
    calls = [f"chrX\t50{fields}1:9\t0/1:9\n", f"chrY\t10{fields}1:9\t1:2\n", f"chrY\t11{fields}1:9\t1:2\n", f"chrY\t101{fields}.\t1:2\n"]
    command = f"{blank} {tmp_path}/absent.bed -"
    done = subprocess.run(["bash", "-c", command], input=head + "".join(calls), capture_output=True, text=True, check=True)
    assert done.stdout == head + calls[0] + f"chrY\t11{fields}1:9\t.\n" + calls[3]
    (tmp_path / "absent.bed").write_text("")
    twice = subprocess.run(["bash", "-c", command], input=head + head + "".join(calls), capture_output=True, text=True, check=True)
    assert twice.stdout == head + "".join(calls)
