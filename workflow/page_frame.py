"""What every page of ours is made with: templates that escape, style and script inside, and their digests for the page's policy."""

import base64
import hashlib
from collections.abc import Iterable
from pathlib import Path

import jinja2
from markupsafe import Markup

FOLDER = Path(__file__).parent / "report"


def environment() -> jinja2.Environment:
    """Return what renders the templates of workflow/report/; a name that is missing is an error."""
    loader = jinja2.FileSystemLoader(FOLDER)
    return jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def inlined(name: str, files: Iterable[str]) -> dict[str, Markup | str]:
    """Return `{name, name_digest}`: files of workflow/report/ behind each other, and the SHA-256 by which the page allows them."""
    text = "".join((FOLDER / file).read_text(encoding="utf-8") for file in files)
    return {name: Markup(text), f"{name}_digest": base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}
