"""What the Beacon answers instead of an answer: a status and one sentence, which never repeats what was asked."""


class BeaconError(Exception):
    """A request that is not answered.

    Attributes:
        status: HTTP status, also the Beacon's errorCode.
        message: what is wrong and what to do; nothing of the request, so that nothing of it comes into pages or logs.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message
