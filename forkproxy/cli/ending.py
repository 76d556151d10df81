"""How a command ends that has read a large configuration: at once."""

from __future__ import annotations

import atexit
import gc


def collect_no_more() -> None:
    """Leave the memory of this process, which ends soon, to the kernel.

    To look for garbage among a million objects that stay, and once more when the interpreter
    ends, is a sixth of the time that a check of ten thousand servers takes.
    """
    gc.disable()
    atexit.register(gc.freeze)
