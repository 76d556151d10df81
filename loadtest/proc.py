"""What /proc tells about all processes of one program: CPU time, memory, who they are.

A family is every process descended from one, or left in the session it leads: workers whose
master is dead have another parent, and still the session.
"""

import contextlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

_TICK = 1.0 / os.sysconf("SC_CLK_TCK")  # seconds
_KIB = 1024
_SETTLED = 65536  # octets that do not count as a change
_SETTLING = 0.5  # seconds without a change
_UNSETTLED = 10.0  # seconds after which memory is taken as it is


@dataclass(frozen=True, slots=True)
class Process:
    """One line of /proc/PID/stat (proc(5))."""

    pid: int
    parent: int
    session: int
    zombie: bool
    cpu: float  # seconds, user and system, of it and of the children it has reaped
    own_cpu: float  # seconds, of it alone
    born: int  # ticks since boot: tells a process from a later one of the same pid
    faults: int = 0  # pages that it touched first and that were in memory


@dataclass(frozen=True, slots=True)
class Memory:
    """Octets, summed over processes.

    Attributes:
        rss: counts a shared page once for each process that has it.
        pss: counts it once, divided among them.
    """

    rss: int
    pss: int


def parse_stat(line: str) -> Process:
    """Parse /proc/PID/stat. The name in it may hold blanks and parentheses."""
    head, _, tail = line.rpartition(")")
    fields = tail.split()
    own = int(fields[11]) + int(fields[12])
    reaped = int(fields[13]) + int(fields[14])
    return Process(
        pid=int(head.partition(" ")[0]),
        parent=int(fields[1]),
        session=int(fields[3]),
        zombie=fields[0] in "ZX",
        cpu=(own + reaped) * _TICK,
        own_cpu=own * _TICK,
        born=int(fields[19]),
        faults=int(fields[7]),
    )


def related(root: int, processes: list[Process]) -> list[Process]:
    """Return those of the family of `root`: its session, its descendants, itself."""
    members = {process.pid for process in processes if root in (process.pid, process.session)}
    size = -1
    while size != len(members):
        size = len(members)
        members |= {process.pid for process in processes if process.parent in members}
    return [process for process in processes if process.pid in members]


def family(root: int) -> list[Process]:
    """Return the family of `root` that is there now, zombies too."""
    return related(root, _all())


def living(root: int) -> list[Process]:
    """Return the family of `root` without those that only wait to be reaped."""
    return [process for process in family(root) if not process.zombie]


def _all() -> list[Process]:
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            # It may end between the listing and the reading.
            with contextlib.suppress(OSError):
                found.append(parse_stat(Path("/proc", entry, "stat").read_text()))
    return found


def alive(process: Process) -> bool:
    """Tell whether this very process still runs."""
    try:
        now = parse_stat(Path("/proc", str(process.pid), "stat").read_text())
    except OSError:
        return False
    return now.born == process.born and not now.zombie


def cpu_seconds(root: int) -> float:
    """Return the CPU time of the family so far.

    That of a worker which ended is in its parent's account as soon as it is reaped, so
    nothing is lost over a reload. It is only when both are gone.
    """
    return sum(process.cpu for process in family(root))


def minor_faults(root: int) -> int:
    """Return how many pages the family touched first so far, each a stop of some microseconds."""
    return sum(process.faults for process in living(root))


def memory(root: int) -> Memory:
    """Return what the family occupies."""
    rss = pss = 0
    for process in living(root):
        with contextlib.suppress(OSError):
            rollup = parse_rollup(Path("/proc", str(process.pid), "smaps_rollup").read_text())
            rss, pss = rss + rollup.rss, pss + rollup.pss
    return Memory(rss, pss)


def settled(root: int) -> Memory:
    """Return what the family occupies once it no longer changes."""
    now = time.monotonic()
    until = now + _UNSETTLED
    found, since = memory(root), now
    while now < until and now - since < _SETTLING:
        time.sleep(0.1)
        now, latest = time.monotonic(), memory(root)
        if abs(latest.pss - found.pss) > _SETTLED:
            found, since = latest, now
    return memory(root)


def parse_rollup(text: str) -> Memory:
    """Parse /proc/PID/smaps_rollup."""
    values = {}
    for line in text.splitlines()[1:]:
        name, _, rest = line.partition(":")
        values[name] = int(rest.split()[0]) * _KIB
    return Memory(values["Rss"], values["Pss"])
