"""An HPO release made ready once and kept compiled, so that the next case loads it in a fraction of a second.

The compiled form is a NumPy archive without pickled objects in `${GENVEJ_CACHE:-${XDG_CACHE_HOME:-~/.cache}/genvej}/hpo`, named by a digest
of the release's files, of the solved cases and of the code that makes it: another release or another version never meets it. It is
written whole or not at all; where it cannot be written or read, the release is read anew.
"""

import contextlib
import hashlib
import os
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from workflow.case_base import CaseBase, read_cases, with_cases
from workflow.digests import ROOT, files_behind
from workflow.files import atomic, sha256_of
from workflow.hpo_annotations import Annotations, Mode, pair_file, read_annotations
from workflow.ontology import Ontology
from workflow.phenotype import PhenotypeModel
from workflow.propagation import Shown

ARRAYS = ("disease", "term", "observed", "examined", "gene_of", "disease_of")
SEPARATOR = "\x1f"


def cache_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder in which compiled releases are kept."""
    home = environment.get("XDG_CACHE_HOME") or Path(environment.get("HOME", ".")) / ".cache"
    return Path(environment.get("GENVEJ_CACHE") or Path(home) / "genvej") / "hpo"


def load_model(hpo: Path, ontology: Ontology, solved_cases: Path | None = None) -> PhenotypeModel:
    """Return the model of a release, with solved cases where a file of them is named.

    Raises:
        InputError: a file is missing or is not what its name says.
    """
    cases = CaseBase(ontology, read_cases(solved_cases, ontology)) if solved_cases else None
    kept = cache_folder(os.environ) / f"{_digest(hpo, solved_cases)}.npz"
    with contextlib.suppress(OSError, ValueError, KeyError, zipfile.BadZipFile):
        annotations, shown = _unpack(kept)
        return PhenotypeModel(ontology, annotations, cases=cases, shown=shown)
    annotations = read_annotations(hpo, ontology)
    model = PhenotypeModel(ontology, with_cases(annotations, cases.cases) if cases else annotations, cases=cases)
    with contextlib.suppress(OSError), atomic(kept) as part:
        _pack(part, model)
    return model


def _digest(hpo: Path, solved_cases: Path | None) -> str:
    """Return 24 hexadecimal digits that stand for the content of the files and for the code; "" in place of a file that is missing."""
    files = [hpo / "hp.obo", hpo / "phenotype.hpoa", pair_file(hpo), *([solved_cases] if solved_cases else [])]
    text = [sha256_of(file) if file.is_file() else "" for file in files] + [_code()]
    return hashlib.sha256("\n".join(text).encode()).hexdigest()[:24]


@cache
def _code() -> str:
    """Return a digest of the modules that make the compiled form."""
    digest = hashlib.sha256()
    for file in files_behind(ROOT / "workflow" / "phenotype.py"):
        digest.update(file.read_bytes())
    return digest.hexdigest() + np.__version__


def _pack(path: Path, model: PhenotypeModel) -> None:
    one, shown = model.annotations, model.shown
    texts = {
        "diseases": [text for disease in one.diseases for text in disease],
        "references": one.references,
        "genes": one.genes,
        "modes": [f"{disease}:{mode}" for disease, modes in one.modes.items() for mode in sorted(modes)],
        "onsets": [f"{disease}:{term}" for disease, terms in one.onsets.items() for term in terms],
    }
    arrays: dict[str, Any] = {name: getattr(one, name) for name in ARRAYS}
    arrays |= {name: np.frombuffer(SEPARATOR.join(values).encode(), np.uint8) for name, values in texts.items()}
    arrays |= {"offsets": shown.offsets, "shown_by": shown.disease.astype(np.int32), "frequency": shown.frequency}
    with open(path, "wb") as handle:
        np.savez(handle, **arrays)


def _unpack(path: Path) -> tuple[Annotations, Shown]:
    with np.load(path, allow_pickle=False) as kept:
        texts = {name: _texts(kept[name]) for name in ("diseases", "references", "genes", "modes", "onsets")}
        modes: dict[int, frozenset[Mode]] = {}
        for disease, mode in (text.split(":", 1) for text in texts["modes"]):
            modes[int(disease)] = modes.get(int(disease), frozenset()) | {Mode(mode)}
        onsets: dict[int, tuple[str, ...]] = {}
        for disease, term in (text.split(":", 1) for text in texts["onsets"]):
            onsets[int(disease)] = (*onsets.get(int(disease), ()), term)
        annotations = Annotations(
            diseases=tuple(zip(texts["diseases"][::2], texts["diseases"][1::2], strict=True)),
            references=tuple(texts["references"]), genes=tuple(texts["genes"]), modes=modes, onsets=onsets,
            **{name: kept[name] for name in ARRAYS},
        )  # fmt: skip
        return annotations, Shown(kept["offsets"], kept["shown_by"].astype(np.int64), kept["frequency"])


def _texts(packed: Any) -> list[str]:
    text = packed.tobytes().decode()
    return text.split(SEPARATOR) if text else []
