"""Where the base panel of an assembly lies: `make env` puts it into the environment, and keeps it in the cache of installed tools."""

import os
import sys
from pathlib import Path

from workflow.digests import ROOT
from workflow.remembered import remembered
from workflow.site_panel import read_panel

CACHED = "sites-1-peddy-0.4.8"  # the number grows when the panel is made in another way
FOLDER = Path("share", "genvej", CACHED)


def cache_root() -> Path:
    """Return the folder that installed tools are shared in between clones: GENVEJ_CACHE, else the user's cache folder."""
    if chosen := os.environ.get("GENVEJ_CACHE"):
        return Path(chosen).resolve()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache").resolve() / "genvej"


def file_name(assembly: str) -> str:
    """Return the name of an assembly's panel file."""
    return f"{assembly}.sites.tsv.gz"


def base_panel(assembly: str) -> Path | None:
    """Return the base panel of an assembly, None if this machine has none.

    Looked for in the running environment, in the project's own (a job under conda runs in another), and in the cache.
    """
    places = (Path(sys.prefix) / FOLDER, ROOT / ".venv" / FOLDER, cache_root() / CACHED)
    return next((folder / file_name(assembly) for folder in places if (folder / file_name(assembly)).is_file()), None)


def base_panel_digest(assembly: str) -> str | None:
    """Return the digest of the base panel's sites, None if this machine has none: a param that stays the same wherever the file lies."""
    place = base_panel(assembly)
    return str(remembered("panel 1", [place.read_bytes()], lambda: read_panel(place).digest)) if place else None
