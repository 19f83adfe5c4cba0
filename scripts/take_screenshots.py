"""Pictures of pages for README and manual, taken in headless Chromium: `python -m scripts.take_screenshots PAGE FOLDER [--of release]`.

A page that is served is named by its address, such as `http://127.0.0.1:5050/lookup#1-156134910-C-T` of `make beacon`, with `--of lookup`.
"""

import argparse
import html
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from workflow.errors import InputError
from workflow.files import atomic

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars --disable-sync"
STYLE = "body { margin: 0 } iframe { border: 0; width: 100vw; height: 100vh; display: block }"
FRAME = f'<style>{STYLE}</style><iframe src="%s"></iframe>'
"""A page scrolled to a part leaves Chromium's picture empty; inside a frame it does not."""
QUIET = "--disable-background-networking --disable-component-update"


@dataclass(frozen=True)
class Shot:
    """One picture: its name, the part of the page (an id, or empty for the top), the window in CSS pixels, and pixels for each."""

    name: str
    part: str
    width: int
    height: int
    scale: float = 1


SHOTS = {
    "case": (
        Shot("report_desktop", "", 1280, 1000),
        Shot("report_evidence", "candidate-1", 1280, 2150, 0.8),
        Shot("report_gaps", "gaps", 1280, 1000),
        Shot("report_phone", "", 390, 1400),
    ),
    "release": (
        Shot("release_desktop", "", 1400, 2330, 0.8),
        Shot("release_margins", "margins", 1400, 1180),
        Shot("release_identity", "relations", 1400, 1780, 0.8),
        Shot("release_phone", "", 390, 1500),
    ),
    "cohort": (
        Shot("cohort_desktop", "", 1280, 2500, 0.8),
        Shot("cohort_phone", "", 390, 1500),
    ),
    "lookup": (
        Shot("lookup_desktop", "", 900, 1010),
        Shot("lookup_phone", "", 500, 1100),
    ),
    "plan": (
        Shot("plan_desktop", "", 1280, 1900, 0.8),
        Shot("plan_phone", "", 390, 1700),
    ),
}


def address_of(shot: Shot, page: str, scratch: Path) -> str:
    """Return the address that a picture is taken of: a page in a file inside of a frame, one that is served itself."""
    if page.startswith("http://"):
        return page
    frame = scratch / "frame.html"
    frame.write_text(FRAME % html.escape(f"{Path(page).resolve().as_uri()}#{shot.part}"), encoding="utf-8")
    return frame.as_uri()


def take(shot: Shot, page: str, folder: Path) -> Path:
    """Write one picture as PNG and return its path.

    Raises:
        InputError: there is no Chromium on PATH.
    """
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise InputError("there is no Chromium on PATH", remedy="install it (`apt-get install chromium`)")
    target = folder / f"{shot.name}.png"
    with tempfile.TemporaryDirectory() as scratch, atomic(target) as part:
        window = [
            f"--user-data-dir={scratch}/profile",
            f"--window-size={shot.width},{shot.height}",
            f"--force-device-scale-factor={shot.scale}",
            f"--screenshot={part}",
            "--virtual-time-budget=4000",
        ]
        command = [browser, *OPTIONS.split(), *QUIET.split(), *window, address_of(shot, page, Path(scratch))]
        subprocess.run(command, check=True, capture_output=True, timeout=120, stdin=subprocess.DEVNULL)
    return target


def main() -> None:
    """Read the command line and take every picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", help="report.html of a case, index.html of a release or of a store; the address of a page that is served")
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--of", choices=SHOTS, default="case", help="what the page is of (default: case)")
    options = parser.parse_args()
    for shot in SHOTS[options.of]:
        path = take(shot, options.page, options.folder)
        print(f"{path}: {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
