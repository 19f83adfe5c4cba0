"""Contamination, truth against estimate: reads of one person mixed into another's, aligned and judged as the workflow does it.

    python -m scripts.evaluate_contamination --sheet mixes.tsv --reference REF.fa --regions REGIONS.bed --output table.tsv
        [--levels 0,0.5,1,2,5,10] [--seeds 3] [--work FOLDER]

The sheet has the columns `name fastq_1 fastq_2 stranger_1 stranger_2`. All fragments of the first person are kept, except for the level 0,
where nine tenths of them are drawn, so that every seed is another sample; of the stranger so many that their bases make the level
(percent). The truth written is the share of bases that were drawn. The reference needs minibwa's index. Needs minibwa and samtools.
"""

import argparse
import gzip
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from scripts import check_identity, count_sites
from workflow.files import atomic, read_json, write_json
from workflow.site_panel import panel_of, read_panel, write_panel
from workflow.text import open_text

COLUMNS = ("mix", "level", "seed", "truth", "estimate", "low", "high", "detected", "called", "smallest_detectable", "sites", "bases")
ALIGN = "minibwa map -t2 -Y -R {group} {reference} {reads}_1.fq.gz {reads}_2.fq.gz | samtools fixmate -m -u - - | samtools sort -u - | "
ALIGN += "samtools markdup -O cram,version=3.0 --reference {reference} - {cram} && samtools index {cram}"
KEPT_OF_CLEAN = 0.9


@dataclass(frozen=True)
class Mix:
    """One row of the sheet: the pairs of FASTQ files of the host and of the stranger."""

    name: str
    host: tuple[str, str]
    stranger: tuple[str, str]


def records(path: str) -> list[str]:
    """Return the records of a FASTQ file."""
    with open_text(Path(path)) as lines:
        text = lines.read().splitlines(keepends=True)
    return ["".join(text[at : at + 4]) for at in range(0, len(text), 4)]


def bases(pairs: Sequence[tuple[str, str]]) -> int:
    """Return the bases of read pairs."""
    return sum(len(read.split("\n", 2)[1]) for pair in pairs for read in pair)


def drawn(pairs: Sequence[tuple[str, str]], share: float, seed: int) -> list[tuple[str, str]]:
    """Return a random part of the pairs."""
    chance = random.Random(seed)
    return [pair for pair in pairs if chance.random() < share]


def mixed(mix: Mix, level: float, seed: int, target: Path) -> float:
    """Write the mixed FASTQ pair; return the stranger's share of bases."""
    host, stranger = (list(zip(*map(records, files), strict=True)) for files in (mix.host, mix.stranger))
    if level:
        wanted = level / (1 - level) * bases(host) / bases(stranger)
        if wanted > 1:
            raise SystemExit(f"{mix.name}: the stranger has too few reads for {level:.1%}")
        guests = drawn(stranger, wanted, seed)
    else:
        host, guests = drawn(host, KEPT_OF_CLEAN, seed), []
    for mate in (0, 1):
        with gzip.open(f"{target}_{mate + 1}.fq.gz", "wt", compresslevel=1) as handle:
            handle.writelines(pair[mate] for pair in host)
            handle.writelines(f"@stranger.{pair[mate][1:]}" for pair in guests)
    return bases(guests) / (bases(guests) + bases(host)) if guests else 0.0


def judged(reads: Path, options: argparse.Namespace, panel: Path) -> dict[str, Any]:
    """Align a FASTQ pair and return its identity.json."""
    cram = f"{reads}.cram"
    command = ALIGN.format(group=r"'@RG\tID:L1\tSM:mix'", reference=options.reference, reads=reads, cram=cram)
    subprocess.run(["bash", "-o", "pipefail", "-c", command], check=True, stderr=subprocess.DEVNULL)
    karyotype = f"{reads}.karyotype.json"
    write_json(
        karyotype, {"x_depth_ratio": None, "y_depth_ratio": None, "measured": None, "reason": "not looked at", "declared": "unknown"}
    )
    names = SimpleNamespace(sample="mix")
    files = SimpleNamespace(
        cram=cram, fasta=options.reference, territory=options.regions, sites=panel, counts=f"{reads}.npz", karyotype=karyotype
    )
    count_sites.main(input=files, output=[files.counts], params=SimpleNamespace(par=[]), wildcards=names)
    check_identity.main(input=files, output=[f"{reads}.json"], wildcards=names)
    return dict(read_json(f"{reads}.json"))


def row_of(mix: Mix, level: float, seed: int, truth: float, identity: dict[str, Any]) -> list[str]:
    """Return a row of the table."""
    facts = identity["contamination"]
    start = [mix.name, f"{100 * level:g}", str(seed), f"{100 * truth:.2f}"]
    if facts is None:
        return [*start, "not evaluated", "", "", "no", "no", "", "0", "0"]
    value = f"{100 * facts['share']:.2f}" if "cross_contamination_rate" in identity["metrics"] else "not evaluated"
    upper = identity["metrics"].get("cross_contamination_upper_bound", {"value": 0})["value"]
    called = "yes" if upper > check_identity.SEEN_AT or (facts["detected"] and facts["share"] > check_identity.SEEN_AT) else "no"
    ends = [f"{100 * end:.2f}" for end in facts["interval"]]
    seen = "yes" if facts["detected"] else "no"
    return [*start, value, *ends, seen, called, f"{100 * facts['smallest_detectable']:.2f}", str(facts["sites"]), str(facts["bases"])]


def rows(options: argparse.Namespace, work: Path) -> Iterator[list[str]]:
    """Yield the rows of the table, mix by mix."""
    panel = work / "panel.tsv.gz"
    none = panel_of([], name="none", assembly="-", release="-")
    write_panel(panel, read_panel(options.panel) if options.panel else none)
    for line in Path(options.sheet).read_text().splitlines()[1:]:
        name, *files = line.split("\t")
        mix = Mix(name, (files[0], files[1]), (files[2], files[3]))
        for level in (float(level) / 100 for level in options.levels.split(",")):
            for seed in range(options.seeds):
                reads = work / f"mix.{level}.{seed}"
                truth = mixed(mix, level, seed, reads)
                yield row_of(mix, level, seed, truth, judged(reads, options, panel))
                for file in work.glob(f"{reads.name}*"):
                    file.unlink()


def main(words: Sequence[str] | None = None) -> int:
    """Write the table of truth against estimate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--sheet", "--reference", "--regions", "--output"):
        parser.add_argument(name, required=True)
    parser.add_argument("--levels", default="0,0.5,1,2,5,10")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--panel")
    parser.add_argument("--work")
    options = parser.parse_args(words)
    with tempfile.TemporaryDirectory(dir=options.work) as work, atomic(options.output) as part, part.open("w") as table:
        print(*COLUMNS, sep="\t", file=table)
        for row in rows(options, Path(work)):
            print(*row, sep="\t", file=table, flush=True)
            print(*row, sep="\t")
    return 0


if __name__ == "__main__":
    sys.exit(main())
