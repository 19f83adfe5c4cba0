"""The dated statement that a citizen gets after a withdrawal: what is gone, and what has left the building and cannot be called back."""

from collections.abc import Sequence
from dataclasses import dataclass

from workflow.beacon.records import BeaconRelease
from workflow.cohort_store.model import Version


@dataclass(frozen=True)
class Release:
    """A release of frequencies that was made: its number, the store's version, when, genomes in it, SHA-256 of its table."""

    number: int
    version: int
    when: str
    genomes: int
    sha256: str


@dataclass(frozen=True)
class Gone:
    """What a withdrawal did.

    Attributes:
        erased: the files are erased, not only no longer counted.
        forgotten: the fingerprint of the identity check is erased too.
        beacon_only: the genome is counted on, but not for the Beacon.
    """

    erased: bool
    forgotten: bool = False
    beacon_only: bool = False


KEPT = (
    "What tells whose sample is whose (genotypes at some thousand common sites, under a pseudonym) is part of your care and stays with the"
    " laboratory. It is erased if you no longer wish to be analysed at all.",
    "Det, der viser, hvis prøve der er hvis (genotyper på nogle tusind almindelige positioner, under pseudonym), hører til din behandling"
    " og bliver i laboratoriet. Det slettes, hvis du slet ikke længere ønsker at blive analyseret.",
)
FORGOTTEN = (
    "What told whose sample is whose (genotypes at some thousand common sites, under a pseudonym) is erased too. The laboratory's quality"
    " records (depth of reads and the like) stay with the record.",
    "Det, der viste, hvis prøve der er hvis (genotyper på nogle tusind almindelige positioner, under pseudonym), er også slettet."
    " Laboratoriets kvalitetsoptegnelser (læsedybde og lignende) bliver i journalen.",
)


def statement(samples: Sequence[str], since: Sequence[int], version: Version, releases: Sequence[Release],
              beacons: Sequence[BeaconRelease], gone: Gone) -> str:  # fmt: skip
    """Return the statement, Danish and English.

    Args:
        samples: names that were asked for.
        since: versions with which those who were there came in; empty if nobody was.
        version: the store after it.
        releases: all of frequencies that were made.
        beacons: all of the Beacon that were made.
        gone: what the withdrawal did.
    """
    outside = [] if gone.beacon_only else [one for one in releases if since and one.version >= min(since)]
    answered = [one for one in beacons if since and one.version >= min(since) and one.number]
    names, day = ", ".join(samples), version.when[:10]
    english = f"As of {day} (version {version.number} of the store) the genome of {names} is {_gone(gone)}."
    dansk = f"Pr. {day} (databasens version {version.number}): genomet fra {names} {_ude(gone)}."
    return "\n".join(
        [
            "# Udtræden af frekvensdatabasen / Withdrawal from the frequency store", "",
            dansk if since else _ikke(names, version), *([] if gone.beacon_only else _udgivelser(outside)), *_beacon_svar(answered), "",
            english if since else _absent(names, version), *([] if gone.beacon_only else _released(outside)), *_answered(answered), "",
            *(FORGOTTEN if gone.forgotten else KEPT),
            "The patient's record and the results that were given to the clinic are not part of this store and stay where they are.",
            "Journalen og de svar, som klinikken har fået, er ikke en del af databasen og berøres ikke.", "",
        ]
    )  # fmt: skip


def _gone(gone: Gone) -> str:
    if gone.beacon_only:
        return "no more counted for the Beacon; it is still counted in the frequency store"
    return (
        "counted no more, and erased from every file of the store"
        if gone.erased
        else "counted no more; its files are erased with the next change"
    )


def _ude(gone: Gone) -> str:
    if gone.beacon_only:
        return "tælles ikke længere med til Beacon; det tælles stadig med i frekvensdatabasen"
    return (
        "tælles ikke længere, og er slettet af alle databasens filer"
        if gone.erased
        else "tælles ikke længere; filerne slettes ved næste ændring"
    )


def _answered(beacons: Sequence[BeaconRelease]) -> list[str]:
    lines = [f"- release {one.number} of {one.when[:10]}" for one in beacons]
    return (
        ["The Beacon answers with sums that it may be part of until its next release; answers given cannot be called back:", *lines]
        if lines
        else []
    )


def _beacon_svar(beacons: Sequence[BeaconRelease]) -> list[str]:
    lines = [f"- udgave {one.number} af {one.when[:10]}" for one in beacons]
    what = "Beacon svarer med summer, som det kan indgå i, indtil dens næste udgave; svar, der er givet, kan ikke kaldes tilbage:"
    return [what, *lines] if lines else []


def _absent(names: str, version: Version) -> str:
    return f"As of {version.when[:10]} (version {version.number} of the store) there is no genome of {names} in it."


def _ikke(names: str, version: Version) -> str:
    return f"Pr. {version.when[:10]} (databasens version {version.number}) findes der intet genom fra {names} i den."


def _released(outside: Sequence[Release]) -> list[str]:
    if not outside:
        return ["No frequencies that the genome was counted in have left the centre."]
    lines = [f"- release {one.number} of {one.when[:10]} ({one.genomes} genomes, SHA-256 {one.sha256})" for one in outside]
    return ["Counts that it was part of have left the centre, as sums over many people, and cannot be called back:", *lines]


def _udgivelser(outside: Sequence[Release]) -> list[str]:
    if not outside:
        return ["Ingen frekvenser, som genomet var talt med i, er udgivet."]
    lines = [f"- udgivelse {one.number} af {one.when[:10]} ({one.genomes} genomer)" for one in outside]
    return ["Tal, som det indgik i, er udgivet som summer over mange mennesker og kan ikke kaldes tilbage:", *lines]
