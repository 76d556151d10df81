"""Work in several processes at once."""

import os
from collections.abc import Callable


def in_children(count: int, work: Callable[[int], int | None]) -> list[int]:
    """Run work(number) in forked processes, wait for all, return their exit statuses."""
    pids = []
    for number in range(count):
        pid = os.fork()  # noqa: TID251
        if pid == 0:
            try:
                os._exit(work(number) or 0)
            except BaseException:
                os._exit(99)
        pids.append(pid)
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
