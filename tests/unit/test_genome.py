"""The reference as rules use it."""

import subprocess
from pathlib import Path

import pytest

from workflow.errors import InputError
from workflow.genome import load_genome
from workflow.settings import Settings, load_settings


def settings(folder: Path, caller: str) -> Settings:
    (folder / "ref.fa").write_text(f">MT\n{'A' * 16569}\n")
    subprocess.run(["bgzip", str(folder / "ref.fa")], check=True)
    reference = {"name": "GRCh38", "fasta": str(folder / "ref.fa.gz"), "index": str(folder / "indexes")}
    return load_settings({"samples": "s", "units": "u", "reference": reference, "caller": caller})


def test_load_genome_links_a_compressed_reference_and_its_indexes_into_the_index_folder(tmp_path: Path) -> None:
    genome = load_genome(settings(tmp_path, "gatk"))
    assert Path(genome.fasta).resolve() == (tmp_path / "ref.fa.gz").resolve()
    assert genome.dictionary == str(tmp_path / "indexes" / "ref.dict")
    assert sorted(path.name for path in (tmp_path / "indexes").iterdir()) == ["ref.fa.gz", "ref.fa.gz.fai", "ref.fa.gz.gzi"]


def test_load_genome_refuses_a_compressed_reference_for_freebayes(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"freebayes reads no compressed reference; unpack it"):
        load_genome(settings(tmp_path, "freebayes"))
