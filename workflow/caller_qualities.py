"""What the caller itself thought of the calls of a member, out of its gVCF."""

from collections.abc import Iterable, Iterator, Mapping

Alleles = dict[tuple[str, str], float]
NON_REF = "<NON_REF>"
STRONG = 50.0
"""QUAL from which a member's own call cannot be missing among the joint ones."""


def shortest(ref: str, alt: str) -> tuple[str, str]:
    """Return two alleles without the bases they end in alike; each keeps one base."""
    while len(ref) > 1 and len(alt) > 1 and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    return ref, alt


def caller_records(lines: Iterable[str], contigs: Mapping[str, int]) -> Iterator[tuple[tuple[int, int], Alleles]]:
    """Yield ((number of the contig, position), {alleles: QUAL}) of the variants in the lines of a gVCF."""
    for line in lines:
        if line.startswith("#"):
            continue
        contig, pos, _, ref, alts, qual, _ = line.split("\t", 6)
        if alts != NON_REF and qual != ".":
            yield (contigs[contig], int(pos)), {shortest(ref, alt): float(qual) for alt in alts.split(",") if alt != NON_REF}


class CallerQualities:
    """What the caller thought of each call of one member, read in step with the joint calls."""

    def __init__(self, records: Iterator[tuple[tuple[int, int], Alleles]]) -> None:
        self.unasked: list[tuple[int, int]] = []  # places of strong calls that no joint call stands at
        self._records = records
        self._next = next(records, None)
        self._place, self._found = (-1, 0), Alleles()

    def at(self, place: tuple[int, int]) -> Alleles:
        """Return {alleles: QUAL} at a place; places must be asked in ascending order."""
        while self._next and self._next[0] <= place:
            same = self._next[0] == self._place
            if self._next[0] < place and not same and max(self._next[1].values()) >= STRONG:
                self.unasked.append(self._next[0])
            self._place, self._found = self._next[0], {**(self._found if same else {}), **self._next[1]}
            self._next = next(self._records, None)
        return self._found if self._place == place else {}
