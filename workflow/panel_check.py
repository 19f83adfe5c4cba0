"""The panel of common variants looked at before the first job: of this assembly, readable, or loudly absent."""

import sys

from workflow.errors import InputError
from workflow.panel_places import base_panel
from workflow.settings import Settings
from workflow.site_panel import read_panel


def check_panel(settings: Settings) -> None:
    """Refuse a laboratory's own panel that is none or of another assembly; say so where there is no panel at all.

    Raises:
        InputError: naming the panel's file.
    """
    own, assembly = settings.identity.sites, settings.reference.name
    if own is None:
        if base_panel(assembly) is None:
            print(
                f"genvej: there is no panel of common variants for {assembly}: what needs one is reported as not evaluated; "
                "`make env` prepares it, or name one under `identity.sites`",
                file=sys.stderr,
            )
        return
    panel = read_panel(own)
    if panel.assembly != assembly:
        what = f"the panel is of {panel.assembly}, the reference is {assembly}"
        raise InputError(what, file=own, remedy="give the panel of this assembly (`identity.sites`)")
    if not len(panel):
        raise InputError("the panel has no site", file=own, remedy="give another, or leave `identity.sites` out")
