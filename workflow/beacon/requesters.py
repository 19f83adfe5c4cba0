"""Who asks: tokens (kept as hashes only), look-ups a day, requests a second. What is refused is refused alike for every question."""

import hashlib
import re
import secrets
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from workflow.beacon.errors import BeaconError
from workflow.errors import InputError
from workflow.files import read_json, write_json
from workflow.run_record import now

FILE = "requesters.json"
PUBLIC = "public"
ADDRESSES_KEPT = 10_000
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


@dataclass(frozen=True)
class Requester:
    """Who has a token: the name of an institution or a project, never of a person; look-ups a day."""

    name: str
    budget: int
    made: str = ""


@dataclass(frozen=True)
class Allowance:
    """What may be asked.

    Attributes:
        rate: requests a second of each requester; twice as many at once.
        address: look-ups a day from one address without a token.
        public: look-ups a day without a token, all addresses together.
    """

    rate: float = 300.0
    address: int = 10_000
    public: int = 200_000


def hashed(token: str) -> str:
    """Return a token as it is kept; it is random (256 bits), so a plain SHA-256 cannot be turned back."""
    return hashlib.sha256(token.encode()).hexdigest()


def read_requesters(folder: Path) -> dict[str, Requester]:
    """Return the requesters by the hash of their token."""
    file = folder / FILE
    return {digest: Requester(**record) for digest, record in read_json(file).items()} if file.exists() else {}


def add_requester(folder: Path, name: str, budget: int) -> str:
    """Make a token for a requester and return it; an older one of the name is good no more.

    Raises:
        InputError: the name is not one, or is taken by all who have no token.
    """
    if not _NAME.fullmatch(name) or name == PUBLIC:
        what = "that is no name of a requester"
        raise InputError(what, remedy="use small letters, digits, `_`, `.`, `-`; an institution or a project, no person")
    token = secrets.token_urlsafe(32)
    kept = {digest: asdict(one) for digest, one in read_requesters(folder).items() if one.name != name}
    write_json(folder / FILE, kept | {hashed(token): asdict(Requester(name, budget, now()))})
    (folder / FILE).chmod(0o600)
    return token


def remove_requester(folder: Path, name: str) -> None:
    """Make a requester's token good no more.

    Raises:
        InputError: nobody has that name.
    """
    known = read_requesters(folder)
    kept = {digest: asdict(one) for digest, one in known.items() if one.name != name}
    if len(kept) == len(known):
        raise InputError("no requester has that name", remedy="see the names in `requesters.json`")
    write_json(folder / FILE, kept)
    (folder / FILE).chmod(0o600)


class Door:
    """Lets requests in, and counts look-ups.

    Args:
        requesters: by the hash of their token.
        allowance: of all.
        used: look-ups today by requester, as the log has them.
        clock: seconds; days change at midnight (UTC).
    """

    def __init__(
        self, requesters: Mapping[str, Requester], allowance: Allowance, used: Counter[str], clock: Callable[[], float] = time.time
    ) -> None:
        self._requesters, self._allowance, self._clock = requesters, allowance, clock
        self._used, self._day = Counter(used), int(clock() // 86_400)
        self._addresses: OrderedDict[str, int] = OrderedDict()
        self._tokens: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def who(self, authorization: str | None) -> Requester | None:
        """Return who has sent a token, None without one.

        Raises:
            BeaconError: the token is not good.
        """
        if authorization is None:
            return None
        kind, _, token = authorization.partition(" ")
        found = self._requesters.get(hashed(token.strip())) if kind.lower() == "bearer" else None
        if found is None:
            raise BeaconError(401, "That token is not good here; ask without one, or with a new one.")
        return found

    def enter(self, requester: Requester | None, address: str) -> None:
        """Let in a request, or refuse it.

        Raises:
            BeaconError: too many a second.
        """
        key = f"token {requester.name}" if requester else f"address {address}"
        time_, most = self._clock(), 2 * self._allowance.rate
        left, last = self._tokens.get(key, (most, time_))
        left = min(most, left + (time_ - last) * self._allowance.rate)
        self._tokens[key] = (max(0.0, left - 1), time_)
        self._tokens.move_to_end(key)
        if len(self._tokens) > ADDRESSES_KEPT:
            self._tokens.popitem(last=False)
        if left < 1:
            raise BeaconError(429, "Too many requests at once; wait a second.")

    def count(self, requester: Requester | None, address: str) -> None:
        """Count a look-up.

        Raises:
            BeaconError: the day's look-ups are used up.
        """
        if (day := int(self._clock() // 86_400)) != self._day:
            self._day = day
            self._used.clear()
            self._addresses.clear()
        name = requester.name if requester else PUBLIC
        over = self._used[name] >= (requester.budget if requester else self._allowance.public)
        if over or (not requester and self._addresses.get(address, 0) >= self._allowance.address):
            raise BeaconError(429, "The look-ups of today are used up; come back tomorrow (UTC), or ask for a larger budget.")
        self._used[name] += 1
        if not requester:
            self._addresses[address] = self._addresses.get(address, 0) + 1
            if len(self._addresses) > ADDRESSES_KEPT:
                self._addresses.popitem(last=False)
