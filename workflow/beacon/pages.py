"""The look-up page on top of the Beacon, in English (`/lookup`) and Danish (`/slaa-op`): it asks the same server as anybody."""

import json
from typing import Any

import yaml
from markupsafe import Markup

from workflow.beacon.documents import Documents
from workflow.page_frame import FOLDER, environment, inlined

PATHS = {"lookup": "en", "slaa-op": "da"}


class Pages:
    """The pages, made once: nothing in them depends on who asks."""

    def __init__(self, documents: Documents) -> None:
        words = yaml.safe_load((FOLDER / "beacon" / "words.yaml").read_text(encoding="utf-8"))
        self._parts = {**inlined("style", ("page.css", "beacon/beacon.css")), **inlined("script", ("beacon/beacon.js",))}
        self._html = {path: self._page(documents, words[language], language) for path, language in PATHS.items()}

    @property
    def names(self) -> tuple[str, ...]:
        """The pages' addresses."""
        return tuple(PATHS)

    def html(self, name: str) -> str:
        """Return a page."""
        return self._html[name]

    def policy(self, name: str) -> str:  # noqa: ARG002 - one policy serves every page
        """Return what a page may do: its own style and script, and ask this server."""
        style, script = self._parts["style_digest"], self._parts["script_digest"]
        return f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; connect-src 'self'; form-action 'none'"

    def _page(self, documents: Documents, words: dict[str, Any], language: str) -> str:
        told = json.dumps({**words["script"], "assembly": documents.release.assembly}, ensure_ascii=False)
        return (
            environment()
            .get_template("beacon/index.html.j2")
            .render(
                language=language, words=words, site=documents.site, release=documents.release,
                too_few="" if documents.release.number else words["too_few"].replace("{minimum}", str(documents.release.minimum)),
                terms=documents.filtering_terms()["response"]["filteringTerms"],
                script_words=Markup(told.replace("<", "\\u003c")), **self._parts,
            )
        )  # fmt: skip
