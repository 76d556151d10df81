"""Which run of the machine this is: what was written in another one may not have reached the disk.

Of a file that grew from its front, what is lost then is the end, and its size says so. Of one with
holes nothing would tell.
"""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

_SAYS = Path("/proc/sys/kernel/random/boot_id")


def number(path: Path = _SAYS) -> int:
    """Return 32 bits that are others after a start of the machine; 0 where nothing tells."""
    said = b""
    with contextlib.suppress(OSError):
        said = path.read_bytes()
    return int.from_bytes(hashlib.blake2b(said, digest_size=4).digest()) if said else 0


NUMBER = number()
