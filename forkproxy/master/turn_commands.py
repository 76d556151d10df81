"""What can be asked about the turns of the loops, and that they are looked at closely."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from forkproxy.master import turns
from forkproxy.master.administration import Command, Master
from forkproxy.master.reply import Refused, Reply
from forkproxy.shared.scoreboard import Cell

SWITCH = {"on": 1, "off": 0}
COLUMNS = ("turns", "p50", "p99", "p99.9", "longest", "time")


def workers(master: Master) -> list[dict[str, Any]]:
    """Return the turns of each worker that serves."""
    board = master.counted.cells.board
    found = []
    for slot, pid, row, _generation in master.facts().workers:
        run, delay = turns.spent(pid)
        own = {"id": slot, "pid": pid, "run": run, "delay": delay}
        found.append(own | turns.of_row(board, row))
    return found


def _turns(master: Master, _arguments: Sequence[str], _client: int) -> Reply:
    found = workers(master)
    names = ("id", "pid", *COLUMNS)
    lines = [f"# {' '.join(names)}"]
    lines += [" ".join(str(one[name]) for name in names) for one in found]
    return Reply("\n".join(lines), {"turns": found})


def _profiling(master: Master, arguments: Sequence[str], _client: int) -> Reply:
    wanted = SWITCH.get(arguments[0])
    if wanted is None:
        raise Refused("'profiling' expects 'on' or 'off'", "BadArguments")
    master.counted.cells.store(Cell.PROFILING, wanted)
    return Reply(f"profiling is {arguments[0]}", {"profiling": arguments[0]})


COMMANDS = (
    Command("turns", (), "how long the turns of the workers' loops are, in microseconds", _turns),
    Command(
        "profiling", ("on|off",), "find out what turns are held up by", _profiling, changes=True
    ),
)
