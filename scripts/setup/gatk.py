"""GATK from Maven Central into the cache, byte for byte as pinned, and the command `gatk`."""

import os
import random
import shlex
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pysam

from scripts.setup.common import ENVS, SetupError, digest, install_once, run, say, write_command
from workflow.files import sha256_of
from workflow.tools import Tool

POM = ENVS / "gatk" / "pom.xml"
SUMS = ENVS / "gatk" / "jars.sha256"
MAIN = "org.broadinstitute.hellbender.Main"

# The same settings as GATK's own start script.
PROPERTIES = (
    "-Dsamjdk.use_async_io_read_samtools=false",
    "-Dsamjdk.use_async_io_write_samtools=true",
    "-Dsamjdk.use_async_io_write_tribble=false",
    "-Dsamjdk.compression_level=2",
)

WRAPPER = """#!/bin/sh
# GATK {version}. As in GATK's own start script, `--java-options "…"` goes to Java. Written by `make env`.
home={home}
if [ "$#" -eq 1 ] && [ "$1" = --version ]; then
    jar=$(echo "$home"/jars/gatk-[0-9]*.jar)
    jar=${{jar##*/gatk-}}
    echo "The Genome Analysis Toolkit (GATK) v${{jar%.jar}}"
    exit 0
fi
options=
left=$#
while [ "$left" -gt 0 ]; do
    case $1 in
        --java-options) options="$options $2"; shift 2; left=$((left - 2)) ;;
        *) set -- "$@" "$1"; shift; left=$((left - 1)) ;;
    esac
done
# shellcheck disable=SC2086
exec java {settings} $options @"$home/classpath" {main} "$@"
"""


def read_sums() -> dict[str, str]:
    """Return the pinned SHA-256 of every jar by file name."""
    lines = SUMS.read_text(encoding="ascii").splitlines()
    return {name: sha256 for sha256, name in (line.split() for line in lines)}


def check_jars(folder: Path) -> None:
    """Compare a folder of jars with the pinned list.

    Raises:
        SetupError: a jar is missing, unexpected, or of other bytes.
    """
    pinned = read_sums()
    jars = sorted(folder.glob("*.jar"))
    if stray := {jar.name for jar in jars} ^ pinned.keys():
        raise SetupError(f"the libraries of GATK differ from {SUMS.name}: {', '.join(sorted(stray)[:5])}")
    with ThreadPoolExecutor() as pool:
        wrong = [jar.name for jar, real in zip(jars, pool.map(sha256_of, jars), strict=True) if real != pinned[jar.name]]
    if wrong:
        raise SetupError(f"{wrong[0]} from Maven Central has other bytes than {SUMS.name} pins")


def download(home: Path) -> None:
    """Fetch GATK and its libraries to `home`/jars and check each."""
    with tempfile.TemporaryDirectory(dir=home) as repository:
        goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={home / 'jars'}"]
        run(["mvn", "-B", "-q", "-ntp", "-f", str(POM), f"-Dmaven.repo.local={repository}", *goal], "fetching GATK from Maven Central")
    check_jars(home / "jars")


def write_classpath(home: Path) -> None:
    """List the jars in a fixed order, so that every machine loads the same classes, in an argument file for Java."""
    file = home / "classpath"
    if not file.exists():
        file.write_text(f'-cp "{":".join(str(jar) for jar in sorted(home.glob("jars/*.jar")))}"\n', encoding="utf-8")


def write_reads(folder: Path) -> None:
    """Write a reference of 5 kb and 600 invented reads with one heterozygous variant: r.fa, r.dict, x.bam and their indexes."""
    dice = random.Random(1)
    sequence = "".join(dice.choices("ACGT", k=5000))
    other = sequence[:2500] + ("A" if sequence[2500] != "A" else "C") + sequence[2501:]
    (folder / "r.fa").write_text(f">1\n{sequence}\n", encoding="ascii")
    pysam.faidx(str(folder / "r.fa"))
    (folder / "r.dict").write_text("@HD\tVN:1.6\n@SQ\tSN:1\tLN:5000\n", encoding="ascii")
    group = "@RG\tID:a\tSM:s\tPL:ILLUMINA"
    header = pysam.AlignmentHeader.from_text(f"@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:1\tLN:5000\n{group}\n")
    with pysam.AlignmentFile(str(folder / "x.bam"), "wb", header=header) as out:
        for number, start in enumerate(sorted(dice.choices(range(4900), k=600))):
            bases = (sequence, other)[number % 2][start : start + 100]
            out.write(
                pysam.AlignedSegment.fromstring(f"q{number}\t0\t1\t{start + 1}\t60\t100M\t*\t0\t0\t{bases}\t{'I' * 100}\tRG:Z:a", header)
            )
    pysam.index(str(folder / "x.bam"))


def archive_classes(home: Path, java: str) -> Path:
    """Call a variant once with GATK, and keep its loaded classes in an archive that saves later calls about 3 CPU seconds each.

    The archive belongs to one release of Java; another one ignores it, and a missing one does no harm (a cache that others keep
    may be read-only). The call also shows that GATK works on this machine.
    """
    archive = home / f"classes-{java}.jsa"
    if archive.exists() or not os.access(home, os.W_OK):
        return archive
    say("preparing GATK's quick start")
    with tempfile.TemporaryDirectory(dir=home) as name:
        folder = Path(name)
        write_reads(folder)
        java_call = ["java", "-XX:+UseSerialGC", "-Xlog:disable", "-XX:ArchiveClassesAtExit=classes.jsa", f"@{home / 'classpath'}", MAIN]
        call = ["HaplotypeCaller", "-R", "r.fa", "-I", "x.bam", "-O", "x.g.vcf.gz", "-ERC", "GVCF", "--dragen-mode", "true"]
        run([*java_call, *call], "trying GATK", cwd=folder)
        (folder / "classes.jsa").replace(archive)
    return archive


def cache_name(tool: Tool) -> str:
    """Return the name of GATK's folder in the cache."""
    return f"gatk-{tool.version}-{digest(POM, SUMS)}"


def setup_gatk(tool: Tool, java: str) -> None:
    """Install GATK once for this user and put `gatk` on the PATH of the environment."""

    def build(part: Path) -> None:
        say(f"fetching GATK {tool.version} from Maven Central (420 MB, once)")
        download(part)

    home = install_once(cache_name(tool), build)
    write_classpath(home)
    archive = archive_classes(home, java)
    quick = ["-Xlog:disable", "-Xlog:all=error:stderr", f"-XX:SharedArchiveFile={archive}"]
    settings = shlex.join([*quick, *PROPERTIES])
    write_command("gatk", WRAPPER.format(version=tool.version, home=shlex.quote(str(home)), settings=settings, main=MAIN))
