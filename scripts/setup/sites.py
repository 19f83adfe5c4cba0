"""The base panel of common variants, from the source package of peddy (MIT): sites, and frequencies counted from its 2,504 genomes.

The package is fetched by pip against a pinned SHA-256 and unpacked; nothing of it is installed or imported.
"""

import gzip
import shutil
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np

from scripts.setup.common import SetupError, cache_root, install_once, run, say
from workflow.files import sha256_of
from workflow.panel_places import CACHED, FOLDER, file_name
from workflow.site_panel import Panel, Row, panel_of, write_panel

PACKAGE, RELEASE = "peddy", "0.4.8"
ARCHIVE = f"{PACKAGE}-{RELEASE}.tar.gz"
SHA256 = "1d998f0e387a15c7e270ced4bba8c19cc164c916fdcf397e90215cc9fc6bf04f"
ASSEMBLIES = ("GRCh37", "GRCh38")
GENOMES = 2504  # of 1000 Genomes, phase 3: one byte a site and genome, alternative alleles or 3 for no genotype
NO_GENOTYPE = 3
COMMON = 0.05  # frequency of the rarer allele from which a site tells people apart
SOURCE = f"{PACKAGE} {RELEASE} (MIT), 2,504 genomes of 1000 Genomes phase 3"


def fetch() -> Path:
    """Return the package's archive in the cache of downloads, fetched first if it is not there or not the one that is pinned."""
    kept = cache_root() / "downloads" / ARCHIVE
    if kept.is_file() and sha256_of(kept) == SHA256:
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as name:
        requirements = Path(name) / "requirements.txt"
        requirements.write_text(f"{PACKAGE}=={RELEASE} --hash=sha256:{SHA256}\n", encoding="utf-8")
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-cache-dir", "--disable-pip-version-check"]
        pip += [f"--no-binary={PACKAGE}", "--require-hashes", "--dest", name, "--requirement", str(requirements)]
        run(pip, f"fetching {PACKAGE} {RELEASE} for its panel of common variants")
        (Path(name) / ARCHIVE).replace(kept)
    return kept


def sites_in(text: str) -> list[tuple[str, int, str, str]]:
    """Return (contig, 0-based position, ref, alt) of each line of one of peddy's site lists."""
    lines = (line.split(":") for line in text.split())
    return [(contig, int(position) - 1, ref, alt) for contig, position, ref, alt in lines]


def frequencies_of(genotypes: bytes) -> list[float]:
    """Return the alternative allele's frequency a site, from a matrix of one byte a site and genome."""
    counts = np.frombuffer(genotypes, np.uint8).reshape(-1, GENOMES)
    known = counts != NO_GENOTYPE
    return [float(value) for value in (counts * known).sum(1) / (2 * np.maximum(known.sum(1), 1))]


def panels_of(sites: dict[str, str], genotypes: bytes) -> list[Panel]:
    """Return the panel of each assembly, in the order of the genome.

    The lists name the same sites line by line, and the genotypes are those of GRCh37. Where the two assemblies differ in alleles (238
    sites: the strand or the reference's base changed) a frequency would be of the other allele, so such sites are left out of both.
    """
    listed = {assembly: sites_in(text) for assembly, text in sites.items()}
    frequencies = frequencies_of(genotypes)
    first, second = (listed[assembly] for assembly in ASSEMBLIES)
    if not len(first) == len(second) == len(frequencies):
        raise SetupError("the site lists and genotypes of peddy do not fit together")
    fit = [one[0] == other[0] and one[2:] == other[2:] for one, other in zip(first, second, strict=True)]
    kept = [fits and COMMON <= value <= 1 - COMMON for fits, value in zip(fit, frequencies, strict=True)]
    panels = []
    for assembly in ASSEMBLIES:
        rows: list[Row] = [(*site, value) for site, value, keep in zip(listed[assembly], frequencies, kept, strict=True) if keep]
        rows.sort(key=lambda row: (int(row[0]), row[1]))
        panels.append(panel_of(rows, name=PACKAGE, assembly=assembly, release=RELEASE, source=SOURCE))
    return panels


def build(part: Path) -> None:
    """Write the panel of each assembly into `part`."""
    say("preparing the panel of common variants (once)")
    with tarfile.open(fetch()) as archive:

        def member(name: str) -> bytes:
            found = archive.extractfile(f"{PACKAGE}-{RELEASE}/{name}")
            assert found is not None
            return found.read()

        sites = {assembly: member(f"peddy/{assembly.upper()}.sites").decode() for assembly in ASSEMBLIES}
        genotypes = gzip.decompress(member("peddy/GRCH37.sites.bin.gz"))
        (part / "LICENSE").write_bytes(member("LICENSE"))
    for panel in panels_of(sites, genotypes):
        write_panel(part / file_name(panel.assembly), panel)


def setup_sites() -> str | None:
    """Put the panels into the environment; return a note if that cannot be done here."""
    home = Path(sys.prefix) / FOLDER
    if all((home / file_name(assembly)).is_file() for assembly in ASSEMBLIES):
        return None
    try:
        cached = install_once(CACHED, build)
    except SetupError as error:
        return f"{error}; contamination and identity will see only what the reads themselves tell, unless `identity.sites` names a panel"
    home.mkdir(parents=True, exist_ok=True)
    for assembly in ASSEMBLIES:
        shutil.copy2(cached / file_name(assembly), home)
    return None
