"""The centre's classifications: `python -m scripts.knowledge_base COMMAND --base DIR …`.

Exit status: 0 done; 2 the command or its files cannot be used.
"""

import argparse
import datetime
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.depth_curve import read_config
from workflow.consent.answers import allowed_cohort
from workflow.errors import InputError
from workflow.files import atomic, write_json
from workflow.jobs import run_command
from workflow.knowledge_base.entries import append, create, read_base, read_entries
from workflow.knowledge_base.exports import clinvar_table, in_words, vrs_records
from workflow.knowledge_base.judgements import changes, conflicts, earlier, touched
from workflow.reanalysis.open_cases import wish_of
from workflow.samples import load_cohort
from workflow.settings import load_settings

INPUT_ERROR = 2


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(prog="knowledge_base", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    words = {
        "init": "make an empty knowledge base",
        "add": "append this centre's classifications; tell earlier ones, and cases that a changed class touches",
        "import": "append another centre's classifications, under its name",
        "show": "print every classification of a variant, oldest first",
        "conflicts": "print classifications in force that contradict each other",
        "export-clinvar": "write this centre's classifications as a table for ClinVar",
        "export-vrs": "write all classifications in force as JSON with VRS identifiers",
    }
    made = {name: commands.add_parser(name, help=text, description=text) for name, text in words.items()}
    for one in made.values():
        one.add_argument("--base", type=Path, required=True, metavar="DIR", help="folder of the knowledge base")
    made["init"].add_argument("--centre", required=True, help="name of this centre")
    made["init"].add_argument(
        "--assembly", choices=("GRCh38", "GRCh37"), default="GRCh38", help="assembly of all variants (default GRCh38)"
    )
    made["add"].add_argument(
        "--config", type=Path, metavar="YAML", help="config whose cases may be named, as far as they wish to be contacted"
    )
    made["import"].add_argument("--centre", required=True, help="name of the centre that made them")
    for name in ("add", "import"):
        made[name].add_argument(
            "sheet", type=Path, metavar="TSV", help="variant class author date [gene hgvs condition criteria evidence …]"
        )
    made["show"].add_argument("variant", help="such as 7-117559590-ATCT-A")
    made["export-vrs"].add_argument("--fasta", required=True, help="reference of the assembly, indexed")
    for name in ("export-clinvar", "export-vrs"):
        made[name].add_argument("--output", type=Path, required=True, metavar="FILE", help="file to write")
    return top


def add(given: argparse.Namespace) -> None:
    """Append this centre's classifications."""
    base, today = read_base(given.base), datetime.date.today()
    new = read_entries(given.sheet, base.centre, base.assembly, today, own=True)
    wishes = wishes_of(given.config, today) if given.config else {}
    base = append(given.base, new)
    for variant in dict.fromkeys(one.variant for one in new):
        print("\n".join(in_words(earlier(base.entries, variant))) or f"{variant}\tnot seen before")
    for then, now in changes(base.entries, new, base.centre):
        found = touched([*base.entries, *new], now.variant, wishes)
        named = f"; cases: {', '.join(found.named)}" if found.named else ""
        print(f"{now.variant}\tchanged from {then.category} to {now.category}{named}; {found.others} cases that may not be contacted")


def wishes_of(config: Path, today: datetime.date) -> Mapping[str, str]:
    """Return by case whether its proband wishes to be contacted, as the consents or the sample sheet have it today."""
    settings = load_settings(read_config(config), str(config))
    cohort, _, _ = allowed_cohort(settings, load_cohort(settings), today)
    return {name: wish_of(case) for name, case in cohort.cases.items()}


def run(given: argparse.Namespace) -> None:
    """Do what the command line asks."""
    match given.command:
        case "init":
            create(given.base, given.centre, given.assembly)
        case "add":
            add(given)
        case "import":
            base = read_base(given.base)
            if given.centre == base.centre:
                raise InputError(f"{given.centre} is this centre", file=given.sheet, remedy="use `add`")
            new = read_entries(given.sheet, given.centre, base.assembly, datetime.date.today(), own=False)
            append(given.base, new)
            print(f"{len(new)} classifications of {given.centre}, kept apart under its name")
        case "show":
            base = read_base(given.base)
            print("\n".join(in_words(earlier(base.entries, given.variant))) or f"{given.variant}\tnot seen before")
        case "conflicts":
            for those in conflicts(read_base(given.base).entries).values():
                print("\n".join(in_words(those)))
        case "export-clinvar":
            with atomic(given.output) as part:
                part.write_text(clinvar_table(read_base(given.base)), encoding="utf-8")
        case "export-vrs":
            write_json(given.output, {"vrs": "2.0", "records": vrs_records(read_base(given.base), given.fasta)})


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, do it; return the exit status."""
    try:
        return run_command(lambda: run(parser().parse_args(arguments)))
    except OSError as error:
        print(f"error: {error.filename}: {error.strerror}; nothing was changed.", file=sys.stderr)
        return INPUT_ERROR


if __name__ == "__main__":
    sys.exit(main())
