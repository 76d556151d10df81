"""When something is due: the renewal of a certificate, and the next try after one that failed."""

from __future__ import annotations

import zlib

LIFE = 2 / 3  # of a certificate, after which it is renewed
SPREAD = 0.03  # of its life, by which renewals are spread
# Seconds to the next try. An authority that cannot be reached is asked again soon; one that has
# refused counts: Let's Encrypt allows five failures an hour for a name.
UNREACHED = (5, 10, 30, 60, 300, 900)
REFUSED = (60, 600, 1800, 3600, 3 * 3600, 6 * 3600)
LONGEST = 86400.0  # seconds that a Retry-After is believed


def renewal_at(name: str, begins: float, ends: float) -> float:
    """Return when a certificate is to be renewed; the same for the same certificate.

    The spread goes by the name, so that a thousand certificates of one day do not come at once.
    """
    life = ends - begins
    share = zlib.crc32(f"{name} {ends:.0f}".encode()) / 2**32
    return begins + life * (LIFE - SPREAD * share)


def next_try(now: float, failures: int, *, reached: bool, wait: float = 0.0) -> float:
    """Return when to try again after so many failures in a row, the last one included.

    `reached`: the authority was there and said no. `wait` is its Retry-After, in seconds.
    """
    pauses = REFUSED if reached else UNREACHED
    pause = pauses[min(failures, len(pauses)) - 1]
    return now + max(pause, min(wait, LONGEST))
