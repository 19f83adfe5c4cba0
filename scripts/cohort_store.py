"""The centre's frequency store: `python scripts/cohort_store.py COMMAND --store DIR …`.

Exit status: 0 done; 1 something is not as it should be (`verify` names each fault) or nobody was added; 2 the command or its files cannot
be used.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from workflow.cohort_store.model import ERASE_WAIT, MINIMUM
from workflow.jobs import run_command

INPUT_ERROR = 2
HELP = {
    "init": "make an empty store",
    "add": "count genomes: released sample folders, or VCFs with a BED of callable bases",
    "withdraw": "count samples no more, and erase them from every file",
    "correct": "put right a sample: new calls, or other groups",
    "counts": "print counts of a region",
    "carriers": "print who has a variant (inside only)",
    "verify": "check every file, and count everything anew out of the genomes' own files",
    "rebuild": "make the compacted segments anew out of the genomes' own files",
    "restore": "go back to an earlier version, or take out of a backup who was erased since; nobody comes back who was withdrawn",
    "compact": "compact all genomes to one segment",
    "release": "write frequencies that may leave: VCF, Parquet, data sheet, checksums",
    "status": "print what is in the store, without names",
    "page": "write the page of the store, for the inside of the centre: size, growth, groups, callability, spectrum",
}


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(prog="cohort_store", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    made = {}
    for name, text in HELP.items():
        made[name] = one = commands.add_parser(name, help=text, description=text)
        one.add_argument("--store", type=Path, required=True, metavar="DIR", help="folder of the store")
        one.add_argument("--wait", type=float, default=30.0, metavar="SECONDS", help="how long to wait for another writer (default 30)")
        one.add_argument(
            "--readers",
            type=float,
            default=ERASE_WAIT,
            metavar="SECONDS",
            help="time that readers get before files are erased (default 10)",
        )
    made["init"].add_argument("--assembly", choices=("GRCh38", "GRCh37"), default="GRCh38", help="assembly of all genomes (default GRCh38)")
    made["init"].add_argument(
        "--minimum", type=int, default=MINIMUM, metavar="N", help=f"least people behind a released count (default {MINIMUM})"
    )
    _people(made["add"], "+")
    made["add"].add_argument("--no-compact", action="store_true", help="leave compaction to a later run")
    _people(made["correct"], "*")
    _withdrawal(made["withdraw"])
    made["counts"].add_argument(
        "--region", metavar="R", help="such as 7:117480000-117670000 (1-based, both ends included); default everything"
    )
    made["counts"].add_argument("--group", default="all", metavar="G", help="such as sex=female, ancestry=EUR (default all)")
    made["counts"].add_argument("--format", choices=("tsv", "json"), default="tsv", help="table, or one JSON a line")
    made["carriers"].add_argument("--variant", required=True, metavar="V", help="such as 7-117559590-ATCT-A")
    made["verify"].add_argument("--quick", action="store_true", help="files only, no recount")
    made["restore"].add_argument("--version", type=int, metavar="N", help="one of the versions that `status` lists as kept")
    made["restore"].add_argument("--gone", type=Path, metavar="FILE", help="`gone.txt` of the newer store, after a backup was put back")
    made["release"].add_argument("--output", type=Path, required=True, metavar="DIR", help="folder for the release; must not exist")
    _page(made["page"])
    return top


def _page(one: argparse.ArgumentParser) -> None:
    one.add_argument("--output", type=Path, required=True, metavar="FILE", help="the page (.html); its data are written beside it (.json)")
    one.add_argument("--genes", type=Path, metavar="GFF3", help="gene models: callability by gene")
    one.add_argument("--regions", type=Path, metavar="BED", help="where genomes should be judged: callability of these regions")


def _people(one: argparse.ArgumentParser, sources: str) -> None:
    one.add_argument(
        "source", nargs=sources, type=Path, metavar="SOURCE", help="folders `<results>/samples/<sample>`, or VCFs about the same samples"
    )
    one.add_argument(
        "--callable", type=Path, metavar="BED", help="callable bases of a VCF's samples, or a folder with <sample>.bed of each"
    )
    one.add_argument("--sample", action="append", metavar="S", help="sample, or column of the VCF (default all); may be repeated")
    one.add_argument("--people", type=Path, metavar="TSV", help="sample sex person family ancestry patient_group role affected")
    one.add_argument("--sex", help="female, male or a karyotype; default as the folder's karyotype, or as genotypes on X are written")
    one.add_argument("--person", metavar="P", help="pseudonym of the person (default: the sample)")
    one.add_argument("--family", metavar="F", help="family, of which one is counted (default: the case)")
    one.add_argument("--ancestry", metavar="A", help="group of ancestry, if known")
    one.add_argument("--patient-group", metavar="G", help="group of patients")
    one.add_argument("--role", metavar="R", help="role in the case; `tumour` is refused")
    one.add_argument(
        "--consent", action="append", choices=("frequency_store", "beacon"), metavar="PURPOSE",
        help="declare a purpose that consent covers: frequency_store, beacon; may be repeated; kept as declared",
    )  # fmt: skip
    one.add_argument(
        "--consents", type=Path, metavar="FILE", help="consent sheet (or folder of JSON files) that decides instead of `--consent`"
    )
    one.add_argument(
        "--register-days",
        type=int,
        default=30,
        metavar="DAYS",
        help="age up to which a check of the register of restrictions holds (default 30)",
    )
    one.add_argument("--declare-caller", action="store_true", help="take in another caller or version than the store's")


def _withdrawal(one: argparse.ArgumentParser) -> None:
    one.add_argument("--sample", action="append", required=True, metavar="S", help="sample; may be repeated")
    one.add_argument(
        "--purpose", choices=("frequency_store", "beacon"), default="frequency_store", help="beacon: counted on, but not for it"
    )
    one.add_argument("--statement", type=Path, metavar="FILE", help="write the dated statement for the citizen (Markdown)")
    one.add_argument(
        "--fingerprints",
        type=Path,
        metavar="DIR",
        help="folder `identity.store` names: erase the fingerprints too",
    )
    one.add_argument("--later", action="store_true", help="only stop counting now; the next change erases")


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, do it; return the exit status."""
    given = parser().parse_args(arguments)
    if given.command == "correct" and len(given.sample or []) != 1:
        print("error: name one sample with `--sample`.", file=sys.stderr)
        return INPUT_ERROR
    try:
        from workflow.cohort_store.commands import COMMANDS

        return run_command(lambda: COMMANDS[given.command](given))
    except BrokenPipeError:
        return 0
    except OSError as error:
        print(f"error: {given.store}: {error.strerror or error}; the store stays at its last version.", file=sys.stderr)
        return INPUT_ERROR


if __name__ == "__main__":
    sys.exit(main())
