"""How a health check came out, by the numbers and names that HAProxy has for it."""

from __future__ import annotations

from enum import IntEnum

from forkproxy.errors import PeerError


class Outcome(IntEnum):
    """What the last check of a peer found; 0 while none has been made."""

    NONE = 0
    L4OK = 6
    L4TOUT = 7
    L4CON = 8
    L7TOUT = 12
    L7RSP = 13
    L7OK = 15
    L7STS = 17

    @property
    def passed(self) -> bool:
        """Whether the peer works."""
        return self in (Outcome.L4OK, Outcome.L7OK)


TEXTS = {
    Outcome.L4OK: "Layer4 check passed",
    Outcome.L4TOUT: "Layer4 timeout",
    Outcome.L4CON: "Layer4 connection problem",
    Outcome.L7TOUT: "Layer7 timeout",
    Outcome.L7RSP: "Layer7 invalid response",
    Outcome.L7OK: "Layer7 check passed",
    Outcome.L7STS: "Layer7 wrong status",
}


def outcome_of(error: PeerError) -> Outcome:
    """Return what a check has come to that ended so."""
    if error.status == 504:
        return Outcome.L7TOUT if error.sent else Outcome.L4TOUT
    return Outcome.L7RSP if error.sent else Outcome.L4CON
