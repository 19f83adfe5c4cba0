"""The dated statement that a citizen gets after a withdrawal: what is gone, and what has left the building and cannot be called back."""

from collections.abc import Sequence
from dataclasses import dataclass

from workflow.cohort_store.model import Version


@dataclass(frozen=True)
class Release:
    """A release of frequencies that was made: its number, the store's version, when, genomes in it, SHA-256 of its table."""

    number: int
    version: int
    when: str
    genomes: int
    sha256: str


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


def statement(samples: Sequence[str], since: Sequence[int], version: Version, releases: Sequence[Release], *, erased: bool,
              forgotten: bool = False) -> str:  # fmt: skip
    """Return the statement, Danish and English.

    Args:
        samples: names that were asked for.
        since: versions with which those who were there came in; empty if nobody was.
        version: the store after it.
        releases: all that were made.
        erased: the files are erased, not only no longer counted.
        forgotten: the fingerprint of the identity check is erased too.
    """
    outside = [one for one in releases if since and one.version >= min(since)]
    names, day = ", ".join(samples), version.when[:10]
    gone = (
        "counted no more, and erased from every file of the store"
        if erased
        else "counted no more; its files are erased with the next change"
    )
    out = (
        "tælles ikke længere, og er slettet af alle databasens filer"
        if erased
        else "tælles ikke længere; filerne slettes ved næste ændring"
    )
    english = f"As of {day} (version {version.number} of the store) the genome of {names} is {gone}." if since else _absent(names, version)
    dansk = f"Pr. {day} (databasens version {version.number}): genomet fra {names} {out}." if since else _ikke(names, version)
    return "\n".join(
        [
            "# Udtræden af frekvensdatabasen / Withdrawal from the frequency store", "", dansk, *_udgivelser(outside), "",
            english, *_released(outside), "",
            *(FORGOTTEN if forgotten else KEPT),
            "The patient's record and the results that were given to the clinic are not part of this store and stay where they are.",
            "Journalen og de svar, som klinikken har fået, er ikke en del af databasen og berøres ikke.", "",
        ]
    )  # fmt: skip


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
